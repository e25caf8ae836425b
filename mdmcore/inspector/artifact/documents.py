"""The provisioning documents in a loose file, each beside its report.

A document may stand alone or in the answer of an enrolment (RSTRC), wrapped in whatever ``lint``
takes off.
"""

from __future__ import annotations

from dataclasses import dataclass

from mdmcore.enrollment.token import parse_rstrc
from mdmcore.errors import MdmError
from mdmcore.inspector.artifact.inspect import inspect_artifact, kind_to_read, pieces_of
from mdmcore.inspector.artifact.kind_names import ArtifactKind
from mdmcore.inspector.artifact.layers import Piece
from mdmcore.inspector.artifact.provisioning_facts import is_aetx
from mdmcore.inspector.artifact.values import ArtifactReport, ArtifactSettings
from mdmcore.inspector.provisioning_part import read_provisioning
from mdmcore.rules.decoded import Provisioning


@dataclass(frozen=True, slots=True, kw_only=True)
class LooseDocument:
    """What is to say about an object, and its document, ``None`` where it has none."""

    report: ArtifactReport
    part: Provisioning | None = None


def documents_of(
    data: bytes, *, name: str, settings: ArtifactSettings | None = None
) -> tuple[LooseDocument, ...]:
    """Every object of a file, at least one; never raises for content."""
    reports = inspect_artifact(data, name=name, settings=settings)
    return tuple(
        LooseDocument(report=report, part=_document(piece))
        for piece, report in zip(pieces_of(data), reports, strict=True)
    )


def _document(piece: Piece) -> Provisioning | None:
    kind = kind_to_read(piece)
    if kind is ArtifactKind.SOAP:
        try:
            data = parse_rstrc(piece.data, strict=False).document
        except MdmError:
            return None
    elif kind is ArtifactKind.PROVISIONING:
        data = piece.data
    else:
        return None
    part = read_provisioning(data)
    is_none = part.document is None or is_aetx(part.document)  # which enrols nobody
    return None if is_none else part
