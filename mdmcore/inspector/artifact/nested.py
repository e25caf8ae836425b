"""What is inside an artifact: the tokens of messages, the certificates of documents.

Each is a part with its own facts; judged they are together with what holds them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mdmcore.base64_text import decode_base64
from mdmcore.enrollment.aetx import read_enterprise_id
from mdmcore.errors import MdmError, XmlError
from mdmcore.inspector.artifact.kind_names import ArtifactKind
from mdmcore.inspector.artifact.kinds import kind_of
from mdmcore.inspector.artifact.pki_facts import (
    certificate_facts,
    certificate_summary,
    csr_facts,
    csr_summary,
    renewal_facts,
    renewal_summary,
)
from mdmcore.inspector.artifact.provisioning_facts import document_facts, document_summary
from mdmcore.inspector.artifact.shown_xml import shown_xml
from mdmcore.inspector.artifact.user_token import jwt_of, token_facts, token_summary
from mdmcore.inspector.artifact.values import ArtifactPart, ArtifactSettings
from mdmcore.pki.certificate import Certificate, parse_certificate
from mdmcore.rules.decoded import CsrPart, Decoded, ProvisionedCertificate, Provisioning
from mdmcore.xml import iter_paths, local_name, parse_lenient, text_of

type Layers = tuple[str, ...]

_MAX_CERTIFICATES = 100
_USER_TOKEN_PLACE = "/Envelope/Header/Security/BinarySecurityToken"


def csr_part(part: CsrPart, place: str, layers: Layers) -> ArtifactPart:
    """A CSR inside a token."""
    return ArtifactPart(
        place=place,
        kind=ArtifactKind.CSR,
        summary=csr_summary(part),
        layers=(*layers, "DER CSR"),
        facts=csr_facts(part),
    )


def certificate_part(certificate: Certificate, place: str, layers: Layers) -> ArtifactPart:
    """A certificate inside something."""
    return ArtifactPart(
        place=place,
        kind=ArtifactKind.CERTIFICATE,
        summary=certificate_summary(certificate),
        layers=(*layers, "DER certificate"),
        facts=certificate_facts(certificate),
    )


def request_parts(
    decoded: Decoded, layers: Layers, settings: ArtifactSettings
) -> Iterator[ArtifactPart]:
    """The user's token of a request, and the CSR or PKCS#7 of an RST."""
    envelope = decoded.request.envelope
    if envelope is not None and envelope.user_token is not None:
        token = envelope.user_token
        yield _user_token(token.text, token.value_type, layers, settings)
    if decoded.rst is None:
        return
    place, inner = decoded.rst.path, (*layers, "base64")
    if decoded.renewal is not None:
        inner = (*layers, *["base64"] * decoded.renewal.layers, "DER PKCS#7")
        yield ArtifactPart(
            place=place,
            kind=ArtifactKind.PKCS7,
            summary=renewal_summary(decoded.renewal),
            layers=inner,
            facts=renewal_facts(decoded.renewal),
        )
    if decoded.csr is not None:
        yield csr_part(decoded.csr, place, inner)


def _user_token(
    text: str, value_type: str, layers: Layers, settings: ArtifactSettings
) -> ArtifactPart:
    jwt = jwt_of(text)
    what = "JWT" if jwt is not None else "opaque token"
    facts = token_facts(jwt, settings.now) if jwt is not None else {}
    shown = text if settings.mask.show_secrets else ""
    data = decode_base64(text)
    size = "no base64" if data is None else f"{len(data)} bytes"
    return ArtifactPart(
        place=_USER_TOKEN_PLACE,
        kind=ArtifactKind.USER_TOKEN,
        summary=token_summary(jwt) if jwt is not None else f"the user's token, {size}",
        layers=(*layers, "base64", what),
        facts={"value_type": value_type, **facts},
        shown=shown if settings.is_shown else "",
    )


