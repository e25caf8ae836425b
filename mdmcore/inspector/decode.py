"""Decoding an exchange once, for all rules: kind, both sides, typed parts (enrollment.md 3.4).

``decode`` never raises for what a device or server sent: what cannot be read stands in problems
and notes, from which rules and the summary speak. Whose exchange it is belongs to ``correlate``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from mdmcore.codes import read_codes
from mdmcore.enrollment.discovery import parse_discover, parse_discover_response
from mdmcore.enrollment.policies import parse_get_policies_response
from mdmcore.enrollment.soap import Envelope
from mdmcore.enrollment.token import RequestSecurityToken, parse_rst, parse_rstrc
from mdmcore.errors import MdmError, ParseError
from mdmcore.http import Exchange
from mdmcore.inspector.answer_token import token_form
from mdmcore.inspector.body import read_side
from mdmcore.inspector.classify import classify
from mdmcore.inspector.provisioning_part import read_provisioning
from mdmcore.inspector.renewal_part import read_renewal
from mdmcore.inspector.wab_part import read_wab
from mdmcore.pki.csr import parse_pkcs10, signature_problem
from mdmcore.rules.decoded import (
    SOAP_KINDS,
    BodySide,
    CsrPart,
    Decoded,
    HubFacts,
    Kind,
    Note,
    RenewalPart,
)


@dataclass(slots=True)
class _Notes:
    """Gathers what could not be read, so that one broken part leaves the others standing."""

    found: list[Note] = field(default_factory=list)

    def attempt[T](self, parse: Callable[..., T], envelope: Envelope | None) -> T | None:
        if envelope is None:
            return None
        try:
            return parse(envelope, strict=False)
        except MdmError as error:
            self.found.append(Note(message=str(error)))
            return None


def decode(
    exchange: Exchange,
    *,
    is_store_uri: bool = False,
    told: Kind | None = None,
    kind: Kind | None = None,
) -> Decoded:
    """The exchange's parts without a summary, which needs the life: see ``summary``.

    ``is_store_uri`` and ``told`` as in ``classify``. ``kind`` is given where the request that
    tells it is not there: for a loose answer.
    """
    if exchange.observation is not None:
        return Decoded(
            kind=Kind.OTHER,
            request=BodySide(part="request", is_recorded=False),
            codes=read_codes(exchange.observation.text),
        )
    request = read_side(
        "request",
        exchange.request.body,
        exchange.request.media_type,
        is_verbatim=exchange.verbatim,
    )
    if kind is None:
        kind = classify(exchange, request, is_store_uri=is_store_uri, told=told)
    response = _response_side(exchange, kind)
    if kind in SOAP_KINDS:
        return _enrollment(kind, request, response)
    return Decoded(
        kind=kind,
        request=request,
        response=response,
        wab=read_wab(exchange) if kind is Kind.WAB else None,
        hub=_hub(exchange, is_store_uri=is_store_uri) if kind is Kind.HUB else None,
    )


def _response_side(exchange: Exchange, kind: Kind) -> BodySide | None:
    if exchange.response is None:
        return None
    body = exchange.response.body
    if kind in SOAP_KINDS or kind is Kind.SYNCML or kind is Kind.OTHER:
        media_type = exchange.response.media_type
        return read_side("response", body, media_type, is_verbatim=exchange.verbatim)
    return BodySide(part="response", body=body or b"", is_recorded=body is not None)


def _enrollment(kind: Kind, request: BodySide, response: BodySide | None) -> Decoded:
    notes = _Notes()
    asked = request.envelope
    answer = response.envelope if response is not None and response.fault is None else None
    if kind is Kind.DISCOVER:
        return Decoded(
            kind=kind,
            request=request,
            response=response,
            discover=notes.attempt(parse_discover, asked),
            discover_response=notes.attempt(parse_discover_response, answer),
            notes=tuple(notes.found),
        )
    if kind is Kind.GETPOLICIES:
        policies = notes.attempt(parse_get_policies_response, answer)
        return Decoded(
            kind=kind,
            request=request,
            response=response,
            policies=policies,
            notes=tuple(notes.found),
        )
    rst = notes.attempt(parse_rst, asked)
    rstrc = notes.attempt(parse_rstrc, answer)
    is_renewal = kind is Kind.RENEW and rst is not None and bool(rst.token)
    renewal = read_renewal(rst.token_text) if is_renewal and rst is not None else None
    document = rstrc.document if rstrc is not None else b""
    form = token_form(document) if document else None
    return Decoded(
        kind=kind,
        request=request,
        response=response,
        rst=rst,
        csr=_csr(rst, renewal),
        renewal=renewal,
        rstrc=rstrc,
        token_form=form,
        provisioning=read_provisioning(document) if document and form is None else None,
        notes=tuple(notes.found),
    )


def _csr(rst: RequestSecurityToken | None, renewal: RenewalPart | None) -> CsrPart | None:
    """The CSR of the token, at a renewal that inside the PKCS#7."""
    if rst is None or not rst.token:
        return None
    if renewal is None:
        return read_csr(rst.token)
    content = renewal.signed.content if renewal.signed is not None else None
    return None if content is None else read_csr(content)


def read_csr(der: bytes) -> CsrPart:
    """A CSR, parsed and its self-signature tried; a part with a problem when it is unreadable."""
    try:
        csr = parse_pkcs10(der)
    except ParseError as error:
        return CsrPart(raw=der, problem=error)
    return CsrPart(raw=der, csr=csr, signature_problem=signature_problem(csr))


def _hub(exchange: Exchange, *, is_store_uri: bool) -> HubFacts:
    response = exchange.response
    length = None
    if response is not None:
        declared = response.headers.get("Content-Length") or ""
        length = response.body_length
        if length is None and declared.strip().isdigit():
            length = int(declared)
    return HubFacts(
        requested_range=exchange.request.headers.get("Range") or "",
        content_range=(response.headers.get("Content-Range") or "") if response else "",
        media_type=response.media_type if response else "",
        body_length=length,
        is_store_uri=is_store_uri,
    )
