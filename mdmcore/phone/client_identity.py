"""The client certificate that a leg offers in its TLS handshake, told to whoever drives the phone.

A generator yields plain requests; those that may be asked for a certificate are
``IdentifiedRequest`` and name it, with the key by its digest. A driver that knows nothing of that
just sends them. The handshake itself is the driver's, and so is the key (``Keyring``).
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass, field

from mdmcore.http import Request, Response, TlsFacts
from mdmcore.phone.certificate_store import HeldCertificate, SearchResult
from mdmcore.phone.outgoing import changing

_MAX_CHAIN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientIdentity:
    """A certificate (DER) whose private key the device holds, and the intermediates above it.

    ``is_required``: the request makes no sense without it, as with a silent renewal.
    ``checks_revocation``: the server's certificate counts only when the revocation lists that it
    names can be fetched (CRLCheck, enrollment.md 12).
    """

    certificate: bytes = field(repr=False)
    chain: tuple[bytes, ...] = field(default=(), repr=False)
    key_sha256: str
    is_required: bool = False
    checks_revocation: bool = False

    def tls_facts(self) -> TlsFacts:
        """What a server sees of a handshake with it, for a driver without one."""
        return TlsFacts(client_certificates=(self.certificate, *self.chain))


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifiedRequest(Request):
    """A request on a connection whose handshake may offer that certificate."""

    identity: ClientIdentity


def identity_of(request: Request) -> ClientIdentity | None:
    """The identity of a request, ``None`` where none is offered."""
    return request.identity if isinstance(request, IdentifiedRequest) else None


def client_identity(
    held: HeldCertificate, store: Iterable[HeldCertificate], *, is_required: bool = False
) -> ClientIdentity:
    """That of a certificate with its key; the chain is what the store has."""
    authorities = {
        entry.certificate.subject.raw: entry.certificate
        for entry in store
        if entry.certificate.is_ca and not entry.certificate.is_self_issued
    }
    chain: list[bytes] = []
    issuer = authorities.get(held.certificate.issuer.raw)
    while issuer is not None and issuer.der not in chain and len(chain) < _MAX_CHAIN:
        chain.append(issuer.der)
        issuer = authorities.get(issuer.issuer.raw)
    return ClientIdentity(
        certificate=held.certificate.der,
        chain=tuple(chain),
        key_sha256=held.certificate.spki_sha256,
        is_required=is_required,
    )


def found_identity(search: SearchResult, store: Iterable[HeldCertificate]) -> ClientIdentity | None:
    """That of the certificate which a search found, offered if the server asks for one."""
    return None if search.found is None else client_identity(search.found, store)


def offering[T](
    identity: ClientIdentity | None, leg: Generator[Request, Response, T]
) -> Generator[Request, Response, T]:
    """That leg, each of its requests with the identity."""
    return changing(lambda request: _identified(request, identity), leg)


def _identified(request: Request, identity: ClientIdentity | None) -> Request:
    if identity is None:
        return request
    return IdentifiedRequest(
        method=request.method,
        url=request.url,
        headers=request.headers,
        body=request.body,
        identity=identity,
    )
