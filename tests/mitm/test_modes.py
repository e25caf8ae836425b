"""mitmproxy's modes on the command line: its own parser decides, our words say what was wrong."""

from __future__ import annotations

import pytest

from mdmcore.errors import ConfigError
from mdmcore.mitm.modes import check_modes, has_reverse, parse_upstream_proxy


def test_modes_that_mitmproxy_knows() -> None:
    specs = ("transparent", "wireguard@51820", "socks5", "reverse:https://mdm.acme.test@443")
    assert check_modes(specs, option="--mode") == specs
    assert has_reverse(specs)
    assert not has_reverse(specs[:3])


@pytest.mark.parametrize("spec", ["nonsense", "", "regular:x", "socks5@high", "upstream:ftp://x"])
def test_modes_that_it_does_not(spec: str) -> None:
    with pytest.raises(ConfigError, match=r"^--mode '.*': \w"):
        check_modes([spec], option="--mode")


def test_a_proxy_behind() -> None:
    proxy = parse_upstream_proxy("http://proxy.acme.test:3128/", option="--p")
    assert (proxy.mode, proxy.login) == ("upstream:http://proxy.acme.test:3128", "")


def test_a_proxy_that_wants_a_password() -> None:
    proxy = parse_upstream_proxy("http://me:p%40ss@proxy.acme.test:3128", option="--p")
    assert (proxy.url, proxy.login) == ("http://proxy.acme.test:3128", "me:p@ss")


@pytest.mark.parametrize(
    "url", ["proxy:3128", "ftp://x", "http://", "http://me@x:1", "http://x:0", "http://x/path", "["]
)
def test_what_is_no_proxy(url: str) -> None:
    with pytest.raises(ConfigError, match=r"^--p: give") as caught:
        parse_upstream_proxy(url, option="--p")
    assert "me" not in str(caught.value).split()
