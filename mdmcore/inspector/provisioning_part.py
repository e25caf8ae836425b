"""Reading a provisioning document into its parts, whatever is wrong with it."""

from __future__ import annotations

from dataclasses import replace

from mdmcore.enrollment.provisioning import ProvisioningDocument, parse_provisioning
from mdmcore.enrollment.provisioning_view import (
    StoredCertificate,
    app_management,
    certificates,
    w7_account,
)
from mdmcore.errors import MdmError, XmlError
from mdmcore.pki.certificate import parse_certificate
from mdmcore.rules.decoded import Note, ProvisionedCertificate, Provisioning
from mdmcore.xml import XmlProblem, parse_lenient


def read_provisioning(raw: bytes) -> Provisioning:
    """The document's parts. Never raises: what cannot be read stands in problems and notes."""
    try:
        parsed = parse_lenient(raw)
    except XmlError as error:
        problem = XmlProblem(message=error.message, line=error.line or 1, column=error.column or 1)
        note = Note(message=f"the provisioning document cannot be read: {error}")
        return Provisioning(raw=raw, problems=(problem,), notes=(note,))
    part = Provisioning(raw=raw, root=parsed.root, problems=parsed.problems)
    try:
        document = parse_provisioning(raw, strict=False)
    except MdmError as error:
        return replace(part, notes=(Note(message=str(error)),))
    return _with_views(part, document)


def _with_views(part: Provisioning, document: ProvisioningDocument) -> Provisioning:
    notes: list[Note] = []
    part = replace(part, document=document)
    try:
        part = replace(part, account=w7_account(document))
    except MdmError as error:
        notes.append(Note(message=str(error)))
    try:
        stored = tuple(_certificate(item) for item in certificates(document))
        part = replace(part, certificates=stored)
    except MdmError as error:
        notes.append(Note(message=str(error)))
    try:
        part = replace(part, app_management=app_management(document))
    except MdmError as error:
        notes.append(Note(message=str(error)))
    return replace(part, notes=tuple(notes))


def _certificate(stored: StoredCertificate) -> ProvisionedCertificate:
    if stored.der is None:
        return ProvisionedCertificate(stored=stored, problem="EncodedCertificate is not base64")
    try:
        return ProvisionedCertificate(stored=stored, certificate=parse_certificate(stored.der))
    except MdmError as error:
        return ProvisionedCertificate(stored=stored, problem=str(error))
