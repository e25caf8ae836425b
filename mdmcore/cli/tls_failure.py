"""Why no answer came, told apart from words: from what OpenSSL and the sockets say.

The verdicts are those of a phone that only sees a broken connection; the words are for whoever
runs the server.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import httpx

from mdmcore.cli.tls_side import TLS_VERSIONS, TlsSide
from mdmcore.errors import MdmError
from mdmcore.http import TlsFacts
from mdmcore.phone.refusal import Failure
from mdmcore.pki.certificate import Certificate, parse_certificate

_MAX_NAMES = 10

# Codes of X509_verify_cert (OpenSSL, x509_vfy.h).
_VERIFY_FAILURES = {
    9: Failure.TLS_DATES,
    10: Failure.TLS_DATES,
    18: Failure.TLS_ROOT,
    19: Failure.TLS_ROOT,
    20: Failure.TLS_ISSUER,
    21: Failure.TLS_ISSUER,
    62: Failure.TLS_NAME,
    64: Failure.TLS_NAME,
}
_VERSION_REASONS = {
    "TLSV1_ALERT_PROTOCOL_VERSION",
    "UNSUPPORTED_PROTOCOL",
    "NO_PROTOCOLS_AVAILABLE",
    "WRONG_SSL_VERSION",
}
_CLIENT_CERTIFICATE_REASONS = {
    "TLSV13_ALERT_CERTIFICATE_REQUIRED",
    "SSLV3_ALERT_BAD_CERTIFICATE",
    "SSLV3_ALERT_NO_CERTIFICATE",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
    "SSLV3_ALERT_CERTIFICATE_REVOKED",
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
    "TLSV1_ALERT_UNKNOWN_CA",
    "TLSV1_ALERT_ACCESS_DENIED",
}
_UNREACHABLE = (ConnectionRefusedError, ConnectionAbortedError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Which failure it was, and in words."""

    failure: Failure
    words: str


ASKED_FOR_NOTHING = Verdict(
    failure=Failure.TLS_CLIENT_CERTIFICATE,
    words="the server asks for a client certificate, and this device has none to offer",
)
"""What devices of some generations say that are asked too early."""


class HandshakeRefused(MdmError):
    """The phone breaks a finished handshake off: OpenSSL took what it does not take."""

    def __init__(self, verdict: Verdict, facts: TlsFacts) -> None:
        self.verdict = verdict
        self.facts = facts
        super().__init__(verdict.words)


def judge(error: Exception, *, host: str, side: TlsSide, seen: TlsFacts | None) -> Verdict:
    """What that error of httpx means; ``seen`` is what a look at the server's handshake showed."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return untrusted(cause.verify_code, cause.verify_message, host, seen)
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            return _broken_handshake(cause, side, seen)
    words = f"{type(error).__name__}: {error}"
    if isinstance(error, httpx.ProxyError):
        return Verdict(failure=Failure.PROXY, words=f"the proxy does not connect: {error}")
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return Verdict(failure=Failure.NAME_UNRESOLVED, words=f"the name {host} has no address")
    if isinstance(error, httpx.TimeoutException):
        return Verdict(failure=Failure.TIMED_OUT, words=f"no answer in time ({words})")
    if isinstance(error, httpx.ConnectError) or any(isinstance(c, _UNREACHABLE) for c in causes):
        return Verdict(failure=Failure.UNREACHABLE, words=words)
    if isinstance(error, httpx.ReadError | httpx.WriteError | httpx.RemoteProtocolError):
        return Verdict(failure=Failure.BROKEN_OFF, words=words)
    return Verdict(failure=Failure.OTHER, words=words)


def certificate_problem(facts: TlsFacts, host: str, side: TlsSide) -> Verdict | None:
    """What this phone minds in a certificate that OpenSSL took; ``None`` when it takes it, too."""
    leaf = _leaf(facts)
    if leaf is None or not side.verifies or side.takes_wildcards:
        return None
    return wildcard_problem(leaf, host)


def wildcard_problem(leaf: Certificate, host: str) -> Verdict | None:
    """That the certificate covers the host, but does not name it."""
    names = _names(leaf)
    if host in names or _is_address(host):
        return None
    return Verdict(
        failure=Failure.TLS_WILDCARD,
        words=f"the server's certificate covers {host} by a wildcard only: {_listed(names)}",
    )


def wrong_name(leaf: Certificate, host: str) -> Verdict:
    """That the certificate does not cover the host."""
    return Verdict(
        failure=Failure.TLS_NAME,
        words=f"the server's certificate is not for {host} but for {_listed(_names(leaf))}",
    )


def out_of_date(certificate: Certificate, now: datetime, *, whose: str) -> Verdict | None:
    """That the certificate does not hold by a device's clock; ``whose`` is what it is called."""
    if certificate.not_before <= now <= certificate.not_after:
        return None
    return Verdict(
        failure=Failure.TLS_DATES,
        words=f"{whose} holds {_period(certificate)}, and the device's clock shows "
        f"{now:%Y-%m-%d %H:%M} UTC",
    )


