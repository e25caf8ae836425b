"""Asking a DNS server, against one whose answers are written by hand."""

from __future__ import annotations

import pytest

from mdmcore.cli.name_server import NameServer
from mdmcore.phone import Failure, NoAnswer
from tests.support.dns import NXDOMAIN, SERVFAIL, Zone, dns_server

HOST = "mdm.example.test"


def look_up(zone: Zone, host: str = HOST) -> str:
    with dns_server(zone) as port:
        return NameServer(ip="127.0.0.1", port=port).look_up(host, timeout_s=60)


def test_the_first_address_is_taken() -> None:
    zone = Zone({HOST: ("192.0.2.1", "192.0.2.2")})
    assert look_up(zone) == "192.0.2.1"
    assert zone.asked == [(HOST, "A")]


def test_an_address_of_ipv6_where_there_is_no_other() -> None:
    zone = Zone({HOST: ("2001:db8::1",)})
    assert look_up(zone) == "2001:db8::1"
    assert zone.asked == [(HOST, "A"), (HOST, "AAAA")]


def test_an_alias_that_the_server_has_followed() -> None:
    assert look_up(Zone({HOST: ("192.0.2.1",)}, alias="elsewhere.example.test")) == "192.0.2.1"


def test_an_answer_too_long_for_a_datagram_is_fetched_over_tcp() -> None:
    zone = Zone({HOST: ("192.0.2.1",)}, is_long=True)
    assert look_up(zone) == "192.0.2.1"
    assert zone.streams == 1


@pytest.mark.parametrize("code", [NXDOMAIN, SERVFAIL])
def test_a_name_without_address(code: int) -> None:
    with pytest.raises(NoAnswer, match=f"the name {HOST} has no address, says the DNS") as caught:
        look_up(Zone({}, code=code))
    assert caught.value.failure is Failure.NAME_UNRESOLVED


@pytest.mark.parametrize("junk", [b"", b"\0" * 12, b"\xff" * 40])
def test_what_is_no_answer_is_not_believed(junk: bytes) -> None:
    zone = Zone({HOST: ("192.0.2.1",)}, junk=junk)
    with pytest.raises(NoAnswer, match=r"cannot be looked up at the DNS server 127\.0\.0\.1:"):
        look_up(zone)


def test_an_answer_to_another_question_is_not_believed() -> None:
    with pytest.raises(NoAnswer, match="not the answer to what was asked"):
        look_up(Zone({HOST: ("192.0.2.1",)}, id_shift=1))


@pytest.mark.parametrize("host", ["a" * 64 + ".test", "a..test"])
def test_a_name_that_dns_cannot_carry(host: str) -> None:
    with pytest.raises(NoAnswer, match="is none that DNS knows"):
        look_up(Zone({}), host)


def test_a_server_that_is_not_there() -> None:
    with dns_server(Zone({})) as port:
        pass
    with pytest.raises(NoAnswer, match="cannot be looked up") as caught:
        NameServer(ip="127.0.0.1", port=port).look_up(HOST, timeout_s=0.3)
    assert caught.value.failure is Failure.NAME_UNRESOLVED
