"""The record of a leg that passed: from real handshakes in memory, and what ends them."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from mitmproxy.connection import Server
from mitmproxy.test import tflow

from mdmcore.connection import Connection, HandshakeEnd
from mdmcore.mitm.passed_leg import PassedLeg
from mdmcore.tls_wire import Side
from tests.support.tls_talk import Talk, talk

TLS12, TLS13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


def record(passed: list[tuple[Side, bytes]], *closed: Side, error: str = "") -> Connection:
    leg = PassedLeg()
    for side, data in passed:
        leg.passed(side, data)
    for side in closed:
        leg.closed(side)
    server = Server(address=("mdm.acme.test", 443))
    server.error = error or None
    return Connection(host="mdm.acme.test", is_passed_through=True, **leg.facts(server))


def only(done: Talk, side: Side) -> list[tuple[Side, bytes]]:
    return [one for one in done.passed if one[0] is side]


def test_names_instead_of_numbers(tmp_path: Path) -> None:
    done = talk(tmp_path, TLS12, client=ssl.CERT_OPTIONAL)
    found = record(done.passed, Side.DEVICE, Side.SERVER)
    assert (found.end, found.server_version) == (HandshakeEnd.OK, "TLS 1.2")
    assert found.server_suite.startswith("TLS_ECDHE_RSA_WITH_")
    assert (found.is_asked_by_server, found.is_given_to_server) == (True, False)
    assert found.closed_by == "device"


@pytest.mark.parametrize(
    ("version", "client", "is_trusting", "end", "alert"),
    [
        (TLS12, ssl.CERT_REQUIRED, True, HandshakeEnd.SERVER_ALERT, "handshake_failure"),
        (TLS12, ssl.CERT_NONE, False, HandshakeEnd.ALERT, "unknown_ca"),
        (TLS13, ssl.CERT_REQUIRED, True, HandshakeEnd.SERVER_CLOSED, ""),
        (TLS13, ssl.CERT_NONE, False, HandshakeEnd.ALERT, "unknown_ca"),
    ],
)
def test_how_it_ended(
    tmp_path: Path,
    version: ssl.TLSVersion,
    client: ssl.VerifyMode,
    is_trusting: bool,
    end: HandshakeEnd,
    alert: str,
) -> None:
    done = talk(tmp_path, version, client=client, is_trusting=is_trusting)
    found = record(done.passed, Side.DEVICE)
    assert (found.end, found.alert) == (end, alert)
    if end is HandshakeEnd.SERVER_CLOSED:
        assert found.detail == "the last record of the server has the length of an alert"


def test_who_leaves_inside_the_handshake(tmp_path: Path) -> None:
    done = talk(tmp_path, TLS12)
    begun = done.passed[:2]
    assert record(begun, Side.DEVICE).end is HandshakeEnd.CLOSED
    assert record(begun, Side.SERVER).end is HandshakeEnd.SERVER_CLOSED
    assert record(begun).end is HandshakeEnd.UNKNOWN
    assert record(begun[:1], Side.DEVICE).end is HandshakeEnd.CLOSED_EARLY
    unreachable = record(begun[:1], Side.DEVICE, error="refused")
    assert (unreachable.end, unreachable.detail) == (
        HandshakeEnd.FAILED,
        "the server cannot be reached: refused",
    )


@pytest.mark.parametrize("version", [TLS12, TLS13])
def test_who_has_taken_the_certificate_did_not_leave_because_of_it(
    tmp_path: Path, version: ssl.TLSVersion
) -> None:
    """The device finishes, and goes before the server has said that it does, too."""
    done = talk(tmp_path, version)
    last = max(at for at, (side, _) in enumerate(done.passed[:4]) if side is Side.DEVICE)
    assert last > 0
    assert record(done.passed[: last + 1], Side.DEVICE).end is HandshakeEnd.UNKNOWN


def test_what_mitmproxys_views_get(tmp_path: Path) -> None:
    leg = PassedLeg()
    for side, data in talk(tmp_path, TLS12).passed:
        leg.passed(side, data)
    client, server = tflow.tclient_conn(), tflow.tserver_conn()
    client.sni = None
    leg.show_on(client, server, "mdm.acme.test")
    assert str(client.sni) == "mdm.acme.test"
    assert client.tls_version == server.tls_version == "TLSv1.2"
    assert [one.cn for one in server.certificate_list] == ["localhost", "Lasting CA"]
    assert client.certificate_list == []
    assert Server.from_state(server.get_state()).certificate_list == server.certificate_list


def test_a_certificate_that_cannot_be_loaded_is_left_out(tmp_path: Path) -> None:
    """Its list is whole, its DER is not."""
    leg = PassedLeg()
    hello = b"\x03\x03" + bytes(32) + b"\0" + b"\x00\x2f" + b"\0"
    chain = b"\x0b\x00\x00\x08" + b"\x00\x00\x05" + b"\x00\x00\x02\x30\x00"
    for message in (b"\x02\x00\x00" + bytes([len(hello)]) + hello, chain):
        head = b"\x16\x03\x03" + len(message).to_bytes(2, "big")
        leg.passed(Side.SERVER, head + message)
    client, server = tflow.tclient_conn(), tflow.tserver_conn()
    leg.show_on(client, server, None)
    assert server.certificate_list == []
