"""Whether a phone can fetch the revocation lists of its server's certificate (enrollment.md 12).

It belongs to the phase hub. Mostly nobody knows; a probe that has tried, or a device whose request
for the list went through the proxy, tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from mdmcore.errors import MdmError
from mdmcore.http import Exchange, TlsFacts
from mdmcore.pki.certificate import parse_certificate
from mdmcore.rules.decoded import Kind
from mdmcore.rules.life import Life
from mdmcore.rules.model import Hit, Severity
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene

_FIELD = "CRL distribution points"
_HTTP = "http://"
_GOOD = frozenset({200, 304})
# The words of our own client, which tries as a phone would.
_TRIED = re.compile(r"revocation list (\S{1,500}) of the server's certificate cannot be fetched")
_KEPT = 64
"""Certificates whose lists are remembered; a server has few."""


@rule("crl-unreachable", kinds={Kind.SYNCML, Kind.HUB, Kind.TLS, Kind.OTHER})
def crl_unreachable(scene: Scene) -> Iterator[Hit]:
    """The server's certificate names a revocation list and CRLCheck is not 0: if the phone cannot
    fetch the list, its connection fails. Publish the list where the phone reaches it, or set
    CRLCheck to 0."""
    check = _crl_check(scene.life)
    if check is None:
        return
    written = "is not given" if check == "" else f"is {check!r}"
    if scene.decoded.kind is Kind.OTHER:
        yield from _own_request(scene, written)
        return
    tried = _TRIED.search(scene.exchange.error or "")
    if tried is not None:
        yield _hit(scene, f"cannot be fetched, and CRLCheck {written}", tried[1], is_certain=True)
        return
    urls = crl_urls(scene.exchange.tls)
    if not urls or not _is_first_connection(scene):
        return
    shown = ", ".join(urls)
    failed = [scene.unfetched[url] for url in urls if url in scene.unfetched]
    if failed and len(failed) == sum(url.lower().startswith(_HTTP) for url in urls):
        text = f"could not be fetched ({failed[0]}), and CRLCheck {written}"
        yield _hit(scene, text, shown, is_certain=True)
        return
    text = f"is to be checked, as CRLCheck {written}; whether the phone can fetch it is not known"
    yield _hit(scene, text, shown)


def _own_request(scene: Scene, written: str) -> Iterator[Hit]:
    """What is to say of a device's request for the list itself."""
    url, why = scene.exchange.request.url, why_not_fetched(scene.exchange)
    if why and url in scene.life.crl_urls:
        text = f"could not be fetched ({why}), and CRLCheck {written}"
        yield _hit(scene, text, url, is_certain=True)


def _hit(scene: Scene, said: str, evidence: str, *, is_certain: bool = False) -> Hit:
    host = "the server" if scene.decoded.kind is Kind.OTHER else scene.exchange.request.host
    return scene.hit(
        f"the revocation list that the certificate of {host or 'the server'} names {said}",
        part="certificate",
        field=_FIELD,
        evidence=evidence,
        severity=Severity.ERROR if is_certain else None,
    )


def crl_urls(tls: TlsFacts | None) -> tuple[str, ...]:
    """The revocation lists that the server's certificate names."""
    return _named(tls.server_certificates[0]) if tls is not None and tls.server_certificates else ()


@lru_cache(maxsize=_KEPT)
def _named(der: bytes) -> tuple[str, ...]:
    try:
        return parse_certificate(der).crl_urls
    except MdmError:  # other rules are about a certificate that cannot be read
        return ()


def why_not_fetched(exchange: Exchange) -> str:
    """Why a GET brought nothing, in a few words; empty when it did, and for other requests."""
    if exchange.request.method.upper() != "GET":
        return ""
    if exchange.response is None:
        return exchange.error or "no answer"
    status = exchange.response.status
    return "" if status in _GOOD else f"HTTP {status}"


def _crl_check(life: Life) -> str | None:
    """CRLCheck as the life was given it, empty when it was left out; ``None`` when it is 0 or
    there is no branch that could have it."""
    part = life.provisioning
    if part is None or part.document is None:
        return None
    if part.app_management is not None:
        check = part.app_management.crl_check
    else:
        # The Windows 8.1 PC has it in its APPLICATION (MS-MDE 3.6).
        application = part.document.find("APPLICATION")
        check = application.value("CRLCheck") if application is not None else None
        if check is None:
            return None
    text = (check or "").strip()
    return None if text == "0" else text


def _is_first_connection(scene: Scene) -> bool:
    """Once for the DM server and once for the hub: what follows shows nothing new."""
    if scene.decoded.kind is Kind.HUB:
        return scene.before.hub_bytes == 0
    return not scene.before.sessions
