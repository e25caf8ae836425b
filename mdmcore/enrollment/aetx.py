"""The .aetx file: an enterprise's application enrolment token (enrollment.md section 12).

The file is a wap-provisioningdoc; its EnrollmentToken is base64 of an XML document with root AET.
Of that inner document only EnterpriseId is known, and whether its Value is an attribute or a
child is unconfirmed [U]: both are read. Signature and dates are not judged here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mdmcore.base64_text import decode_base64, encode_base64
from mdmcore.enrollment.provisioning import (
    Characteristic,
    Parm,
    ProvisioningDocument,
    parse_provisioning,
    serialize_provisioning,
)
from mdmcore.enrollment.provisioning_view import app_management
from mdmcore.errors import ParseError, ProtocolError
from mdmcore.xml import Node, child, local_name, parse_strict, serialize, text_of

_ENTERPRISE_ID = re.compile(r"[0-9]{1,10}\Z")
_UINT32 = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Aetx:
    """What the file holds. ``enrollment_token`` is the attribute unchanged, for the phone.

    ``aet`` is the decoded token, ``None`` when it is no base64; ``inner_enterprise_id`` the id
    inside it, ``None`` when it cannot be read.
    """

    enterprise_id: str
    enrollment_token: str = field(repr=False)
    aet: bytes | None = field(repr=False, default=None)
    inner_enterprise_id: str | None = None


def parse_aetx(data: bytes) -> Aetx:
    """The file's content.

    Raises XmlError when it is not well-formed, ProtocolError when it is no .aetx: another
    document, no EnrollmentToken, an id that is no unsigned 32-bit number, or another id inside.
    """
    found = app_management(parse_provisioning(data))
    if found is None:
        raise ProtocolError("not an .aetx file: no EnterpriseAppManagement branch")
    if not found.enrollment_token:
        raise ProtocolError("the .aetx file has no EnrollmentToken", place=found.path)
    enterprise_number(found.enterprise_id)
    aet = decode_base64(found.enrollment_token)
    inner = None if aet is None else read_enterprise_id(aet)
    if inner is not None and inner != found.enterprise_id:
        raise ProtocolError(
            f"the token inside the .aetx file is that of enterprise {inner}, not of "
            f"{found.enterprise_id}",
            place=found.path,
        )
    return Aetx(
        enterprise_id=found.enterprise_id,
        enrollment_token=found.enrollment_token,
        aet=aet,
        inner_enterprise_id=inner,
    )


def serialize_aetx(enterprise_id: str, aet: bytes) -> bytes:
    """An .aetx file around an AET document; ProtocolError for an id that is no number."""
    enterprise_number(enterprise_id)
    token = Parm(name="EnrollmentToken", value=encode_base64(aet), datatype="string")
    enterprise = Characteristic(type=enterprise_id, parms=(token,))
    branch = Characteristic(type="EnterpriseAppManagement", characteristics=(enterprise,))
    return serialize_provisioning(ProvisioningDocument(characteristics=(branch,)))


def serialize_aet(enterprise_id: str) -> bytes:
    """The smallest inner document: EnterpriseId alone, without signature [U].

    No real phone takes it: a real token is signed below a root that the phone knows.
    """
    enterprise_number(enterprise_id)
    identity = Node("EnterpriseId", attributes={"Value": enterprise_id})
    return serialize(Node("AET", children=(identity,)), declaration=True)


def read_enterprise_id(aet: bytes) -> str | None:
    """EnterpriseId of an AET document (attribute or child Value, or its text); else ``None``."""
    try:
        root = parse_strict(aet)
    except ParseError:
        return None
    identity = child(root, "EnterpriseId") if local_name(root) == "AET" else None
    if identity is None:
        return None
    value = identity.get("Value")
    text = str(value).strip() if value is not None else text_of(identity)
    return text or None


def publisher_id(enterprise_id: str) -> str:
    """PhonePublisherId of the enterprise's apps: the id as the first group of a GUID."""
    return f"{enterprise_number(enterprise_id):08X}-0000-0000-0000-000000000000"


def enterprise_number(enterprise_id: str) -> int:
    """The id as number; ProtocolError unless it is an unsigned 32-bit decimal."""
    if not _ENTERPRISE_ID.match(enterprise_id) or int(enterprise_id) > _UINT32:
        raise ProtocolError(
            f"EnterpriseID {enterprise_id[:40]!r} is not an unsigned 32-bit decimal number"
        )
    return int(enterprise_id)
