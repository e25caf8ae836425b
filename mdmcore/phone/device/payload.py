"""Values that are documents: whether a device can read them, and how it gives them back.

Which node holds which document is data of the catalogue. A device that has read a document writes
it anew: an empty element ends with a blank before its slash (field-problems.md 3.4).
"""

from __future__ import annotations

import re

from mdmcore.csp import CspNode
from mdmcore.csp.admx import is_policy_text
from mdmcore.csp.model import Payload
from mdmcore.errors import ParseError
from mdmcore.phone.tree.behaviour import Value
from mdmcore.xml import Element, inner_xml, local_name, namespace_of, parse_strict

WLAN_NAMESPACE = "http://www.microsoft.com/networking/WLAN/profile/v1"
_ROOTS = {
    Payload.WLAN_PROFILE: ("WLANProfile", WLAN_NAMESPACE),
    Payload.VPN_PROFILE: ("VPNProfile", None),
    Payload.APP_POLICY: ("AppPolicy", None),
    Payload.ADMX: ("policyDefinitions", None),
    Payload.XML: (None, None),
}
"""Name and namespace of the root, ``None`` for any."""
_REFUSED = 500
_EMPTY_TAG = re.compile(r'(<[^<>"]*(?:"[^"]*"[^<>"]*)*)/>')
_DECLARATION = re.compile(r"<\?xml\s[^>]{0,200}\?>")


def payload_code(node: CspNode, value: Value) -> int:
    """200 when the value is what the node must hold, else the code of the refusal.

    Policies that are backed by ADMX must be text (415).
    """
    if node.payload is Payload.ADMX_POLICY:
        if value.format != "chr":
            return 415
        return 200 if is_policy_text(value.text) else _REFUSED
    if node.payload not in _ROOTS:
        return 200
    root = document(value.text)
    if root is None:
        return _REFUSED
    name, namespace = _ROOTS[node.payload]
    fits = name in (None, local_name(root)) and namespace in (None, namespace_of(root))
    return 200 if fits else _REFUSED


def document(text: str) -> Element | None:
    """The root of a value that is XML, ``None`` when it is none."""
    try:
        return parse_strict(text.strip().encode())
    except (ParseError, UnicodeEncodeError):
        return None


def rewritten(text: str) -> str:
    """The document as the device writes it; the text itself when it is none."""
    try:
        content = _DECLARATION.sub("", text.strip())
        root = parse_strict(f"<value>{content}</value>".encode())
        written = inner_xml(root, "")
    except (ParseError, UnicodeEncodeError):
        return text
    return _EMPTY_TAG.sub(r"\1 />", written)