def response_parts(
    decoded: Decoded, layers: Layers, settings: ArtifactSettings
) -> Iterator[ArtifactPart]:
    """What the token of an RSTRC holds."""
    answer = decoded.rstrc
    if answer is None or not answer.path:
        return
    if not answer.document:
        yield ArtifactPart(
            place=answer.path,
            kind=ArtifactKind.UNKNOWN,
            summary="the token is empty or no base64",
            layers=layers,
        )
        return
    inner = (*layers, "base64")
    part = decoded.provisioning
    if part is not None and part.root is not None:
        yield _document(part, answer.path, inner, settings)
        yield from document_parts(part, (*inner, "XML"), settings)
    else:
        yield _other_token(answer.document, answer.path, inner)


def _document(
    part: Provisioning, place: str, layers: Layers, settings: ArtifactSettings
) -> ArtifactPart:
    shown = settings.is_shown and part.root is not None
    return ArtifactPart(
        place=place,
        kind=ArtifactKind.PROVISIONING,
        summary=document_summary(part),
        layers=(*layers, "XML"),
        facts=document_facts(part, settings.mask),
        shown=shown_xml(part.root, settings.mask) if shown and part.root is not None else "",
    )


def _other_token(data: bytes, place: str, layers: Layers) -> ArtifactPart:
    """A token that is no provisioning document: a bare certificate is the usual mistake."""
    kind = kind_of(data)
    if kind is ArtifactKind.CERTIFICATE:
        try:
            return certificate_part(parse_certificate(data), place, layers)
        except MdmError:
            pass
    return ArtifactPart(
        place=place,
        kind=kind,
        summary=f"no readable provisioning document, but {len(data)} bytes of kind {kind}",
        layers=layers,
    )


def document_parts(
    part: Provisioning, layers: Layers, settings: ArtifactSettings
) -> Iterator[ArtifactPart]:
    """The certificates of a provisioning document, and the AET of its hub."""
    for item in part.certificates[:_MAX_CERTIFICATES]:
        yield _stored(item, (*layers, "base64"))
    token = part.app_management.enrollment_token if part.app_management is not None else None
    aet = decode_base64(token) if token else None
    if aet and part.app_management is not None and kind_of(aet) is ArtifactKind.AET:
        place = f"{part.app_management.path}/parm[@name='EnrollmentToken']"
        yield from aet_parts(aet, place, (*layers, "base64"), settings)


def _stored(item: ProvisionedCertificate, layers: Layers) -> ArtifactPart:
    stored = item.stored
    if item.certificate is None:
        return ArtifactPart(
            place=stored.path,
            kind=ArtifactKind.CERTIFICATE,
            summary=f"{stored.store}/{stored.scope}: {item.problem}",
            layers=layers,
            facts={"problem": item.problem},
        )
    found = certificate_part(item.certificate, stored.path, layers)
    return replace(found, summary=f"{stored.store}/{stored.scope}: {found.summary}")


def aet_parts(
    aet: bytes, place: str, layers: Layers, settings: ArtifactSettings
) -> Iterator[ArtifactPart]:
    """An AET document and the certificates of its signature."""
    try:
        root = parse_lenient(aet).root
    except XmlError:
        return
    identity = read_enterprise_id(aet)
    yield ArtifactPart(
        place=place,
        kind=ArtifactKind.AET,
        summary=f"AET of enterprise {identity or '(no EnterpriseId found)'}, {len(aet)} bytes",
        layers=(*layers, "XML"),
        facts={"enterprise_id": identity, "bytes": len(aet)},
        shown=shown_xml(root, settings.mask) if settings.is_shown else "",
    )
    for path, element in iter_paths(root):
        der = decode_base64(text_of(element)) if local_name(element) == "X509Certificate" else None
        if not der:
            continue
        try:
            certificate = parse_certificate(der)
        except MdmError:
            continue
        yield certificate_part(certificate, f"{place}{path}", (*layers, "XML", "base64"))
