"""Dumps of certutil -asn turned back into bytes: whole, damaged by mail, cut anywhere."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.inspector.artifact.certutil_dump import find_dumps
from tests.support.asn_dump import certutil_asn
from tests.support.certificates import captured_certificates
from tests.support.certification_requests import REAL_REQUESTS, real_request
from tests.support.story import authority, certificate, phone_csr

# The form of a fragment without offsets, and of one that begins inside a certificate.
NO_OFFSETS = """
    06 03                   ; OBJECT_ID (3 Bytes)
    |  55 04 03             ; Common Name (CN)
    13 06                   ; PRINTABLE_STRING (6 Bytes)
       54 65 73 74 43 4e    ;   TestCN
"""
INSIDE = """This is what I get:

        |  |        |     ; Common Name (CN)

00f1:    |  |        13 09                      ; PRINTABLE_STRING (9 Bytes)

00f3:    |  |           44 45 56 49 43 45 2d 31  00   ; DEVICE-1

        |  |              ; "DEVICE-1"

Please help.
"""


def whole(text: str) -> bytes | None:
    (dump,) = find_dumps(text)
    return dump.der


@pytest.mark.parametrize("der", [certificate(), authority().certificate, phone_csr()])
def test_a_whole_dump_gives_the_bytes(der: bytes) -> None:
    assert whole(certutil_asn(der)) == der
    assert whole(certutil_asn(der, offsets=False)) == der


@pytest.mark.parametrize("name", REAL_REQUESTS)
def test_real_requests_come_back(name: tuple[str, str]) -> None:
    assert whole(certutil_asn(real_request(name))) == real_request(name)


def test_real_certificates_come_back() -> None:
    for der in captured_certificates():
        assert whole(certutil_asn(der)) == der


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace(" ", "\xa0"),
        lambda text: text.replace("\n", "\n\n"),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "> " + text.replace("\n", "\n> "),
        lambda text: "C:\\>certutil -asn x.cer\n" + text + "\nthanks\n",
        lambda text: text.upper().replace("; ", ";"),
        lambda text: re.sub(r";.*", "", text),
        lambda text: re.sub(r"\((\w+) Bytes\)", r"(\1 바이트)", text),
    ],
)
def test_damage_by_mails_and_languages(damage) -> None:
    assert whole(damage(certutil_asn(certificate()))) == certificate()


def test_an_ascii_column_behind_a_bar() -> None:
    text = re.sub(r"; (?=\S)", "| ", certutil_asn(certificate(), offsets=True))
    assert whole(text) == certificate()


def test_a_fragment_without_offsets() -> None:
    (dump,) = find_dumps(NO_OFFSETS)
    assert dump.der is None
    assert [(run.offset, run.data) for run in dump.runs] == [
        (None, bytes.fromhex("06035504031306") + b"TestCN")
    ]
    assert dump.line == 2


def test_a_fragment_from_inside_with_the_remark_before_it() -> None:
    (dump,) = find_dumps(INSIDE)
    assert [(run.offset, run.data) for run in dump.runs] == [(0xF1, b"\x13\x09DEVICE-1\0")]
    assert dump.comment == "Common Name (CN)"
    assert dump.line == 5


def test_prose_parts_two_dumps() -> None:
    assert len(find_dumps(f"{NO_OFFSETS}\nand the other one:\n{NO_OFFSETS}")) == 2
    assert len(find_dumps(NO_OFFSETS + INSIDE)) == 2


def test_each_missing_line_leaves_a_gap_and_no_wrong_bytes() -> None:
    lines = certutil_asn(certificate()).splitlines()
    for number, line in enumerate(lines):
        has_bytes = line[:4].strip() and not line.startswith("CertUtil")
        dumps = find_dumps("\n".join(lines[:number] + lines[number + 1 :]))
        if not has_bytes:
            assert [dump.der for dump in dumps] == [certificate()]
            continue
        assert all(dump.der is None for dump in dumps)
        for dump in dumps:
            for run in dump.runs:
                assert run.offset is not None
                end = run.offset + len(run.data)
                assert certificate()[run.offset : end] == run.data


def test_every_cut_gives_the_beginning() -> None:
    text = certutil_asn(certificate())
    for end in range(0, len(text) - 60, 37):
        found = find_dumps(text[:end])
        assert len(found) <= 1
        # A line that is cut inside its bytes may show fewer of them, never others.
        data = found[0].runs[0].data if found else b""
        assert certificate().startswith(data)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "be; or not to be\n",
        "12:30: the phone asks\n",
        "add cafe dead beef\n",
        "fe80: is an address; 00 is not",
        "ab cd\nef 01\n",
        "|  |  |\n; nothing\n",
    ],
)
def test_prose_is_no_dump(text: str) -> None:
    assert find_dumps(text) == ()


@given(st.text(max_size=300))
def test_any_text_is_answered(text: str) -> None:
    for dump in find_dumps(text):
        assert dump.size >= 4


@given(st.integers(0, 2**32))
def test_lines_in_any_order_are_answered(seed: int) -> None:
    lines = certutil_asn(certificate()).splitlines()[:60]
    random.Random(seed).shuffle(lines)
    for dump in find_dumps("\n".join(lines)):
        assert dump.der is None


def test_a_long_text_ends_in_bounds() -> None:
    text = "".join(f"{at:08x}: 00 01 02 03 04 05 06 07\n" for at in range(0, 1 << 17, 8))
    assert sum(dump.size for dump in find_dumps(text)) <= 1 << 17
