"""Log lines about handshakes that failed, and that nothing is kept of those that did not."""

from __future__ import annotations

import logging

import pytest
from mitmproxy import tls
from mitmproxy.proxy import context
from mitmproxy.proxy.layers.tls import parse_client_hello
from mitmproxy.test import tflow

from mdmcore.mitm.tls_failures import TlsFailures
from tests.support.client_hello import client_hello

RECORD = client_hello((0x0004, 0x000A), host="mdm.example.test")


def heard(failures: TlsFailures) -> tls.TlsData:
    """A device's hello, and the data of the event that may follow."""
    client = tflow.tclient_conn()
    client.sni = "mdm.example.test"
    around = context.Context(client, None)  # type: ignore[arg-type]
    hello = parse_client_hello(RECORD)
    assert hello is not None
    failures.heard(tls.ClientHelloData(around, hello))
    return tls.TlsData(client, around)


def failure(reason: str, caplog: pytest.LogCaptureFixture) -> list[str]:
    failures = TlsFailures()
    data = heard(failures)
    data.conn.error = reason
    with caplog.at_level(logging.INFO, logger="mdmcore"):
        failures.failed(data)
    assert len(failures) == 0
    return caplog.messages


def test_what_was_offered_is_said(caplog: pytest.LogCaptureFixture) -> None:
    (line,) = failure("OpenSSL Error([('SSL routines', '', 'no shared cipher')])", caplog)
    assert line.startswith("mdm: TLS of 127.0.0.1 for mdm.example.test failed, no shared cipher: ")
    assert "TLS 1.0 with TLS_RSA_WITH_RC4_128_MD5, TLS_RSA_WITH_3DES_EDE_CBC_SHA" in line


@pytest.mark.parametrize("reason", ["tlsv1 alert unknown ca", "connection closed", ""])
def test_other_reasons_are_mitmproxys_to_say(reason: str, caplog: pytest.LogCaptureFixture) -> None:
    assert failure(reason, caplog) == []


def test_nothing_is_kept_of_what_has_ended() -> None:
    failures = TlsFailures()
    data = heard(failures)
    assert len(failures) == 1
    failures.forget(data.context.client)
    failures.forget(data.context.client)
    assert len(failures) == 0


def test_a_failure_before_any_hello_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    failures = TlsFailures()
    data = heard(TlsFailures())
    data.conn.error = "no shared cipher"
    failures.failed(data)
    assert caplog.messages == []
