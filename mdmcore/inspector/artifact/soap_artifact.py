"""A loose SOAP message: its body tells which step it is and who sent it (enrollment.md 3.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from mdmcore.enrollment.soap import parse_envelope
from mdmcore.errors import MdmError
from mdmcore.http import Exchange, Response
from mdmcore.inspector.artifact.judge import exchange_of, judge
from mdmcore.inspector.artifact.kind_names import ArtifactKind
from mdmcore.inspector.artifact.layers import Piece
from mdmcore.inspector.artifact.message_facts import flat_facts, soap_summary
from mdmcore.inspector.artifact.nested import request_parts, response_parts
from mdmcore.inspector.artifact.profile import profile_of
from mdmcore.inspector.artifact.provisioning_facts import (
    aetx_comparison,
    document_facts,
    is_renewal_answer,
)
from mdmcore.inspector.artifact.shown_xml import shown_xml
from mdmcore.inspector.artifact.values import ArtifactReport, ArtifactSettings
from mdmcore.inspector.decode import decode
from mdmcore.inspector.describe import describe
from mdmcore.rules.decoded import SOAP_KINDS, Decoded, Kind

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What a message is: the artifact's kind, its title, the step, and whether it is asked."""

    kind: str
    title: str
    step: Kind
    is_request: bool = True


def _asked(kind: str, title: str, step: Kind) -> Role:
    return Role(kind=kind, title=title, step=step)


def _answered(kind: str, title: str, step: Kind) -> Role:
    return Role(kind=kind, title=title, step=step, is_request=False)


_RST = _asked("rst", "RequestSecurityToken", Kind.RST)
_RSTRC = _answered("rstrc", "RequestSecurityTokenResponseCollection", Kind.RST)
_FAULT = _answered("fault", "SOAP fault", Kind.RST)
_OTHER = _asked(ArtifactKind.SOAP, "SOAP message", Kind.OTHER)
_ROLES: Mapping[str, Role] = MappingProxyType(
    {
        "discover": _asked("discover", "Discover", Kind.DISCOVER),
        "discoverresponse": _answered("discover-response", "DiscoverResponse", Kind.DISCOVER),
        "getpolicies": _asked("getpolicies", "GetPolicies", Kind.GETPOLICIES),
        "getpoliciesresponse": _answered(
            "getpolicies-response", "GetPoliciesResponse", Kind.GETPOLICIES
        ),
        "requestsecuritytoken": _RST,
        "requestsecuritytokenresponsecollection": _RSTRC,
        "requestsecuritytokenresponse": replace(_RSTRC, title="RequestSecurityTokenResponse"),
        "fault": _FAULT,
    }
)
"""By the name of the body's element in lower case."""

_BODY = re.compile(
    rb"<(?:[A-Za-z_][\w.-]{0,60}:)?("
    + b"|".join(name.encode() for name in _ROLES)
    + rb")(?=[\s/>])",
    re.IGNORECASE,
)
_FAULT_STEPS = (("IDiscoveryService", Kind.DISCOVER), ("IPolicy", Kind.GETPOLICIES))


def read_soap(piece: Piece, name: str, settings: ArtifactSettings) -> ArtifactReport:
    """The report of a message; never raises for what it holds."""
    role = _role(piece.data)
    exchange = _exchange(piece, name, role, settings)
    decoded = _decoded(exchange, role, settings)
    if decoded.kind is Kind.RENEW and role.is_request:
        role = replace(role, kind="renew", title="RequestSecurityToken of a renewal")
    chosen = profile_of(decoded, settings)
    side = decoded.request if role.is_request else decoded.response
    content: dict[str, Any] = describe(decoded, settings.mask)
    layers = (*piece.layers, "XML")
    find_parts = request_parts if role.is_request else response_parts
    root = side.root if side is not None else None
    return ArtifactReport(
        name=name,
        kind=role.kind,
        summary=soap_summary(role.title, decoded),
        layers=layers,
        profile=chosen.profile,
        profile_reason=chosen.reason,
        facts=_facts(
            decoded, content.get("request" if role.is_request else "response", {}), settings
        ),
        content=content,
        parts=tuple(find_parts(decoded, layers, settings)),
        shown=shown_xml(root, settings.mask) if settings.is_shown and root is not None else "",
        findings=judge(exchange, decoded, chosen, settings),
    )


def _facts(decoded: Decoded, described: Mapping[str, Any], settings: ArtifactSettings) -> Json:
    """The message's values, and those of the document in it, which is what matters most."""
    facts = flat_facts(described)
    if decoded.provisioning is None:
        return facts
    inner = document_facts(decoded.provisioning, settings.mask)
    if settings.aetx is not None:
        inner["compared_with_aetx"] = aetx_comparison(decoded.provisioning, settings.aetx)
    return facts | {f"document.{name}": value for name, value in inner.items()}


def _role(data: bytes) -> Role:
    try:
        envelope = parse_envelope(data, strict=False)
    except MdmError:
        # Not even to be recovered: the names of elements still tell what was meant.
        found = _BODY.search(data)
        return _ROLES[found[1].decode("ascii").lower()] if found else _OTHER
    role = _ROLES.get(envelope.body_name.lower(), _OTHER)
    if role is not _FAULT:
        return role
    step = next((kind for part, kind in _FAULT_STEPS if part in envelope.action), Kind.RST)
    return replace(role, step=step)


def _exchange(piece: Piece, name: str, role: Role, settings: ArtifactSettings) -> Exchange:
    if role.is_request:
        return exchange_of(name, settings, request=piece.data, is_verbatim=piece.is_verbatim)
    answer = Response(status=200, body=piece.data)
    return exchange_of(name, settings, response=answer, is_verbatim=piece.is_verbatim)


def _decoded(exchange: Exchange, role: Role, settings: ArtifactSettings) -> Decoded:
    """The message decoded as in an exchange of its kind, which the body tells if nothing else."""
    if role.is_request:
        decoded = decode(exchange)
        if decoded.kind in SOAP_KINDS:
            return decoded
        return decode(exchange, kind=role.step)
    decoded = decode(exchange, kind=role.step)
    part = decoded.provisioning
    is_renewal = part is not None and (settings.is_renewal or is_renewal_answer(part))
    return replace(decoded, kind=Kind.RENEW) if is_renewal else decoded
