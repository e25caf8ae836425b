"""The phone's side of TLS: the roots it trusts, its versions, what it asks of a certificate.

Carrying requests is the concern of ``transport``, saying why a handshake failed of
``tls_failure``.
"""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from weakref import WeakSet

from mdmcore.errors import ConfigError
from mdmcore.phone.refusal import Failure

_VERSIONS = {
    "TLSv1": ssl.TLSVersion.TLSv1,
    "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}
TLS_VERSIONS = tuple(_VERSIONS)
"""The names of versions as ``ssl`` has them, the oldest first."""

_HANDSHAKE = 22
_CERTIFICATE_REQUEST = 13
_NO_ROOT = frozenset({Failure.TLS_ROOT, Failure.TLS_ISSUER})
_PASSABLE = {
    **dict.fromkeys(_NO_ROOT, _NO_ROOT),
    **{one: frozenset({one}) for one in (Failure.TLS_NAME, Failure.TLS_WILDCARD)},
    Failure.TLS_DATES: frozenset({Failure.TLS_DATES}),
}
"""What is passed over together with a failure."""
_VERSION_FAILURES = frozenset({Failure.TLS_TOO_MODERN, Failure.TLS_TOO_OLD})

_LEGACY_CIPHERS = "ALL:!aNULL:!eNULL:@SECLEVEL=0"
"""Level 0 is what TLS 1.0 and 1.1 need in OpenSSL 3: their signatures are SHA-1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsSide:
    """The phone's side of TLS: the roots it trusts (PEM), and its versions; none given: the
    library's own.

    ``trusts_system``: this computer's roots, too. Without ``verifies`` every certificate will do.
    Without ``takes_wildcards`` the exact host must stand in the certificate. With
    ``minds_certificate_request`` a server may not ask for a certificate where none is to be
    offered. ``clock`` is the phone's where it is another than this computer's: dates are judged by
    it alone. The failures in ``passes_over`` are no longer minded.
    """

    authority_pem: str = field(repr=False, default="")
    versions: tuple[str, ...] = ()
    trusts_system: bool = False
    verifies: bool = True
    takes_wildcards: bool = True
    minds_certificate_request: bool = False
    clock: Callable[[], datetime] | None = None
    passes_over: frozenset[Failure] = frozenset()

    @property
    def judges_itself(self) -> bool:
        """Whether the certificate is judged behind the handshake (``tls_chain``), since OpenSSL
        cannot do it in there."""
        return self.verifies and (self.clock is not None or bool(self.passes_over))

    def context(self) -> ssl.SSLContext:
        """A fresh context; ConfigError for a version that nobody knows, or for no certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        # mitmproxy's CA has no authorityKeyIdentifier rules a phone would ask for.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if self.trusts_system:
            context.load_default_certs()
        if self.authority_pem:
            try:
                context.load_verify_locations(cadata=self.authority_pem)
            except ssl.SSLError as error:
                raise ConfigError(f"no certificates can be read there: {error.reason}") from None
        if self.versions:
            _limit(context, self.versions)
        if not self.verifies or self.judges_itself:
            _accept_anything(context)
        return context

    def trusting(self, pem: str) -> TlsSide:
        """The same with those roots, too."""
        return replace(self, authority_pem=f"{self.authority_pem}\n{pem}".strip())

    def passing_over(self, failure: Failure) -> TlsSide | None:
        """The same that no longer minds that failure; ``None`` where it cannot, or did so
        already."""
        if failure in _VERSION_FAILURES:
            return replace(self, versions=()) if self.versions else None
        further = _PASSABLE.get(failure, frozenset()) - self.passes_over
        if not further or not self.verifies:
            return None
        return replace(self, passes_over=self.passes_over | further)


def trust_only(authority_pem: str, versions: tuple[str, ...] = ()) -> TlsSide:
    """A phone that trusts the certificates of that PEM text and nothing else.

    ``versions`` are those of a profile (``DeviceProfile.tls_versions``).
    """
    return TlsSide(authority_pem=authority_pem, versions=versions)


class CertificateRequests:
    """Which connections of a context were asked for a certificate (RFC 8446 4.3.2, RFC 5246 7.4.4).

    Python tells of handshake messages only by a hook that is not public.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self._asked: WeakSet[Any] = WeakSet()
        hidden: Any = context
        hidden._msg_callback = self._hear

    def __contains__(self, connection: object) -> bool:
        return connection in self._asked

    def _hear(
        self, connection: Any, direction: str, _version: Any, kind: Any, message: Any, _data: bytes
    ) -> None:
        if direction == "read" and (kind, message) == (_HANDSHAKE, _CERTIFICATE_REQUEST):
            self._asked.add(connection)


def looking_context() -> ssl.SSLContext:
    """A context that speaks every version and takes every certificate, to look at a server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _limit(context, TLS_VERSIONS)
    _accept_anything(context)
    return context


def _accept_anything(context: ssl.SSLContext) -> None:
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE


def _limit(context: ssl.SSLContext, versions: tuple[str, ...]) -> None:
    """Speak these versions and no other between the lowest and the highest."""
    try:
        known = sorted(_VERSIONS[name] for name in versions)
    except KeyError as error:
        raise ConfigError(f"no TLS version {error}; there is: {', '.join(_VERSIONS)}") from None
    if known[0] < ssl.TLSVersion.TLSv1_2:
        context.set_ciphers(_LEGACY_CIPHERS)
    with warnings.catch_warnings():
        # Python warns of old versions, which is just what an old phone speaks.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = known[0]
        context.maximum_version = known[-1]
