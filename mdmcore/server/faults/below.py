"""Mistakes below HTTP, as data: what each does, to which part of a connection, and for which hosts.

They cannot be made in an answer: whoever carries the bytes makes them. Certificates, versions and
the question for a client certificate belong to a connection, before anything is asked in it; so
their steps stand for the hosts that serve them. Sources: enrollment.md 2 and 15, session.md 8.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from urllib.parse import urlsplit

from mdmcore.http import Request, Response
from mdmcore.server.faults.documents import ANY, edit_parm, with_branch
from mdmcore.server.faults.model import Answered, Change, Step
from mdmcore.server.settings import ServerSettings

_HUB_PREFIX = "hub."


class Part(StrEnum):
    """The part of a connection in which a mistake is made."""

    CERTIFICATE = "certificate"
    VERSIONS = "versions"
    CLIENT_CERTIFICATE = "client-certificate"
    """The question for the device's certificate."""
    BYTES = "bytes"
    """What is written of an answer that is right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportFault:
    """A mistake below HTTP. ``id`` is the rule's; ``does`` says what happens, for people.

    ``steps``: the answers that it spoils, or those by which the hosts of a connection are known.
    ``change`` is what it needs in the enrolment's answer besides; ``is_for_hub_host``: it is made
    on the host that serves the hub alone, not on the one that serves it among others.
    """

    id: str
    part: Part
    steps: frozenset[Step]
    does: str
    change: Change | None = None
    is_for_hub_host: bool = False

    @property
    def is_for_connections(self) -> bool:
        """Whether it is made before HTTP is seen, once for each connection."""
        return self.part is not Part.BYTES


def hub_host(domain: str) -> str:
    """The host that serves the hub alone, while ``hub-tls-no-request`` is on."""
    return f"{_HUB_PREFIX}{domain}"


def domain_of_hub_host(host: str, settings: ServerSettings) -> str | None:
    """The domain whose hub host that is; ``None`` for any other host."""
    name = host.lower().rstrip(".")
    return next((one for one in map(str.lower, settings.domains) if name == hub_host(one)), None)


def on_service_host(request: Request, settings: ServerSettings) -> Request:
    """A request to a hub host as if it had been sent to the host that serves all else."""
    domain = domain_of_hub_host(request.host, settings)
    if domain is None:
        return request
    host = urlsplit(settings.dm_url(domain)).netloc
    return replace(request, url=urlsplit(request.url)._replace(netloc=host).geturl())


def serves(host: str, step: Step, settings: ServerSettings) -> bool:
    """Whether answers of that step come from that host (any case)."""
    if domain_of_hub_host(host, settings) is not None:
        return step is Step.HUB
    domain, name = settings.domain_of(host), host.lower().rstrip(".")
    if domain is None:
        return False
    management = urlsplit(settings.dm_url(domain)).netloc
    if step in (Step.MANAGE, Step.HUB):
        return name == management
    if step in (Step.PROBE, Step.DISCOVER):
        return name != management or settings.client_tls
    if step is Step.RENEW and settings.client_tls:
        return name == management
    return name == settings.service_host(domain, f"enterpriseenrollment.{domain}")


def _hub_elsewhere(answered: Answered) -> Response | None:
    """StoreURI names a host that serves the hub alone."""

    def elsewhere(url: str) -> str:
        parts = urlsplit(url)
        domain = answered.tools.settings.domain_of(parts.hostname or "")
        return url if domain is None else parts._replace(netloc=hub_host(domain)).geturl()

    return with_branch(answered, ("EnterpriseAppManagement", ANY), edit_parm("StoreURI", elsewhere))


_ALL = frozenset(Step)
_BEFORE_ENROLLED = frozenset({Step.PROBE, Step.DISCOVER, Step.SIGN_IN, Step.POLICY, Step.ENROLL})
_MESSAGES = frozenset({Step.DISCOVER, Step.POLICY, Step.ENROLL, Step.RENEW, Step.MANAGE})

_ROWS = (
    (
        "tls-name-mismatch",
        Part.CERTIFICATE,
        _ALL,
        "the certificate is for another host of the domain",
    ),
    ("tls-wildcard-certificate", Part.CERTIFICATE, _ALL, "the certificate is for *.DOMAIN only"),
    ("tls-root-not-on-device", Part.CERTIFICATE, _ALL, "the chain ends at a root nobody installed"),
    (
        "tls-chain-incomplete",
        Part.CERTIFICATE,
        _ALL,
        "an intermediate CA issued the certificate, and is not sent",
    ),
    ("tls-certificate-expired", Part.CERTIFICATE, _ALL, "the certificate ended yesterday"),
    (
        "crl-unreachable",
        Part.CERTIFICATE,
        _ALL,
        "the certificate names a revocation list that nobody serves",
    ),
    ("tls-too-modern", Part.VERSIONS, _ALL, "TLS 1.3 and nothing older"),
    ("tls-too-old", Part.VERSIONS, _ALL, "TLS 1.0 and nothing newer"),
    (
        "tls-client-cert-asked-early",
        Part.CLIENT_CERTIFICATE,
        _BEFORE_ENROLLED,
        "the handshake asks the device for a certificate that it has not got yet",
    ),
    (
        "content-length-wrong",
        Part.BYTES,
        _MESSAGES,
        "Content-Length is greater than the body, after which the connection ends",
    ),
    (
        "content-length-counts-characters",
        Part.BYTES,
        _MESSAGES,
        "a text that is not ASCII gets into the answer, Content-Length counts its characters",
    ),
    (
        "answer-truncated",
        Part.BYTES,
        _ALL - {Step.PROBE},
        "half of the body comes, then the connection ends in good order",
    ),
    (
        "answer-broken-off",
        Part.BYTES,
        _ALL,
        "half of the body comes, then the connection is reset",
    ),
    ("answer-slow", Part.BYTES, _ALL, "nothing comes for two minutes"),
)

TRANSPORT_FAULTS: Mapping[str, TransportFault] = MappingProxyType(
    {
        **{
            name: TransportFault(id=name, part=part, steps=steps, does=does)
            for name, part, steps, does in _ROWS
        },
        "hub-tls-no-request": TransportFault(
            id="hub-tls-no-request",
            part=Part.CERTIFICATE,
            steps=frozenset({Step.HUB}),
            does="devices that enrol are sent to hub.DOMAIN for the hub, whose certificate is for "
            "mdm.DOMAIN",
            change=_hub_elsewhere,
            is_for_hub_host=True,
        ),
    }
)
"""Every mistake below HTTP by id."""
