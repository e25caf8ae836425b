"""The runner's own addon: when it reports, and what name an upstream is asked for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from mitmproxy.proxy.mode_specs import ProxyMode

from mdmcore.mitm.control import Control
from mdmcore.mitm.log_relay import LogRelay


class Master:
    """As much of a master as is asked: one proxyserver, and its end."""

    def __init__(self) -> None:
        self.ended = False
        servers = SimpleNamespace(listen_addrs=lambda: [("127.0.0.1", 4711, 0, 0)], servers=[])
        self.addons = {"proxyserver": servers}

    def shutdown(self) -> None:
        self.ended = True


def control(upstream: str | None = None) -> tuple[Control, Master, LogRelay, list[Any]]:
    master, relay, heard = Master(), LogRelay(None), list[Any]()
    made = Control(
        master,
        relay,
        on_listening=lambda host, port: heard.append((host, port)),
        on_direct=None,
        upstream=upstream,
    )
    return made, master, relay, heard


def test_a_good_start_is_reported_once_all_listen() -> None:
    made, master, relay, heard = control()
    made.running()
    assert heard == [("127.0.0.1", 4711)]
    assert made.address == ("127.0.0.1", 4711)
    assert not relay.is_starting
    assert not master.ended


def test_after_an_error_nothing_is_reported() -> None:
    made, master, relay, heard = control()
    relay.first_error = "no port"
    made.running()
    assert heard == []
    assert made.address is None
    assert master.ended


@pytest.mark.parametrize(
    ("upstream", "given", "sni"),
    [
        ("https://mdm.acme.test", None, "mdm.acme.test"),
        ("https://mdm.acme.test:8443", "device.test", "device.test"),
        ("https://192.0.2.1", None, None),
        ("https://[2001:db8::1]", None, None),
        ("http://mdm.acme.test", None, None),
        (None, None, None),
    ],
)
def test_the_upstream_proves_the_name_it_was_given_by(
    upstream: str | None, given: str | None, sni: str | None
) -> None:
    made, *_ = control(upstream)
    data = connecting(f"reverse:{upstream or 'https://x.test'}", given)
    made.server_connect(data)
    assert data.server.sni == sni


def test_servers_of_others_prove_their_own_names() -> None:
    """A forward proxy that stands beside has nothing to do with the upstream."""
    made, *_ = control("https://mdm.acme.test")
    data = connecting("regular", None)
    made.server_connect(data)
    assert data.server.sni is None


def connecting(mode: str, sni: str | None) -> Any:
    return SimpleNamespace(
        client=SimpleNamespace(proxy_mode=ProxyMode.parse(mode)),
        server=SimpleNamespace(sni=sni),
    )
