"""Hosts get other names that keep what belongs together."""

from __future__ import annotations

import re

import pytest

from mdmcore.capture.redact.hosts import Hosts, base_domain, is_public
from mdmcore.capture.redact.pseudonyms import Pseudonyms

HOSTS = Hosts(Pseudonyms(b"k" * 32))


def test_hosts_of_a_domain_stay_in_one() -> None:
    first = HOSTS.renamed("mdm.contoso.com")
    assert re.fullmatch(r"mdm\.d[0-9a-f]{6}\.test", first)
    assert HOSTS.renamed("EnterpriseEnrollment.contoso.com") == (
        f"EnterpriseEnrollment.{first.removeprefix('mdm.')}"
    )
    assert HOSTS.renamed("mdm.fabrikam.com") != first


def test_other_labels_are_renamed() -> None:
    assert re.fullmatch(r"h[0-9a-f]{6}\.d[0-9a-f]{6}\.test", HOSTS.renamed("berlin.contoso.com"))


@pytest.mark.parametrize("host", ["login.microsoftonline.com", "localhost", "www.w3.org"])
def test_public_hosts_stay(host: str) -> None:
    assert is_public(host)
    assert HOSTS.renamed(host) == host


def test_case_dots_and_stars_stay() -> None:
    plain = HOSTS.renamed("mdm.contoso.com")
    assert HOSTS.renamed("MDM.CONTOSO.COM") == plain.upper()
    assert HOSTS.renamed("mdm.contoso.com.") == f"{plain}."
    assert HOSTS.renamed("*.contoso.com") == f"*.{plain.removeprefix('mdm.')}"


def test_an_address_becomes_an_address() -> None:
    assert HOSTS.renamed("84.23.11.97").startswith(("192.0.2.", "198.51.100."))
    assert HOSTS.renamed("[2a00:1450::8]").startswith("[2001:db8:")
    assert HOSTS.renamed("127.0.0.1") == "127.0.0.1"


@pytest.mark.parametrize(
    ("host", "base"),
    [("a.b.contoso.com", "contoso.com"), ("x.contoso.co.uk", "contoso.co.uk"), ("mdm", "mdm")],
)
def test_the_part_that_is_registered(host: str, base: str) -> None:
    assert base_domain(host) == base
