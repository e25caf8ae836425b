"""Rules on the certificate of the server behind the proxy (enrollment.md 2).

They judge the chain that the server itself sent, never the one a proxy made for the device, and
are silent where none was recorded. They belong to the phase tls-http, that on dates to observed.
A connection has such a chain where it passed untouched, in a version that does not encrypt it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from mdmcore.errors import MdmError
from mdmcore.http import Request
from mdmcore.pki.certificate import Certificate, parse_certificate, verify_issued_by
from mdmcore.rules.decoded import SOAP_KINDS, Kind
from mdmcore.rules.handed_out import is_address
from mdmcore.rules.model import Hit
from mdmcore.rules.proxy_words import refused_by_proxy
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene

_DEVICE_KINDS = SOAP_KINDS | {Kind.PROBE, Kind.WAB, Kind.SYNCML, Kind.HUB, Kind.TLS}
_MAX_CHAIN = 10
_MAX_SHOWN = 10
# CA/Browser Forum Baseline Requirements 7.1.2.7: both mark certificates of public CAs, which no
# root may issue itself.
_SCT_LIST = "1.3.6.1.4.1.11129.2.4.2"
_PUBLIC_POLICIES = "2.23.140.1."


@rule("tls-name-mismatch", kinds=_DEVICE_KINDS)
def name_mismatch(scene: Scene) -> Iterator[Hit]:
    """The server's certificate is not for the host that the device asked for, so HTTPS fails before
    any message is sent. Issue it with that host as CN or subjectAltName."""
    yield from refused_by_proxy(scene, "tls-name-mismatch")
    leaf, hosts = _leaf(scene), _hosts(scene)
    if leaf is None or not hosts or not _is_ours(scene):
        return
    names = _names(leaf)
    if any(_covers(name, host) for name in names for host in hosts):
        return
    yield _hit(
        scene,
        leaf,
        f"the server's certificate is not for {hosts[0]}",
        evidence=", ".join(names[:_MAX_SHOWN]) or "no name",
    )


@rule("tls-wildcard-certificate", kinds=_DEVICE_KINDS)
def wildcard(scene: Scene) -> Iterator[Hit]:
    """The server's certificate covers the host by a wildcard only, which phones reject. Use a
    certificate with the exact host names."""
    leaf, hosts = _leaf(scene), _hosts(scene)
    names = _names(leaf) if leaf is not None else []
    if leaf is None or any(name in hosts for name in names) or not _is_ours(scene):
        return
    wildcards = [name for name in names if any(_covers(name, host) for host in hosts)]
    if wildcards:
        yield _hit(
            scene,
            leaf,
            f"the server's certificate has a wildcard, {wildcards[0]}, and not the host itself",
            evidence=", ".join(wildcards[:_MAX_SHOWN]),
        )


@rule("tls-chain-incomplete", kinds=_DEVICE_KINDS)
def chain_incomplete(scene: Scene) -> Iterator[Hit]:
    """The server does not send the intermediate certificate that issued its own, so a device that
    has not met it before cannot validate the chain. Send the full chain except the root."""
    if not _is_ours(scene) or not lacks_issuer(scene):
        return
    leaf, *more = sent_certificates(scene)
    others = [one for one in more if one.is_ca]
    sent = "; ".join(one.subject.rfc4514() for one in others[:_MAX_SHOWN]) or "nothing else"
    yield _hit(
        scene,
        leaf,
        f"the server does not send {leaf.issuer.rfc4514()}, which issued its certificate",
        evidence=f"sent beside it: {sent}",
    )


@rule("tls-certificate-expired", kinds=_DEVICE_KINDS)
def expired(scene: Scene) -> Iterator[Hit]:
    """The server's certificate does not hold yet, or holds no more, so HTTPS fails before any
    message is sent. Renew it in time, and keep the clocks right."""
    yield from refused_by_proxy(scene, "tls-certificate-expired")
    leaf, now = _leaf(scene), scene.exchange.started
    if leaf is None or now is None or leaf.not_before <= now <= leaf.not_after:
        return
    when = "ended on" if now > leaf.not_after else "begins on"
    date = leaf.not_after if now > leaf.not_after else leaf.not_before
    yield _hit(
        scene,
        leaf,
        f"the server's certificate {when} {date:%Y-%m-%d}",
        evidence=f"{leaf.not_before:%Y-%m-%d %H:%M} to {leaf.not_after:%Y-%m-%d %H:%M} UTC",
    )


def lacks_issuer(scene: Scene) -> bool:
    """Whether it shows in the chain that an intermediate certificate is missing.

    A root may be left out. That the issuer is none shows where a public CA made the certificate,
    and where another CA's certificate was sent in the issuer's place.
    """
    chain = sent_certificates(scene)
    if not chain or _leads_on(chain) or given_root(scene, chain[:1]):
        return False
    return any(one.is_ca for one in chain[1:]) or _is_public(chain[0])


def given_root(scene: Scene, chain: tuple[Certificate, ...]) -> bool:
    """Whether a root that the device was given is, or issued, one of these certificates."""
    part = scene.life.provisioning
    roots = [item.certificate for item in part.certificates] if part is not None else []
    return any(
        verify_issued_by(one, root)
        for root in roots
        if root is not None and root.is_self_issued
        for one in chain
    )


def _hit(scene: Scene, leaf: Certificate, message: str, *, evidence: str) -> Hit:
    text = f"{message} (subject {leaf.subject.rfc4514() or 'empty'})"
    return scene.hit(text, part="tls", field="server_certificates", evidence=evidence)


def _is_ours(scene: Scene) -> bool:
    """Whether the host is one of MDM: devices connect to many that are nobody's business here."""
    connection = scene.exchange.connection
    return connection is None or connection.is_passed_through


