"""The TLS connection that a device meets, where mitmproxy's own options do not say enough.

They hold for all hosts, so that asking a device for its certificate on one host only means to build
the connection here, from the same parts, before mitmproxy does; it leaves one that is there alone.
That touches parts of mitmproxy that are not public; all of it stands in this module.

A client certificate is asked for, not required, and not verified: the server judges it. One that
mitmproxy cannot parse disappears: who finds none can only say "none, or unparsable".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from mitmproxy import ctx, tls
from mitmproxy.addons import tlsconfig
from mitmproxy.net import tls as net_tls
from OpenSSL import SSL

from mdmcore.mitm.engine import Engine

_SESSION_ID = b"mdmproxy"


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsOffer:
    """What is offered to a device: versions by mitmproxy's names, ciphers by OpenSSL's."""

    lowest: str
    highest: str
    ciphers: tuple[str, ...]
    http2: bool


def offer_of_mitmproxy(data: tls.TlsData) -> TlsOffer:
    """What mitmproxy itself would offer, by its options."""
    options = ctx.options
    chosen = options.ciphers_client.split(":") if options.ciphers_client else None
    lowest = net_tls.Version[options.tls_version_client_min]
    ciphers = data.conn.cipher_list or chosen or tlsconfig._default_ciphers(lowest)
    return TlsOffer(
        lowest=options.tls_version_client_min,
        highest=options.tls_version_client_max,
        ciphers=tuple(ciphers),
        http2=options.http2,
    )


def asks_certificate(data: tls.TlsData) -> bool:
    """Whether the emulated server wants a client certificate on the host of this connection, or one
    is to be handed on to a real server."""
    engine = ctx.master.addons.get(Engine.name)
    if not isinstance(engine, Engine):
        return False
    address = data.context.server.address
    host = data.conn.sni or (address[0] if address else None)
    forwarding = engine.legs.forwarding
    if forwarding is not None and forwarding.asks(data.context.client, host):
        return True
    return host is not None and engine.asks_client_certificate(host)


def start_client(data: tls.TlsData, offer: TlsOffer) -> None:
    """Give the connection to the device what its handshake needs."""
    options: Any = ctx.options
    config: Any = ctx.master.addons.get("tlsconfig")
    entry = config.get_cert(data.context)
    has_more = entry.chain_file is None and len(entry.chain_certs) > 1
    context = _context(
        offer,
        ecdh_curve=net_tls.get_curve(options.tls_ecdh_curve_client),
        chain_file=entry.chain_file,
        request_client_cert=options.request_client_cert or asks_certificate(data),
        extra_chain_certs=tuple(entry.chain_certs) if has_more else (),
        dhparams=config.certstore.dhparams,
    )
    connection = SSL.Connection(context)
    connection.use_certificate(entry.cert.to_cryptography())
    connection.use_privatekey(entry.privatekey)
    connection.set_app_data(
        tlsconfig.AppData(
            client_alpn=data.conn.alpn, server_alpn=data.context.server.alpn, http2=offer.http2
        )
    )
    connection.set_accept_state()
    data.ssl_conn = connection


@lru_cache(256)
def _context(offer: TlsOffer, **options: Any) -> SSL.Context:
    # Not out of mitmproxy's own cache: a context in use must not be changed.
    context: SSL.Context = net_tls.create_client_proxy_context.__wrapped__(
        method=net_tls.Method.TLS_SERVER_METHOD,
        min_version=net_tls.Version[offer.lowest],
        max_version=net_tls.Version[offer.highest],
        cipher_list=offer.ciphers,
        alpn_select_callback=tlsconfig.alpn_select_callback,
        **options,
    )
    # Without it OpenSSL breaks off where a device that was asked for its certificate resumes.
    context.set_session_id(_SESSION_ID)
    return context
