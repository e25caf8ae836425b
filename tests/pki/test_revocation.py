"""Revocation lists, beside what openssl says of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mdmcore.errors import Asn1Error
from mdmcore.pki.revocation import parse_revocation_list
from tests.support.openssl import openssl_output
from tests.support.tls_chains import BEGIN, END, revocation_list, root

LIST = revocation_list(root(), revoked=[7, 9])


def test_it_agrees_with_openssl() -> None:
    said = openssl_output(
        "crl", "-inform", "DER", "-noout", "-lastupdate", "-nextupdate", data=LIST
    )
    found = parse_revocation_list(LIST)
    assert found.next_update is not None
    for name, time in (("lastUpdate", found.this_update), ("nextUpdate", found.next_update)):
        assert f"{name}={time:%b} {time.day:2} {time:%H:%M:%S %Y} GMT" in said.decode()


def test_pem_is_read_too() -> None:
    pem = openssl_output("crl", "-inform", "DER", "-outform", "PEM", data=LIST)
    assert parse_revocation_list(pem) == parse_revocation_list(LIST)


@pytest.mark.parametrize("cut", [0, 1, 20, len(LIST) - 1])
def test_a_part_is_none(cut: int) -> None:
    with pytest.raises(Asn1Error, match="no revocation list"):
        parse_revocation_list(LIST[:cut])


@pytest.mark.parametrize("data", [b"<html>", b"-----BEGIN X509 CRL-----\nAAAA\n", b"\0" * 99])
def test_something_else_is_none(data: bytes) -> None:
    with pytest.raises(Asn1Error):
        parse_revocation_list(data)


def test_a_list_that_should_have_been_replaced() -> None:
    found = parse_revocation_list(revocation_list(root(), ends=BEGIN + timedelta(days=7)))
    assert found.is_over(datetime(2026, 1, 1, tzinfo=UTC))
    assert not found.is_over(BEGIN + timedelta(days=7))
    assert not parse_revocation_list(LIST).is_over(END)
