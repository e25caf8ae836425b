"""For which connections we build TLS ourselves; real handshakes stand in the end-to-end tests."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from mitmproxy.addons.tlsconfig import TlsConfig
from mitmproxy.test import taddons

from mdmcore.mitm import client_tls
from mdmcore.mitm.client_tls import asks_certificate, offer_of_mitmproxy
from mdmcore.mitm.emulate import Emulate
from mdmcore.mitm.legacy_tls import LegacyTls

MANAGEMENT = "mdm.example.test"


def connection(sni: str | None, address: str | None = None) -> Any:
    """What mitmproxy tells of a connection whose handshake begins."""
    server = SimpleNamespace(address=None if address is None else (address, 443))
    return SimpleNamespace(
        conn=SimpleNamespace(sni=sni, cipher_list=[]),
        context=SimpleNamespace(server=server),
        ssl_conn=None,
        is_dtls=False,
    )


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The connections that were built here."""
    seen: list[Any] = []
    monkeypatch.setattr("mdmcore.mitm.emulate.start_client", lambda data, _: seen.append(data))
    return seen


@pytest.mark.parametrize(
    ("sni", "address", "expected"),
    [
        (MANAGEMENT, None, True),
        ("MDM.Example.Test", "192.0.2.1", True),
        (None, MANAGEMENT, True),
        ("other.test", MANAGEMENT, False),
        ("enterpriseenrollment.example.test", MANAGEMENT, False),
        ("example.test", None, False),
        (None, None, False),
    ],
)
async def test_the_name_the_device_asked_for_decides(
    tctx: taddons.context, emulate: Emulate, sni: str | None, address: str | None, expected: bool
) -> None:
    assert not asks_certificate(connection(sni, address))
    tctx.options.update(mdm_client_tls=True)
    assert asks_certificate(connection(sni, address)) is expected


async def test_without_our_server_nobody_is_asked(tctx: taddons.context) -> None:
    assert not asks_certificate(connection(MANAGEMENT))


async def test_only_the_host_that_asks_is_taken_from_mitmproxy(
    tctx: taddons.context, emulate: Emulate, built: list[Any]
) -> None:
    tctx.master.addons.add(TlsConfig())
    tctx.options.update(mdm_client_tls=True)
    ours = connection(MANAGEMENT)
    for data in (ours, connection("other.test"), connection("enterpriseenrollment.example.test")):
        emulate.tls_start_client(data)
    assert built == [ours]
    taken = connection(MANAGEMENT)
    taken.ssl_conn = object()
    emulate.tls_start_client(taken)
    assert built == [ours]


async def test_the_script_for_old_phones_goes_before(
    tctx: taddons.context, emulate: Emulate, built: list[Any]
) -> None:
    tctx.options.update(mdm_client_tls=True)
    tctx.master.addons.add(LegacyTls())
    emulate.tls_start_client(connection(MANAGEMENT))
    assert built == []


async def test_mitmproxys_own_options_are_offered(tctx: taddons.context) -> None:
    tctx.master.addons.add(TlsConfig())
    tctx.options.update(tls_version_client_max="TLS1_2", ciphers_client="A:B", http2=False)
    offer = offer_of_mitmproxy(connection(MANAGEMENT))
    assert (offer.lowest, offer.highest) == ("TLS1_2", "TLS1_2")
    assert (offer.ciphers, offer.http2) == (("A", "B"), False)
    tctx.options.update(ciphers_client=None)
    assert len(offer_of_mitmproxy(connection(MANAGEMENT)).ciphers) > 10


def test_a_context_is_made_once() -> None:
    offer = client_tls.TlsOffer(lowest="TLS1_2", highest="TLS1_3", ciphers=("ALL",), http2=False)
    options: dict[str, Any] = {
        "ecdh_curve": None,
        "chain_file": None,
        "extra_chain_certs": (),
        "dhparams": None,
    }
    asking = client_tls._context(offer, request_client_cert=True, **options)
    assert client_tls._context(offer, request_client_cert=True, **options) is asking
    assert client_tls._context(offer, request_client_cert=False, **options) is not asking
