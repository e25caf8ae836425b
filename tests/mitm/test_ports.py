"""Free ports."""

from __future__ import annotations

import socket

import pytest

from mdmcore.errors import ConfigError
from mdmcore.mitm import ports
from mdmcore.mitm.ports import free_port


def test_a_free_port_takes_both_transports() -> None:
    port = free_port("127.0.0.1")
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            probe.bind(("127.0.0.1", port))


def test_a_port_that_is_taken_for_datagrams_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([False, False, True])
    monkeypatch.setattr(ports, "_is_free_for_datagrams", lambda *_: next(answers))
    assert free_port("127.0.0.1") > 0
    assert list(answers) == []


def test_no_port_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_is_free_for_datagrams", lambda *_: False)
    with pytest.raises(ConfigError, match="no free port"):
        free_port("127.0.0.1")


@pytest.mark.parametrize("host", ["192.0.2.200", "no-such-host.invalid"])
def test_an_address_that_is_not_ours(host: str) -> None:
    with pytest.raises(ConfigError, match="cannot listen on"):
        free_port(host)
