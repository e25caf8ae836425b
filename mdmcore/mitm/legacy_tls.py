"""TLS 1.0 to 1.3 for the devices in front of us: Windows Phone 8.0 is believed to speak 1.0 only.

mitmproxy's own option for it crashes on OpenSSL 4 (its issue 8264), so the client side's context
is built here, from the same parts, before mitmproxy does. That touches parts of mitmproxy that are
not public; all of it stands in this module. HTTP/2 is not offered: phones do not know it.
"""

from __future__ import annotations

from typing import Any

from mitmproxy import ctx, tls
from mitmproxy.addons import tlsconfig
from mitmproxy.net import tls as net_tls
from OpenSSL import SSL

from mdmcore.mitm.guard import guarded
from mdmcore.mitm.tls_build import EVERYTHING


class LegacyTls:
    """Hooks of ``addons/mdm_legacy_tls.py``."""

    name = "mdm_legacy_tls"

    @guarded
    def tls_start_client(self, data: tls.TlsData) -> None:
        """Give the connection a context of ours; mitmproxy leaves one that is there alone."""
        if data.ssl_conn is not None or data.is_dtls:
            return
        config: Any = ctx.master.addons.get("tlsconfig")
        entry = config.get_cert(data.context)
        context = net_tls.create_client_proxy_context(
            method=net_tls.Method.TLS_SERVER_METHOD,
            min_version=net_tls.Version.TLS1,
            max_version=net_tls.Version.TLS1_3,
            cipher_list=EVERYTHING,
            ecdh_curve=net_tls.get_curve(ctx.options.tls_ecdh_curve_client),
            chain_file=entry.chain_file,
            request_client_cert=ctx.options.request_client_cert,
            alpn_select_callback=tlsconfig.alpn_select_callback,
            extra_chain_certs=(),
            dhparams=config.certstore.dhparams,
        )
        connection = SSL.Connection(context)
        connection.use_certificate(entry.cert.to_cryptography())
        connection.use_privatekey(entry.privatekey)
        connection.set_app_data(
            tlsconfig.AppData(
                client_alpn=data.conn.alpn, server_alpn=data.context.server.alpn, http2=False
            )
        )
        connection.set_accept_state()
        data.ssl_conn = connection
