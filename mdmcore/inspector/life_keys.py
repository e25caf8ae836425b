"""What leads from an exchange to a life: keys made of the facts that identify a device.

Which key is looked for at which step is decided in ``correlate``.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.errors import MdmError
from mdmcore.http import Exchange, Request
from mdmcore.pki.certificate import parse_certificate
from mdmcore.rules.life import Life
from mdmcore.rules.urls import endpoint


def life_key(kind: str, *parts: str | None) -> str:
    """An index key; empty when a part that identifies is unknown (a peer may be)."""
    if not parts or (parts[-1] in (None, "") and kind != "peer"):
        return ""
    return "\n".join((kind, *(part or "" for part in parts)))


def keys_of(life: Life, exchange: Exchange) -> Iterator[str]:
    """The keys that lead to a life after an exchange; an empty one is none."""
    peer = exchange.peer
    yield life_key("peer", peer)
    yield life_key("host", peer, life.discovery_host)
    yield life_key("host", peer, Request(method="", url=life.discovery_redirect).host)
    yield life_key("email", peer, life.email.lower())
    yield life_key("user", peer, life.username.lower())
    yield life_key("device", life.device_id)
    if life.csr is not None and life.csr.csr is not None:
        yield life_key("spki", life.csr.csr.spki_sha256)
    if life.certificate is not None:
        yield life_key("spki", life.certificate.spki_sha256)
    if life.account is not None and life.account.device is not None:
        yield life_key("account", life.account.device.user)
    yield life_key("policy", endpoint(life.policy_url))
    yield life_key("enrollment", endpoint(life.enrollment_url))
    for url in life.sign_in_urls:
        yield life_key("sign-in", endpoint(url))
    yield life_key("addr", endpoint(life.addr))
    yield life_key("store", endpoint(life.store_uri))
    for urls in life.named_lists:
        for url in urls:
            yield life_key("list", endpoint(url))


def tls_keys(exchange: Exchange) -> list[str]:
    """The key of the client certificate that the device presented."""
    certificates = exchange.tls.client_certificates if exchange.tls is not None else ()
    if not certificates:
        return []
    try:
        return [life_key("spki", parse_certificate(certificates[0]).spki_sha256)]
    except MdmError:
        return []
