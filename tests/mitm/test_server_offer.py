"""What a server is offered: the ClientHello that goes out, read by mitmproxy's own reader."""

from __future__ import annotations

import contextlib

import pytest
from mitmproxy import tls
from mitmproxy.addons.tlsconfig import TlsConfig
from mitmproxy.proxy import context
from mitmproxy.proxy.layers.tls import parse_client_hello
from mitmproxy.test import taddons, tflow
from OpenSSL import SSL

from mdmcore.mitm.client_offer import client_offer
from mdmcore.mitm.server_offer import offer_as_device
from tests.support.keys import key_path
from tests.support.tls_chains import leaf, root, write_chain

HOST = "mdm.example.test"
T10, T11, T12, T13 = 0x0301, 0x0302, 0x0303, 0x0304


@pytest.fixture
def tlsconfig(tctx: taddons.context) -> TlsConfig:
    addon = TlsConfig()
    tctx.master.addons.add(addon)
    return addon


def started(tlsconfig: TlsConfig, sni: str = HOST) -> tls.TlsData:
    """A connection to a server as mitmproxy builds it."""
    client = tflow.tclient_conn()
    client.sni = sni
    client.alpn_offers = [b"http/1.1"]
    around = context.Context(client, None)  # type: ignore[arg-type]
    around.server.address = (sni, 443)
    data = tls.TlsData(around.server, around)
    tlsconfig.tls_start_server(data)
    return data


def hello(ssl_conn: SSL.Connection | None) -> tuple[tuple[int, ...], str | None, list[bytes]]:
    """The versions of its ClientHello, the host and the protocols."""
    assert ssl_conn is not None
    with contextlib.suppress(SSL.WantReadError):
        ssl_conn.do_handshake()
    found = parse_client_hello(ssl_conn.bio_read(65535))
    assert found is not None
    raw = found.raw_bytes(wrap_in_record=False)
    offer = client_offer(raw, found.cipher_suites, found.extensions)
    return offer.versions, found.sni, found.alpn_protocols


@pytest.mark.parametrize(
    ("device", "offered", "is_withheld"),
    [
        ((T12, T13), (T12, T13), False),
        ((T10, T11, T12, T13), (T10, T11, T12, T13), False),
        # A hello of old form names the highest version alone.
        ((T12,), (T12,), True),
        ((T10,), (T10,), True),
        ((T11,), (T11,), True),
        ((), (T12, T13), False),
    ],
)
def test_the_server_is_offered_what_the_device_offers(
    tlsconfig: TlsConfig, device: tuple[int, ...], offered: tuple[int, ...], is_withheld: bool
) -> None:
    data = started(tlsconfig)
    assert offer_as_device(data, device) is is_withheld
    assert hello(data.ssl_conn) == (offered, HOST, [b"http/1.1"])


def test_an_address_is_no_name(tlsconfig: TlsConfig) -> None:
    data = started(tlsconfig, "192.0.2.9")
    offer_as_device(data, (T12,))
    assert hello(data.ssl_conn)[1] is None


def test_a_certificate_of_the_proxy_is_kept(
    tlsconfig: TlsConfig, tctx: taddons.context, tmp_path_factory: pytest.TempPathFactory
) -> None:
    chain = write_chain(tmp_path_factory.mktemp("x") / "c.pem", leaf(HOST, issuer=root()))
    assert key_path("device2").exists()
    tctx.options.client_certs = str(chain)
    data = started(tlsconfig)
    before = data.ssl_conn
    assert offer_as_device(data, (T12,))
    assert data.ssl_conn is before
    assert before is not None
    assert before.get_certificate() is not None
    assert hello(before)[0] == (T12,)


def test_an_old_pyopenssl_withholds_nothing(
    tlsconfig: TlsConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(SSL.Connection, "set_options")
    data = started(tlsconfig)
    assert not offer_as_device(data, (T12,))
    assert T13 in hello(data.ssl_conn)[0]
