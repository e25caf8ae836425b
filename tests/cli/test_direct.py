"""``emulate --dns``: its options and what is said of them."""

from __future__ import annotations

import pytest

from mdmcore.cli.direct import DirectLines, advertised, direct_ports
from mdmcore.cli.main import run
from mdmcore.errors import ConfigError
from mdmcore.mitm.direct import DirectAddresses


def test_without_dns_nothing_is_wanted() -> None:
    assert direct_ports(False, domains=["a.test"], dns=53, https=443, http=80) is None
    assert advertised(False, None, "0.0.0.0") == []


def test_the_first_domain_stands_for_all() -> None:
    found = direct_ports(True, domains=["a.test", "b.test"], dns=0, https=1, http=2)
    assert found is not None
    assert (found.host, found.dns, found.https, found.http) == ("a.test", 0, 1, 2)


def test_what_is_advertised() -> None:
    assert advertised(True, "192.0.2.7", "0.0.0.0") == ["192.0.2.7"]
    assert advertised(True, None, "127.0.0.1") == ["127.0.0.1"]
    with pytest.raises(ConfigError, match="--advertise: 'x' is no address"):
        advertised(True, "x", "127.0.0.1")


def test_the_lines_name_ports_and_addresses() -> None:
    lines = DirectLines(domains=["a.test", "b.test"], advertised=["192.0.2.7", "2001:db8::7"])
    assert lines.lines == []
    lines.take(
        DirectAddresses(dns=("0.0.0.0", 53), https=("0.0.0.0", 443), http=("2001:db8::7", 80))
    )
    assert lines.lines == [
        "DNS on 0.0.0.0:53: hosts of a.test, b.test are at 192.0.2.7 and 2001:db8::7, "
        "others are looked up",
        "HTTPS on 0.0.0.0:443, HTTP on [2001:db8::7]:80",
        "set the device's DNS server to 192.0.2.7, or use the proxy",
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--advertise", "192.0.2.7"], "--advertise goes with --dns"),
        (["--dns", "--advertise", "mine"], "'mine' is no address"),
        (["--dns", "--dns-port", "70000"], "70000"),
    ],
)
def test_bad_options_are_one_line_and_exit_2(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["emulate", "--listen-port", "0", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line