def untrusted(code: int, message: str, host: str, seen: TlsFacts | None) -> Verdict:
    """What it means that X509_verify_cert ended with that code."""
    failure = _VERIFY_FAILURES.get(code, Failure.TLS_OTHER)
    leaf = None if seen is None else _leaf(seen)
    words = f"the server's certificate is not accepted: {message}"
    if leaf is None:
        return Verdict(failure=failure, words=words)
    if failure is Failure.TLS_NAME:
        return wrong_name(leaf, host)
    if failure is Failure.TLS_DATES:
        words = f"the server's certificate holds {_period(leaf)}: {message}"
    elif failure in (Failure.TLS_ROOT, Failure.TLS_ISSUER):
        failure, words = _unknown_issuer(leaf, seen)
    return Verdict(failure=failure, words=words)


def revocation_lists(facts: TlsFacts) -> tuple[str, ...]:
    """Where the server's certificate says that its revocation lists are; http only."""
    leaf = _leaf(facts)
    urls = () if leaf is None else leaf.crl_urls
    return tuple(url for url in urls if url.lower().startswith("http://"))


def unreachable_list(url: str, why: str) -> Verdict:
    """The device cannot fetch a revocation list."""
    return Verdict(
        failure=Failure.TLS_REVOCATION,
        words=f"the revocation list {url} of the server's certificate cannot be fetched: {why}",
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _unknown_issuer(leaf: Certificate, seen: TlsFacts | None) -> tuple[Failure, str]:
    """The root is not known, or what leads to it was not sent: what was sent tells."""
    sent = [] if seen is None else list(filter(None, map(_parsed, seen.server_certificates)))
    last = sent[-1] if sent else leaf
    if leaf.is_self_issued:
        name = leaf.subject.rfc4514() or "an empty name"
        return Failure.TLS_ROOT, f"the server's certificate is self-signed ({name})"
    issuer = last.issuer.rfc4514() or "an empty name"
    if len(sent) > 1:
        return Failure.TLS_ROOT, f"the chain ends at {issuer}, which this device does not trust"
    return (
        Failure.TLS_ISSUER,
        f"the server sends its certificate alone, and this device does not know who issued it: "
        f"{issuer}",
    )


def _broken_handshake(error: ssl.SSLError, side: TlsSide, seen: TlsFacts | None) -> Verdict:
    reason = error.reason or str(error)
    spoken = None if seen is None else seen.version
    if spoken is not None and side.versions and spoken not in side.versions:
        is_newer = TLS_VERSIONS.index(spoken) > max(map(TLS_VERSIONS.index, side.versions))
        return Verdict(
            failure=Failure.TLS_TOO_MODERN if is_newer else Failure.TLS_TOO_OLD,
            words=f"the server speaks {spoken}, this device {' and '.join(side.versions)} only",
        )
    if reason in _VERSION_REASONS:
        return Verdict(
            failure=Failure.TLS_OTHER, words=f"no TLS version that both sides speak ({reason})"
        )
    if reason in _CLIENT_CERTIFICATE_REASONS:
        return Verdict(
            failure=Failure.TLS_CLIENT_CERTIFICATE,
            words=f"the server ends the handshake because of the client certificate ({reason})",
        )
    return Verdict(failure=Failure.TLS_OTHER, words=f"the TLS handshake fails ({reason})")


def _period(leaf: Certificate) -> str:
    return f"from {leaf.not_before:%Y-%m-%d} to {leaf.not_after:%Y-%m-%d}"


def _leaf(facts: TlsFacts) -> Certificate | None:
    sent = facts.server_certificates
    return _parsed(sent[0]) if sent else None


def _parsed(der: bytes) -> Certificate | None:
    try:
        return parse_certificate(der)
    except MdmError:
        return None


def _names(leaf: Certificate) -> list[str]:
    texts = (*leaf.dns_names, *leaf.subject.common_names)
    return list(dict.fromkeys(text.lower().rstrip(".") for text in texts if text))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _listed(names: list[str]) -> str:
    return ", ".join(names[:_MAX_NAMES]) or "no name"
