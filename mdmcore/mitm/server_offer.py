"""What the proxy offers a server in TLS: the versions that the device offers, older and newer.

A server that only old phones understand can be inspected then, and one that refuses the device
refuses the proxy, too. mitmproxy offers TLS 1.2 and 1.3, and its option for more crashes on
OpenSSL 4 (its issue 8264), so the connection is built anew here, from the same parts. That touches
parts of mitmproxy and pyOpenSSL that are not public; all of it stands in this module.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from mitmproxy import connection, ctx, tls
from mitmproxy.net import tls as net_tls
from OpenSSL import SSL

from mdmcore.mitm.tls_build import EVERYTHING

_TLS_1_2, _TLS_1_3 = 0x0303, 0x0304
_WITHHELD = (
    (_TLS_1_3, SSL.OP_NO_TLSv1_3),
    (_TLS_1_2, SSL.OP_NO_TLSv1_2),
    (0x0302, SSL.OP_NO_TLSv1_1),
)
_NO_PARTIAL_WILDCARDS = 0x4
"""X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS. mitmproxy also has NEVER_CHECK_SUBJECT, as browsers do."""


def offer_as_device(data: tls.TlsData, versions: Sequence[int]) -> bool:
    """Let the connection to the server offer what the device offers, by its ClientHello.

    A hello that names TLS 1.2 or less as its highest version may mean all below it. Nothing is done
    where mitmproxy shows the server a certificate of its own (``client_certs``), and newer versions
    are not withheld with a pyOpenSSL that cannot do it for one connection. Returns whether they
    were.
    """
    if not versions:
        return False
    may_be_old = min(versions) < _TLS_1_2 or _TLS_1_3 not in versions
    is_lowered = may_be_old and not ctx.options.client_certs
    if is_lowered:
        data.ssl_conn = _old_connection(data.conn)
    return _withhold(data.ssl_conn, max(versions), lowest=0 if is_lowered else _TLS_1_2)


def take_names_as_devices_do(ssl_conn: SSL.Connection) -> None:
    """Let the CN count where the certificate has no DNS name, as it does for Windows."""
    inside: Any = SSL
    parameters = inside._lib.SSL_get0_param(ssl_conn._ssl)
    inside._lib.X509_VERIFY_PARAM_set_hostflags(parameters, _NO_PARTIAL_WILDCARDS)


def _withhold(ssl_conn: SSL.Connection | None, highest: int, *, lowest: int) -> bool:
    above = [option for version, option in _WITHHELD if max(highest, lowest) < version]
    if ssl_conn is None or not above or not hasattr(ssl_conn, "set_options"):
        return False
    for option in above:
        ssl_conn.set_options(option)
    return True


def _old_connection(server: connection.Connection) -> SSL.Connection:
    """A connection as mitmproxy has built it, but from TLS 1.0 on and with all suites."""
    options: Any = ctx.options
    verify = net_tls.Verify.VERIFY_NONE if options.ssl_insecure else net_tls.Verify.VERIFY_PEER
    context = _context(
        max_version=net_tls.Version[options.tls_version_server_max],
        ecdh_curve=net_tls.get_curve(options.tls_ecdh_curve_server),
        verify=verify,
        ca_path=options.ssl_verify_upstream_trusted_confdir,
        ca_pemfile=options.ssl_verify_upstream_trusted_ca,
    )
    made = SSL.Connection(context)
    _expect_name(made, server.sni or "")
    if server.alpn_offers:
        made.set_alpn_protos(list(server.alpn_offers))
    made.set_connect_state()
    return made


def _expect_name(made: SSL.Connection, name: str) -> None:
    """Ask for that host, and let its certificate be checked for it (OpenSSL's
    X509_VERIFY_PARAM_set1_host). An address is no name in TLS (RFC 6066 3)."""
    inside: Any = SSL
    parameters = inside._lib.SSL_get0_param(made._ssl)
    try:
        address = ipaddress.ip_address(name).packed
    except ValueError:
        host = name.encode("idna")
        made.set_tlsext_host_name(host)
        done = inside._lib.X509_VERIFY_PARAM_set1_host(parameters, host, len(host))
    else:
        done = inside._lib.X509_VERIFY_PARAM_set1_ip(parameters, address, len(address))
    if done != 1:
        raise ValueError(f"no certificate can be checked for {name!r}")


@lru_cache(16)
def _context(**options: Any) -> SSL.Context:
    # Not out of mitmproxy's own cache: its contexts are for newer servers.
    context: SSL.Context = net_tls.create_proxy_server_context.__wrapped__(
        method=net_tls.Method.TLS_CLIENT_METHOD,
        min_version=net_tls.Version.TLS1,
        cipher_list=EVERYTHING,
        client_cert=None,
        legacy_server_connect=True,
        **options,
    )
    return context
