"""Addresses of this computer."""

from __future__ import annotations

import socket

import pytest

from mdmcore.mitm.addresses import (
    host_addresses,
    is_everywhere,
    outgoing_addresses,
    parse_address,
)


def test_nothing_that_a_phone_cannot_reach() -> None:
    for address in host_addresses():
        assert not address.is_loopback
        assert not address.is_link_local
        assert not address.is_unspecified
    assert len(set(host_addresses())) == len(host_addresses())


def test_outgoing_addresses_are_those_of_this_computer() -> None:
    for address in outgoing_addresses():
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))


def test_a_computer_without_network_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*args: object, **settings: object) -> None:
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    assert outgoing_addresses() == ()
    assert host_addresses() == ()


@pytest.mark.parametrize(
    ("host", "everywhere"),
    [("", True), ("0.0.0.0", True), ("::", True), ("127.0.0.1", False), ("x", False)],
)
def test_listening_on_all_interfaces(host: str, everywhere: bool) -> None:
    assert is_everywhere(host) is everywhere


def test_what_is_an_address() -> None:
    assert str(parse_address("192.0.2.1")) == "192.0.2.1"
    assert parse_address("example.test") is None
