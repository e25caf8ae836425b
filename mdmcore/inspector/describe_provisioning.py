"""A provisioning document as plain JSON values: its tree, and each certificate's facts."""

from __future__ import annotations

from typing import Any

from mdmcore.enrollment.provisioning import Characteristic, Parm
from mdmcore.inspector.masking import Mask
from mdmcore.rules.decoded import ProvisionedCertificate, Provisioning

_MAX_VALUE = 2000
_MAX_DEPTH = 32


def describe_provisioning(part: Provisioning, mask: Mask) -> dict[str, Any]:
    """``version``, the ``characteristics`` and the ``certificates``; problems where there are."""
    result: dict[str, Any] = {"bytes": len(part.raw)}
    if part.document is not None:
        result["version"] = part.document.version
        result["characteristics"] = [
            _branch(branch, mask, _MAX_DEPTH) for branch in part.document.characteristics
        ]
    if part.certificates:
        result["certificates"] = [_certificate(item) for item in part.certificates]
    if part.problems:
        result["xml_problems"] = [
            {"message": p.message, "line": p.line, "column": p.column} for p in part.problems
        ]
    if part.notes:
        result["notes"] = [note.message for note in part.notes]
    return result


def _branch(branch: Characteristic, mask: Mask, depth: int) -> dict[str, Any]:
    result: dict[str, Any] = {"type": branch.type}
    if branch.parms:
        result["parms"] = [_parm(parm, mask) for parm in branch.parms]
    if branch.characteristics and depth > 0:
        result["characteristics"] = [
            _branch(below, mask, depth - 1) for below in branch.characteristics
        ]
    return result


def _parm(parm: Parm, mask: Mask) -> dict[str, Any]:
    result: dict[str, Any] = {"name": parm.name}
    value = mask.parm(parm.name, parm.value)
    if parm.name == "EncodedCertificate" and value is not None:
        value = f"{len(value)} characters, see certificates"
    if value is not None:
        result["value"] = value if len(value) <= _MAX_VALUE else f"{value[:_MAX_VALUE]}..."
    if parm.datatype is not None:
        result["datatype"] = parm.datatype
    return result


def _certificate(item: ProvisionedCertificate) -> dict[str, Any]:
    result: dict[str, Any] = {
        "store": f"{item.stored.store}/{item.stored.scope}",
        "named": item.stored.thumbprint,
    }
    certificate = item.certificate
    if certificate is None:
        return result | {"problem": item.problem}
    return result | {
        "subject": certificate.subject.rfc4514(),
        "subject_types": [a.type_name for a in certificate.subject.attributes],
        "issuer": certificate.issuer.rfc4514(),
        "not_before": certificate.not_before.isoformat().replace("+00:00", "Z"),
        "not_after": certificate.not_after.isoformat().replace("+00:00", "Z"),
        "thumbprint": certificate.thumbprint,
        "key_bits": certificate.key_bits,
        "spki_sha256": certificate.spki_sha256,
    }
