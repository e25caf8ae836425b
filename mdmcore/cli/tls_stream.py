"""What a finished TLS handshake shows of the server, and when it is looked at: before any HTTP."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any

from mdmcore.http import TlsFacts


def after_handshake(
    check: Callable[[ssl.SSLSocket], None],
) -> Callable[[str, dict[str, Any]], None]:
    """A trace of httpcore that calls ``check`` when a handshake has succeeded, before any HTTP."""

    def trace(event: str, info: dict[str, Any]) -> None:
        if not event.endswith(".start_tls.complete"):
            return
        stream = info["return_value"].get_extra_info("socket")
        if not isinstance(stream, ssl.SSLSocket):
            return
        try:
            check(stream)
        except Exception:
            stream.close()
            raise

    return trace


def facts_of(stream: ssl.SSLSocket, host: str) -> TlsFacts:
    """Version, cipher and the server's chain of a connection to that host."""
    cipher = stream.cipher()
    return TlsFacts(
        version=stream.version(),
        cipher=cipher[0] if cipher is not None else None,
        sni=host,
        server_certificates=_chain(stream),
    )


def _chain(stream: ssl.SSLSocket) -> tuple[bytes, ...]:
    """The chain as sent, leaf first."""
    whole = getattr(stream, "get_unverified_chain", None)
    if whole is not None:
        return tuple(whole())
    # Python 3.12 has it only inside, as objects that become DER.
    inside: Any = stream
    sent = inside._sslobj.get_unverified_chain() or ()
    return tuple(ssl.PEM_cert_to_DER_cert(certificate.public_bytes()) for certificate in sent)
