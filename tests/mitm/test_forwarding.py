"""Handing a certificate on: to whom, when, and that nobody can claim to be somebody."""

from __future__ import annotations

from typing import Any

import pytest
from mitmproxy import http, tls
from mitmproxy.proxy import context
from mitmproxy.proxy.mode_specs import ProxyMode
from OpenSSL import crypto

from mdmcore.capture.flows import exchange_from_flow
from mdmcore.mitm.annotate import METADATA_KEY, annotate
from mdmcore.mitm.certificate_header import parse_certificate_header
from mdmcore.mitm.forwarding import CertificateForwarding
from mdmcore.mitm.host_patterns import HostPatterns
from tests.support.proxy import make_flow
from tests.support.tls_server import lasting_certificate

HEADER = "X-SSL-Client-Cert"
REVERSE = "reverse:https://mdm.acme.test"


class Shown:
    """A TLS connection over which a device has shown its certificate, or none."""

    def __init__(self, der: bytes | None) -> None:
        self._der = der

    def get_peer_certificate(self) -> crypto.X509 | None:
        if self._der is None:
            return None
        return crypto.load_certificate(crypto.FILETYPE_ASN1, self._der)


def forwarding(*hosts: str) -> CertificateForwarding:
    header = parse_certificate_header(HEADER, option="x")
    return CertificateForwarding(header, HostPatterns(hosts))


def flow(mode: str = "regular", **values: Any) -> http.HTTPFlow:
    found = make_flow("https://mdm.acme.test/omadm", sni="mdm.acme.test", **values)
    found.client_conn.proxy_mode = ProxyMode.parse(mode)
    return found


def shown(one: CertificateForwarding, to: http.HTTPFlow, der: bytes | None) -> None:
    client = to.client_conn
    around = context.Context(client, None)  # type: ignore[arg-type]
    stream: Any = Shown(der)
    one.established(tls.TlsData(client, around, stream))


def values(of: http.HTTPFlow, name: str = HEADER) -> list[str]:
    return of.request.headers.get_all(name)


@pytest.mark.parametrize(("mode", "hosts"), [(REVERSE, ()), ("regular", ("*.acme.test",))])
def test_the_server_gets_what_the_device_showed(mode: str, hosts: tuple[str, ...]) -> None:
    one, to = forwarding(*hosts), flow(mode)
    shown(one, to, lasting_certificate())
    one.apply(to)
    (value,) = values(to)
    assert value.startswith("-----BEGIN%20CERTIFICATE-----%0A")
    one.forget(to.client_conn)
    assert len(one) == 0


@pytest.mark.parametrize("der", [None, lasting_certificate()])
def test_what_the_device_claims_is_taken_away(der: bytes | None) -> None:
    one = forwarding()
    to = flow(REVERSE, headers={HEADER: "claimed", "x_ssl_client_cert": "claimed", "X-Other": "o"})
    shown(one, to, der)
    one.apply(to)
    assert "claimed" not in str(to.request.headers)
    assert len(values(to)) == (der is not None)
    assert values(to, "X-Other") == ["o"]
    note = to.metadata[METADATA_KEY]["forwarded_certificate"]
    assert note == {"header": HEADER, "is_sent": der is not None, "removed": 2}


@pytest.mark.parametrize("mode", ["regular", "reverse:dns://1.1.1.1"])
def test_nobody_else_gets_it(mode: str) -> None:
    one, to = forwarding("mdm.other.test"), flow(mode, headers={HEADER: "their own"})
    shown(one, to, lasting_certificate())
    one.apply(to)
    assert values(to) == ["their own"]
    assert METADATA_KEY not in to.metadata
    assert len(one) == 0


def test_devices_are_not_asked_where_they_discover() -> None:
    one, client = forwarding("*.acme.test"), flow().client_conn
    assert one.asks(client, "mdm.acme.test")
    assert not one.asks(client, "EnterpriseEnrollment.acme.test")
    assert not one.asks(client, "www.other.test")
    assert one.asks(flow(REVERSE).client_conn, None)


def test_nothing_to_do_leaves_no_trace() -> None:
    to = flow(REVERSE)
    before = to.get_state()
    forwarding().apply(to)
    assert to.get_state() == before


def test_a_flow_of_a_file_is_left_alone() -> None:
    to = flow(REVERSE, headers={HEADER: "recorded"})
    to.live = False
    forwarding().apply(to)
    assert values(to) == ["recorded"]


def test_the_inspector_does_not_see_it() -> None:
    one, to = forwarding(), flow(REVERSE)
    shown(one, to, lasting_certificate())
    one.apply(to)
    annotate(to, summary="s", findings=())
    again = http.HTTPFlow.from_state(to.get_state())
    assert isinstance(again, http.HTTPFlow)
    assert values(again)
    exchange = exchange_from_flow(again, id="c:1", index=1, capture="c")
    assert exchange.request.headers.get(HEADER) is None
    assert exchange.request.headers.get("Host") == "mdm.acme.test"


def test_http2_has_lower_case_names() -> None:
    one, to = forwarding(), flow(REVERSE, version="HTTP/2.0")
    shown(one, to, lasting_certificate())
    one.apply(to)
    assert [name for name, _ in to.request.headers.fields if b"ssl" in name] == [
        b"x-ssl-client-cert"
    ]
