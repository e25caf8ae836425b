"""Key usage, as openssl reads it."""

from __future__ import annotations

import re

import pytest

from mdmcore.pki.key_usage import key_usages
from tests.support.openssl import openssl_output
from tests.support.story import authority, certificate

_WORDS = {
    "Digital Signature": "digitalSignature",
    "Non Repudiation": "nonRepudiation",
    "Key Encipherment": "keyEncipherment",
    "Certificate Sign": "keyCertSign",
    "CRL Sign": "cRLSign",
}


def by_openssl(der: bytes) -> tuple[str, ...]:
    said = openssl_output("x509", "-inform", "DER", "-noout", "-ext", "keyUsage", data=der).decode()
    (line,) = re.findall(r"^\s+(\S.*)$", said, re.M)
    return tuple(_WORDS[word] for word in line.split(", "))


def test_the_usages_of_a_ca() -> None:
    der = authority().certificate
    assert key_usages(der) == by_openssl(der) == ("keyCertSign", "cRLSign")


@pytest.mark.parametrize("der", [certificate(), b"", certificate()[:-5]])
def test_where_there_is_none(der: bytes) -> None:
    assert key_usages(der) is None
