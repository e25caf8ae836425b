"""Reading a provisioning document into its parts, whatever is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any

from mdmcore.enrollment.aet import read_aet
from mdmcore.enrollment.certificate_store_view import renewal_settings
from mdmcore.enrollment.provisioning import ProvisioningDocument, parse_provisioning
from mdmcore.enrollment.provisioning_view import (
    StoredCertificate,
    app_management,
    certificates,
    w7_account,
)
from mdmcore.enrollment.schedule_view import poll_schedules, retry_schedules
from mdmcore.errors import MdmError, XmlError
from mdmcore.inspector.stray_prefix import stray_prefix
from mdmcore.pki.certificate import parse_certificate
from mdmcore.rules.decoded import Note, ProvisionedCertificate, Provisioning
from mdmcore.xml import XmlProblem, parse_lenient


def read_provisioning(raw: bytes) -> Provisioning:
    """The document's parts. Never raises: what cannot be read stands in problems and notes."""
    prefix = stray_prefix(raw)
    text = raw[len(prefix) :]
    try:
        parsed = parse_lenient(text)
    except XmlError as error:
        problem = XmlProblem(message=error.message, line=error.line or 1, column=error.column or 1)
        note = Note(message=f"the provisioning document cannot be read: {error}")
        return Provisioning(raw=raw, problems=(problem,), notes=(note,))
    part = Provisioning(raw=raw, root=parsed.root, problems=parsed.problems, stray_prefix=prefix)
    try:
        document = parse_provisioning(text, strict=False)
    except MdmError as error:
        return replace(part, notes=(Note(message=str(error)),))
    return _with_views(part, document)


def _with_views(part: Provisioning, document: ProvisioningDocument) -> Provisioning:
    values: dict[str, Any] = {}
    notes: list[Note] = []
    for name, read in _VIEWS.items():
        try:
            values[name] = read(document)
        except MdmError as error:
            notes.append(Note(message=str(error)))
    part = replace(part, document=document, **values)
    hub = part.app_management
    aet = read_aet(hub.enrollment_token) if hub is not None and hub.enrollment_token else None
    return replace(part, aet=aet, notes=tuple(notes))


def _certificate(stored: StoredCertificate) -> ProvisionedCertificate:
    if stored.der is None:
        return ProvisionedCertificate(stored=stored, problem="EncodedCertificate is not base64")
    try:
        return ProvisionedCertificate(stored=stored, certificate=parse_certificate(stored.der))
    except MdmError as error:
        return ProvisionedCertificate(stored=stored, problem=str(error))


def _certificates(document: ProvisioningDocument) -> tuple[ProvisionedCertificate, ...]:
    return tuple(_certificate(item) for item in certificates(document))


_VIEWS: Mapping[str, Callable[[ProvisioningDocument], object]] = MappingProxyType(
    {
        "account": w7_account,
        "any_case": partial(w7_account, ignore_case=True),
        "certificates": _certificates,
        "registry_schedules": retry_schedules,
        "poll_schedules": poll_schedules,
        "renewal_settings": renewal_settings,
        "app_management": app_management,
    }
)
"""Field of ``Provisioning`` -> the view that fills it; one that fails leaves the others."""
