"""Hosts in options: exact names, all below a domain, and what cannot be a host."""

from __future__ import annotations

import pytest

from mdmcore.errors import ConfigError
from mdmcore.mitm.host_patterns import HostPatterns, host_patterns


@pytest.mark.parametrize(
    ("host", "is_in"),
    [
        ("mdm.acme.test", True),
        ("MDM.Acme.test.", True),
        ("acme.test", False),
        ("a.mdm.acme.test", False),
        ("a.other.test", True),
        ("a.b.other.test", True),
        ("other.test", False),
        ("another.test", False),
        ("192.0.2.7", True),
        ("", False),
        (None, False),
    ],
)
def test_which_hosts_are_meant(host: str | None, is_in: bool) -> None:
    patterns = host_patterns(["mdm.acme.test", "*.Other.test", "192.0.2.7"], option="x")
    assert (host in patterns) is is_in


def test_none_given_is_nothing() -> None:
    assert not HostPatterns()
    assert "mdm.acme.test" not in HostPatterns()


@pytest.mark.parametrize(
    "text", ["", "*", "https://mdm.acme.test", "mdm.acme.test:443", "a b", "*x.test", "a..b", "-a"]
)
def test_what_is_no_host(text: str) -> None:
    with pytest.raises(ConfigError, match=r"^--hosts '.*': give a host like"):
        host_patterns([text], option="--hosts")