def sent_certificates(scene: Scene) -> tuple[Certificate, ...]:
    """The chain as sent, leaf first; nothing when its leaf cannot be read."""
    tls = scene.exchange.tls
    return _parsed(tls.server_certificates[:_MAX_CHAIN]) if tls is not None else ()


# Every exchange of a connection has the same chain.
@lru_cache(maxsize=64)
def _parsed(sent: tuple[bytes, ...]) -> tuple[Certificate, ...]:
    found: list[Certificate] = []
    for der in sent:
        try:
            found.append(parse_certificate(der))
        except MdmError:
            if not found:
                break
    return tuple(found)


def _leaf(scene: Scene) -> Certificate | None:
    return next(iter(sent_certificates(scene)), None)


def _hosts(scene: Scene) -> tuple[str, ...]:
    """The names by which the device, or the proxy for it, asked for the server.

    Addresses do not count: the proxy may have been told where the server is.
    """
    exchange = scene.exchange
    header = Request(method="", url=f"//{exchange.request.headers.get('Host') or ''}").host
    tls = exchange.tls
    named = (tls.sni or "", tls.server_sni or "") if tls is not None else ("", "")
    sni, of_proxy = (name.lower() for name in named)
    found = (name.rstrip(".") for name in (sni, exchange.request.host, header, of_proxy))
    return tuple(dict.fromkeys(name for name in found if name and not is_address(name)))


def _names(leaf: Certificate) -> list[str]:
    """The names that the certificate is for, in lower case, each once: CN and subjectAltName."""
    texts = (*leaf.dns_names, *leaf.subject.common_names)
    return list(dict.fromkeys(text.lower().rstrip(".") for text in texts if text))


def _covers(name: str, host: str) -> bool:
    """Whether a name is the host, or a wildcard for its first label (RFC 6125 6.4.3)."""
    if name == host:
        return True
    label, dot, rest = host.partition(".")
    return bool(label and dot) and name == f"*.{rest}"


@lru_cache(maxsize=64)
def _leads_on(chain: tuple[Certificate, ...]) -> bool:
    """Whether the leaf is its own issuer, or its issuer was sent."""
    leaf = chain[0]
    return leaf.is_self_issued or any(verify_issued_by(leaf, one) for one in chain[1:])


def _is_public(leaf: Certificate) -> bool:
    return _SCT_LIST in leaf.extension_oids or any(
        policy.startswith(_PUBLIC_POLICIES) for policy in leaf.policies
    )
