"""How a handshake's end is told: by the alert that was seen, else by mitmproxy's words."""

from __future__ import annotations

import ssl

import pytest
from OpenSSL import SSL

from mdmcore.connection import HandshakeEnd
from mdmcore.mitm.handshakes import end_of, watch_alerts
from mdmcore.tls_wire.names import ALERTS


def openssl_words(words: str) -> str:
    return f"OpenSSL Error([('SSL routines', '', '{words}')])"


@pytest.mark.parametrize(
    ("reason", "alert", "end", "name"),
    [
        ("whatever", "unknown_ca", HandshakeEnd.ALERT, "unknown_ca"),
        ("tlsv1 alert unknown ca", "", HandshakeEnd.ALERT, "unknown_ca"),
        ("sslv3 alert bad certificate", "", HandshakeEnd.ALERT, "bad_certificate"),
        (
            openssl_words("ssl/tls alert certificate unknown"),
            *("", HandshakeEnd.ALERT, "certificate_unknown"),
        ),
        (openssl_words("no shared cipher"), "", HandshakeEnd.NO_SUITE, ""),
        (openssl_words("unsupported protocol"), "", HandshakeEnd.NO_VERSION, ""),
        ("connection closed", "", HandshakeEnd.CLOSED, ""),
        ("connection closed early", "", HandshakeEnd.CLOSED_EARLY, ""),
        (
            "The client disconnected during the handshake. If this happens consistently for x, "
            "this may indicate that the client does not trust the proxy's certificate.",
            *("", HandshakeEnd.CLOSED, ""),
        ),
        ("", "", HandshakeEnd.FAILED, ""),
        (openssl_words("bad record type"), "", HandshakeEnd.FAILED, ""),
    ],
)
def test_the_end_of_a_handshake(reason: str, alert: str, end: HandshakeEnd, name: str) -> None:
    assert end_of(reason, alert) == (end, name)


def test_the_names_of_alerts_are_pythons() -> None:
    known = {one.value: one.name.removeprefix("ALERT_DESCRIPTION_") for one in ssl.AlertDescription}
    for number, name in ALERTS.items():
        if number in known and name not in ("inappropriate_fallback", "unknown_psk_identity"):
            assert known[number].lower() == name


def test_an_old_pyopenssl_is_not_watched() -> None:
    seen: list[str] = []
    watch_alerts(object(), seen.append)  # type: ignore[arg-type]
    watch_alerts(SSL.Connection(SSL.Context(SSL.TLS_SERVER_METHOD)), seen.append)
    assert seen == []
