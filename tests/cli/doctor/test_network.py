"""Ports, addresses and names."""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from mdmcore.cli.doctor import network
from mdmcore.cli.doctor.network import (
    check_addresses,
    check_direct_ports,
    check_names,
    check_port,
    listen_error,
    resolve,
)
from mdmcore.cli.doctor.result import Level, ok, problem
from tests.cli.doctor.setups import setup
from tests.support.processes import free_port


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port on which somebody listens who never answers, but closes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_free_port(tmp_path: Path) -> None:
    port = free_port()
    result = check_port(setup(tmp_path, port=port))
    assert result is not None
    assert result.level is Level.OK
    assert listen_error("127.0.0.1", port) is None
    assert check_port(setup(tmp_path, port=0)) is None


def test_an_address_that_is_not_ours(tmp_path: Path) -> None:
    result = check_port(setup(tmp_path, host="192.0.2.200", port=free_port()))
    assert result is not None
    assert result.level is Level.PROBLEM
    assert "cannot listen on 192.0.2.200" in result.message


def test_a_taken_udp_port_is_seen() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        assert listen_error("127.0.0.1", port, socket.SOCK_DGRAM) is not None
        assert listen_error("127.0.0.1", port) is None


def test_a_proxy_on_loopback_is_not_for_phones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses = tuple(map(ipaddress.ip_address, ("192.0.2.7", "2001:db8::7")))
    monkeypatch.setattr(network, "host_addresses", lambda: addresses)
    result = check_addresses(setup(tmp_path))
    assert result.level is Level.WARNING
    assert "--listen-host 0.0.0.0; then type 192.0.2.7" in result.fix
    everywhere = check_addresses(setup(tmp_path, host="0.0.0.0", port=8080))
    assert everywhere.level is Level.OK
    assert everywhere.message == "type as proxy into the phone: 192.0.2.7, port 8080"
    both = check_addresses(setup(tmp_path, host=""))
    assert both.facts["addresses"] == ["192.0.2.7", "2001:db8::7"]
    one = check_addresses(setup(tmp_path, host="192.0.2.9", port=8080))
    assert one.facts["addresses"] == ["192.0.2.9"]


def test_a_computer_without_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "host_addresses", tuple)
    assert check_addresses(setup(tmp_path, host="0.0.0.0")).level is Level.PROBLEM
    assert check_addresses(setup(tmp_path, host="nonsense")).level is Level.WARNING


def test_names_that_do_not_exist_are_no_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {"mdm.example.test": ("192.0.2.1",)}
    monkeypatch.setattr(network, "resolve", lambda host: known.get(host, ()))
    result = check_names(setup(tmp_path, domains=("example.test",)))
    assert result is not None
    assert result.level is Level.OK
    assert result.rule == "host-name-unresolved"
    assert "mdm.example.test is 192.0.2.1" in result.message
    assert "enterpriseenrollment.example.test, example.test: not in DNS" in result.message
    assert check_names(setup(tmp_path)) is None


def test_a_name_is_looked_up() -> None:
    assert set(resolve("localhost")) & {"127.0.0.1", "::1"}
    assert resolve("no-such-name.invalid") == ()
    assert resolve("x" * 100 + ".test") == ()


def test_the_ports_of_the_protocols(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_direct_ports(setup(tmp_path)) is None
    error = PermissionError(13, "Permission denied")
    monkeypatch.setattr(
        network, "listen_error", lambda host, port, kind: error if port == 53 else None
    )
    result = check_direct_ports(setup(tmp_path, without_proxy=True))
    assert result is not None
    assert result.level is Level.PROBLEM
    assert "DNS (53): permission denied" in result.message
    monkeypatch.setattr(network, "listen_error", lambda host, port, kind: None)
    free = check_direct_ports(setup(tmp_path, without_proxy=True))
    assert free is not None
    assert free.level is Level.OK


def test_the_ports_that_a_running_emulator_took(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = OSError(errno.EADDRINUSE, "Address already in use")
    monkeypatch.setattr(network, "listen_error", lambda host, port, kind=0: taken)
    made = setup(tmp_path, without_proxy=True, port=8080)
    for running, level in ((ok("a mitmproxy"), Level.OK), (problem("no", "no"), Level.PROBLEM)):
        monkeypatch.setattr(network, "check_running", lambda setup, found=running: found)
        result = check_direct_ports(made)
        assert result is not None
        assert result.level is level
