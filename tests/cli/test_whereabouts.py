"""Where hosts are: said, looked up, or as the URL says."""

from __future__ import annotations

import pytest

from mdmcore.cli.name_server import NameServer
from mdmcore.cli.whereabouts import Address, Whereabouts
from mdmcore.phone import Failure, NoAnswer
from tests.support.dns import NXDOMAIN, Zone, dns_server

HOST = "mdm.example.test"


def test_without_anything_said_the_url_says_it() -> None:
    assert Whereabouts().of(f"https://{HOST}/x") is None


def test_what_was_said_comes_before_dns() -> None:
    places = Whereabouts(
        {HOST: Address(ip="192.0.2.1", port=8443)}, name_server=NameServer(ip="127.0.0.1", port=1)
    )
    assert places.of(f"https://{HOST.upper()}/x") == Address(ip="192.0.2.1", port=8443)


@pytest.mark.parametrize(
    ("url", "port"),
    [
        (f"https://{HOST}/x", 8443),
        (f"https://{HOST}:443/x", 8443),
        (f"https://{HOST}:444/x", None),
        (f"http://{HOST}/x", 8080),
        (f"http://{HOST}:443/x", None),
    ],
)
def test_ports_move_where_the_usual_one_is_meant(url: str, port: int | None) -> None:
    ports = {"https": 8443, "http": 8080}
    said = Whereabouts({HOST: Address(ip="192.0.2.1")}, ports=ports)
    assert said.of(url) == Address(ip="192.0.2.1", port=port)
    alone = Whereabouts(ports=ports).of(url)
    assert alone == (None if port is None else Address(ip=HOST, port=port))


def test_a_dns_server_is_asked_once_for_a_host() -> None:
    zone = Zone({HOST: ("192.0.2.9",)})
    with dns_server(zone) as port:
        places = Whereabouts(name_server=NameServer(ip="127.0.0.1", port=port))
        for path in ("/a", "/b"):
            assert places.of(f"https://{HOST}{path}") == Address(ip="192.0.2.9")
        assert places.of("https://192.0.2.77/") is None
    assert zone.asked == [(HOST, "A")]


def test_a_host_without_address_gets_no_answer() -> None:
    with dns_server(Zone({}, code=NXDOMAIN)) as port:
        places = Whereabouts(name_server=NameServer(ip="127.0.0.1", port=port))
        with pytest.raises(NoAnswer, match="has no address") as caught:
            places.of(f"https://{HOST}/x")
    assert caught.value.failure is Failure.NAME_UNRESOLVED
