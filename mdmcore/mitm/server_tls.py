"""How TLS between the proxy and the server ended, and what the server showed in it.

OpenSSL has judged the certificate also where nobody asked for it, and one that was refused is kept:
mitmproxy keeps only what was accepted. Sources: OpenSSL's X509_STORE_CTX_get_error, RFC 8446 4.2.1.
What the server is offered belongs to ``server_offer``.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from mitmproxy import certs, connection
from OpenSSL import SSL

from mdmcore.connection import ServerEnd

_VERIFY_FAILED = "Certificate verify failed"
_MAX_DETAIL = 200
_CERTIFICATE_ENDS = MappingProxyType(
    {
        2: ServerEnd.UNKNOWN_ROOT,  # X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT
        9: ServerEnd.OUT_OF_DATE,  # CERT_NOT_YET_VALID
        10: ServerEnd.OUT_OF_DATE,  # CERT_HAS_EXPIRED
        18: ServerEnd.UNKNOWN_ROOT,  # DEPTH_ZERO_SELF_SIGNED_CERT
        19: ServerEnd.UNKNOWN_ROOT,  # SELF_SIGNED_CERT_IN_CHAIN
        20: ServerEnd.UNKNOWN_ROOT,  # UNABLE_TO_GET_ISSUER_CERT_LOCALLY
        21: ServerEnd.UNKNOWN_ROOT,  # UNABLE_TO_VERIFY_LEAF_SIGNATURE
        62: ServerEnd.WRONG_NAME,  # HOSTNAME_MISMATCH
        64: ServerEnd.WRONG_NAME,  # IP_ADDRESS_MISMATCH
    }
)
_CHOSE_OLDER = ("unsupported protocol", "wrong ssl version", "version too low")
_REFUSED_ALL = ("cannot agree on a TLS version", "alert protocol version")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerHandshake:
    """How it ended, in a word and in OpenSSL's words; ``is_unchecked`` as in ``Connection``."""

    end: ServerEnd
    detail: str = ""
    is_unchecked: bool = False


NOT_ENDED = ServerHandshake(end=ServerEnd.UNKNOWN)


def established(ssl_conn: SSL.Connection) -> ServerHandshake:
    """A handshake that ended well: OpenSSL has judged the certificate though nobody asked."""
    code = _verify_result(ssl_conn)
    if code == 0:
        return ServerHandshake(end=ServerEnd.OK)
    return ServerHandshake(end=_certificate_end(code), detail=_words(code), is_unchecked=True)


def failed(ssl_conn: SSL.Connection, reason: str, *, is_mirrored: bool) -> ServerHandshake:
    """A handshake that failed, for mitmproxy's ``reason``. ``is_mirrored``: newer versions than
    the device's were withheld, so that a server may have refused for want of them."""
    if reason.startswith(_VERIFY_FAILED):
        code = _verify_result(ssl_conn)
        return ServerHandshake(end=_certificate_end(code), detail=_words(code))
    detail = reason[:_MAX_DETAIL]
    if any(words in reason for words in _CHOSE_OLDER):
        return ServerHandshake(end=ServerEnd.OLDER_VERSION, detail=detail)
    if any(words in reason for words in _REFUSED_ALL):
        end = ServerEnd.NEWER_VERSION if is_mirrored else ServerEnd.OLDER_VERSION
        return ServerHandshake(end=end, detail=detail)
    return ServerHandshake(end=ServerEnd.FAILED, detail=detail)


def keep_chain(server: connection.Connection, ssl_conn: SSL.Connection) -> None:
    """Note the certificates that a server sent in a handshake that failed, where it did."""
    if server.certificate_list:
        return
    found = []
    for sent in ssl_conn.get_peer_cert_chain() or ():
        try:
            found.append(certs.Cert.from_pyopenssl(sent))
        except ValueError:  # as mitmproxy does with what cannot be parsed
            continue
    server.certificate_list = found


def _certificate_end(code: int) -> ServerEnd:
    return _CERTIFICATE_ENDS.get(code, ServerEnd.BAD_CERTIFICATE)


def _verify_result(ssl_conn: SSL.Connection) -> int:
    inside: Any = SSL
    return int(inside._lib.SSL_get_verify_result(ssl_conn._ssl))


def _words(code: int) -> str:
    inside: Any = SSL
    text: bytes = inside._ffi.string(inside._lib.X509_verify_cert_error_string(code))
    return text.decode("ascii", "replace")[:_MAX_DETAIL]
