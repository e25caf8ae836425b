"""Judging a loose file, whatever it holds and however it is wrapped.

``unwrap`` takes the layers off, the kind of what is inside chooses the reader. A reader never
raises: what cannot be read is a report with a problem, beside the reports of the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from mdmcore.errors import ConfigError
from mdmcore.inspector.artifact.kind_names import ArtifactKind
from mdmcore.inspector.artifact.layers import Piece, unwrap
from mdmcore.inspector.artifact.pki_artifacts import (
    certificates_of_bundle,
    read_certificate_artifact,
    read_csr_artifact,
    read_pkcs7,
)
from mdmcore.inspector.artifact.profile import AS_ASKED, NOTHING_TELLS
from mdmcore.inspector.artifact.refusals import refuse
from mdmcore.inspector.artifact.soap_artifact import read_soap
from mdmcore.inspector.artifact.text_artifacts import (
    read_dump_artifact,
    read_dump_text,
    read_sign_in_page,
    read_user_token,
)
from mdmcore.inspector.artifact.values import ArtifactReport, ArtifactSettings
from mdmcore.inspector.artifact.xml_artifacts import read_aet, read_document, read_syncml
from mdmcore.inspector.findings import shown_finding
from mdmcore.inspector.masking import Mask
from mdmcore.pki.pem import CERTIFICATE, REQUEST_LABELS
from mdmcore.rules import PROFILES

type Reader = Callable[[Piece, str, ArtifactSettings], ArtifactReport]

READERS: Mapping[ArtifactKind, Reader] = MappingProxyType(
    {
        ArtifactKind.SOAP: read_soap,
        ArtifactKind.PROVISIONING: read_document,
        ArtifactKind.AET: read_aet,
        ArtifactKind.SYNCML: read_syncml,
        ArtifactKind.WBXML: read_syncml,
        ArtifactKind.SIGN_IN_PAGE: read_sign_in_page,
        ArtifactKind.CSR: read_csr_artifact,
        ArtifactKind.CERTIFICATE: read_certificate_artifact,
        ArtifactKind.PKCS7: read_pkcs7,
        ArtifactKind.USER_TOKEN: read_user_token,
        ArtifactKind.DUMP: read_dump_artifact,
        ArtifactKind.DUMP_TEXT: read_dump_text,
    }
)
"""What is read; a kind that is not here is refused with its remedy (``refusals``)."""

_REQUESTS = frozenset({"discover", "getpolicies", "rst", "renew"})

_LABELS: Mapping[str, ArtifactKind] = MappingProxyType(
    {
        CERTIFICATE: ArtifactKind.CERTIFICATE,
        "X509 CERTIFICATE": ArtifactKind.CERTIFICATE,
        **dict.fromkeys(REQUEST_LABELS, ArtifactKind.CSR),
        "PKCS7": ArtifactKind.PKCS7,
        "CMS": ArtifactKind.PKCS7,
    }
)
"""What a PEM label promises: it decides where the bytes do not tell."""


def inspect_artifact(
    data: bytes, *, name: str, settings: ArtifactSettings | None = None
) -> tuple[ArtifactReport, ...]:
    """The reports of a file, one for each object in it, in their order; at least one.

    ``name`` stands where findings name an exchange, with the object's number behind it where
    there are several. Never raises for content; ConfigError for an unknown profile.
    """
    settings = settings or ArtifactSettings()
    if settings.profile != "auto" and settings.profile not in PROFILES:
        message = f"unknown profile {settings.profile!r}, use auto, {', '.join(PROFILES)}"
        raise ConfigError(message)
    pieces = pieces_of(data)
    if len(pieces) == 1:
        return (_read(pieces[0], name, settings),)
    numbered = tuple(enumerate(pieces, start=1))
    reports = _in_order(numbered, name, settings)
    told = {report.profile: report for report in reversed(reports) if _is_told(report)}
    if len(told) != 1:
        return tuple(reports)
    # One file is mostly of one device: what one object tells of it holds for the others.
    ((profile, teller),) = told.items()
    reason = f"as object {teller.number} tells"
    again = _in_order(numbered, name, replace(settings, profile=profile))
    return tuple(
        replace(forced, profile_reason=reason) if report.profile_reason == NOTHING_TELLS else report
        for report, forced in zip(reports, again, strict=True)
    )


def _in_order(
    numbered: Iterable[tuple[int, Piece]], name: str, settings: ArtifactSettings
) -> list[ArtifactReport]:
    """The reports of a file's objects. What follows the request of a renewal answers it."""
    reports: list[ArtifactReport] = []
    for number, piece in numbered:
        report = _numbered(piece, name, number, settings)
        if report.kind in _REQUESTS:
            settings = replace(settings, is_renewal=report.kind == "renew")
        reports.append(report)
    return reports


def _is_told(report: ArtifactReport) -> bool:
    return bool(report.profile) and report.profile_reason not in (NOTHING_TELLS, AS_ASKED)


def _masked(report: ArtifactReport, mask: Mask) -> ArtifactReport:
    """The report with the secrets of URLs and the like masked in all its texts."""
    return replace(
        report,
        summary=mask.text(report.summary) or "",
        facts=mask.values(dict(report.facts)),
        content=mask.values(dict(report.content)),
        parts=tuple(replace(each, facts=mask.values(dict(each.facts))) for each in report.parts),
        findings=tuple(shown_finding(each, mask) for each in report.findings),
    )


def _numbered(piece: Piece, name: str, number: int, settings: ArtifactSettings) -> ArtifactReport:
    report = _read(piece, f"{name}:{number}", settings)
    return replace(report, name=name, number=number, line=piece.line)


def pieces_of(data: bytes) -> tuple[Piece, ...]:
    """The objects in a file, unwrapped, bundles taken apart; never none."""
    return tuple(one for piece in unwrap(data) for one in _unbundled(piece))


def kind_to_read(piece: Piece) -> ArtifactKind:
    """The kind by content; by the PEM label where the content does not tell."""
    kind = piece.kind
    if kind in (ArtifactKind.UNKNOWN, ArtifactKind.UNKNOWN_DER, ArtifactKind.EMPTY):
        return _LABELS.get(piece.label, kind)
    return kind


def _unbundled(piece: Piece) -> tuple[Piece, ...]:
    """The certificates of a .p7b file, each as a piece of its own."""
    if piece.problem is not None or piece.kind is not ArtifactKind.PKCS7:
        return (piece,)
    layer = "DER PKCS#7 bundle"
    return tuple(piece.inside(der, layer) for der in certificates_of_bundle(piece.data)) or (piece,)


def _read(piece: Piece, name: str, settings: ArtifactSettings) -> ArtifactReport:
    kind = kind_to_read(piece)
    problem = piece.problem
    if problem is not None and (kind not in READERS or not piece.data):
        summary = f"{kind}: {problem.message}"
        return ArtifactReport(
            name=name, kind=kind, summary=summary, layers=piece.layers, problem=problem
        )
    reader = READERS.get(kind)
    if reader is None:
        return refuse(piece, name)
    report = _masked(reader(piece, name, settings), settings.mask)
    if problem is None:
        return report
    # Rules would speak of what is missing only because it was cut off.
    notes = (*report.notes, "not judged, since it is not whole")
    return replace(report, problem=problem, findings=(), notes=notes)
