"""What is inside the Data of some nodes: certificates, tokens, and XML documents of their own.

XML is built from nodes, never from text, so that nothing a person types can break out of it.
"""

from __future__ import annotations

from collections.abc import Iterable

from mdmcore.base64_text import decode_base64, encode_base64
from mdmcore.enrollment.aetx import parse_aetx
from mdmcore.errors import MdmError
from mdmcore.pki.certificate import parse_certificate
from mdmcore.pki.pem import CERTIFICATE, pem_blocks
from mdmcore.xml import Node, serialize

_PEM = "-----BEGIN"


def certificate_of(text: str) -> str | None:
    """Base64 of the DER of a certificate: from PEM, from base64 of DER or of a PEM file.

    ``None`` for anything else, and for several certificates.
    """
    data = text.encode() if text.lstrip().startswith(_PEM) else decode_base64(text)
    if not data:
        return None
    try:
        if data.lstrip().startswith(_PEM.encode()):
            blocks = [block for block in pem_blocks(data) if block.label == CERTIFICATE]
            if len(blocks) != 1:
                return None
            data = blocks[0].der
        parse_certificate(data)
    except MdmError:
        return None
    return encode_base64(data)


def thumbprint_of(certificate: str) -> str:
    """SHA-1 of the DER, 40 upper-case hex digits, as stores name a certificate."""
    return parse_certificate(decode_base64(certificate) or b"").thumbprint


def token_of(text: str) -> str | None:
    """The enrolment token of an enterprise: base64 as it is, or what an .aetx file holds."""
    if not text.lstrip("\ufeff \t\r\n").startswith("<"):
        return text.strip() if decode_base64(text) else None
    try:
        return parse_aetx(text.encode()).enrollment_token
    except MdmError:
        return None


def xml_text(root: Node) -> str:
    """The document as text without a declaration, to be escaped once when it becomes Data."""
    return serialize(root).decode()


def policy_text(*, is_enabled: bool, data: Iterable[tuple[str, str]] = ()) -> str:
    """The value of a policy that is backed by ADMX: a switch, then the data of its elements."""
    switch = Node("enabled" if is_enabled else "disabled")
    parts = [Node("data", attributes={"id": name, "value": value}) for name, value in data]
    return "".join(xml_text(part) for part in (switch, *parts))
