"""The table of suite names against tshark's, which was written by others."""

from __future__ import annotations

import subprocess

import pytest

from mdmcore.tls_wire.suites import SIGNALS, SUITE_NAMES, is_grease, suite_name
from tests.support.requirements import require_program


def test_each_name_is_that_of_wireshark() -> None:
    done = subprocess.run(
        [require_program("tshark"), "-G", "values"],
        capture_output=True,
        check=False,
        timeout=60,
    )
    theirs = {}
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        kind, _, rest = line.partition("\t")
        if kind == "V" and rest.startswith("tls.handshake.ciphersuite\t"):
            _, number, name = rest.split("\t")
            theirs[int(number, 0)] = name
    assert {number: theirs[number] for number in SUITE_NAMES} == dict(SUITE_NAMES)


def test_an_unknown_suite_is_shown_by_its_number() -> None:
    assert suite_name(0x000A) == "TLS_RSA_WITH_3DES_EDE_CBC_SHA"
    assert suite_name(0xABCD) == "0xABCD"
    assert SUITE_NAMES.keys() > SIGNALS


@pytest.mark.parametrize("number", [0x0A0A, 0x1A1A, 0xFAFA])
def test_grease_is_told(number: int) -> None:
    assert is_grease(number)


@pytest.mark.parametrize("number", [0x0A1A, 0x000A, 0x1301, 0x0303])
def test_what_is_no_grease(number: int) -> None:
    assert not is_grease(number)
