"""Which side a message is from, and where it went, told by the message itself.

Source: OMA DM RepPro (SyncHdr), [MS-MDE2] and [MS-WSTEP] (actions and bodies). A SyncML message of
the server has the server's URL as its Source, one of the device as its Target.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from mdmcore.enrollment.html_form import is_html
from mdmcore.errors import MdmError
from mdmcore.namespaces import (
    SOAP_CONTENT_TYPE,
    SYNCML_WBXML_MEDIA_TYPE,
    SYNCML_XML_MEDIA_TYPE,
)
from mdmcore.syncml.wbxml import decode_document, document_element, looks_like_wbxml
from mdmcore.xml import Element, child, children, local_name, parse_lenient, text_of

Role = Literal["request", "response"]

_REQUEST_BODIES = frozenset({"Discover", "GetPolicies", "RequestSecurityToken"})
_URL = re.compile(r"(?i)\s*https?://")
_MAX_URL = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFacts:
    """``kind`` is ``syncml``, ``soap`` or ``html``; ``role`` ``None`` where nothing tells the side.

    ``url`` is where a request went, as it says itself; ``session`` the SessionID, ``names`` are
    Source and Target of a SyncML message.
    """

    kind: Literal["syncml", "soap", "html"]
    role: Role | None
    media_type: str
    url: str = ""
    session: str = ""
    names: tuple[str, str] = ("", "")


def facts_of(body: bytes) -> MessageFacts | None:
    """What a body says of itself; ``None`` where it is no message of these protocols."""
    if looks_like_wbxml(body):
        try:
            root, _ = document_element(decode_document(body, strict=False), strict=False)
        except MdmError:
            return None
        return _syncml(root, SYNCML_WBXML_MEDIA_TYPE) if local_name(root) == "SyncML" else None
    text = body.lstrip(b" \t\r\n")
    if is_html(text):
        return MessageFacts(kind="html", role="response", media_type="text/html")
    try:
        root = parse_lenient(text).root
    except MdmError:
        return None
    name = local_name(root)
    if name == "SyncML":
        return _syncml(root, SYNCML_XML_MEDIA_TYPE)
    return _soap(root) if name == "Envelope" else None


def _syncml(root: Element, media_type: str) -> MessageFacts:
    header = child(root, "SyncHdr")
    source = text_of(child(header, "Source", "LocURI")).strip()
    target = text_of(child(header, "Target", "LocURI")).strip()
    role: Role | None = None
    if _URL.match(target):
        role = "request"
    elif _URL.match(source):
        role = "response"
    return MessageFacts(
        kind="syncml",
        role=role,
        media_type=media_type,
        url=target[:_MAX_URL] if role == "request" else "",
        session=text_of(child(header, "SessionID")).strip(),
        names=(source, target),
    )


def _soap(root: Element) -> MessageFacts:
    body = child(root, "Body")
    first = next(iter(children(body)), None) if body is not None else None
    action = text_of(child(root, "Header", "Action")).strip()
    name = "" if first is None else local_name(first)
    is_request = name in _REQUEST_BODIES or (not name and action and "Response" not in action)
    to = text_of(child(root, "Header", "To")).strip()
    return MessageFacts(
        kind="soap",
        role="request" if is_request else "response",
        media_type=SOAP_CONTENT_TYPE,
        url=to[:_MAX_URL] if is_request and _URL.match(to) else "",
    )
