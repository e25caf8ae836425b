"""Reading one body of an exchange: XML strict first, then leniently with every problem kept; WBXML.

A body that is neither, or that cannot be recovered, is a value with notes, never an error. What
the bytes are decides, not Content-Type; a contradiction is noted. What the body says (its typed
parts) is read in ``decode``.
"""

from __future__ import annotations

from dataclasses import replace

from mdmcore.enrollment.fault import parse_fault
from mdmcore.enrollment.html_form import is_html
from mdmcore.enrollment.soap import parse_envelope
from mdmcore.errors import MdmError, WbxmlError, XmlError
from mdmcore.inspector.stray_prefix import stray_prefix
from mdmcore.namespaces import (
    SOAP_MEDIA_TYPE,
    SYNCML_WBXML_MEDIA_TYPES,
    SYNCML_XML_MEDIA_TYPE,
    SYNCML_XML_MEDIA_TYPES,
)
from mdmcore.rules.decoded import BodySide, Note
from mdmcore.syncml.wbxml import charset_of, decode_document, document_element, looks_like_wbxml
from mdmcore.syncml.xml import parse_syncml
from mdmcore.xml import XmlProblem, declared_encoding, local_name, parse_lenient

_BLANKS = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"
_XML_TYPES = SYNCML_XML_MEDIA_TYPES | {SOAP_MEDIA_TYPE, "text/xml", "application/xml"}
_DEFAULT_CHARSET = "utf-8"
_LOOK_AHEAD = 4096
# In any case: the web documentation prints faults in lower case, and people copy them.
_ROOTS = (b"envelope", b"syncml")


def looks_like_message(media_type: str, body: bytes) -> bool:
    """Whether a body claims or seems to be SOAP or SyncML in XML.

    A web page is none, even where its media type says so: it is no broken XML.
    """
    if media_type in _XML_TYPES:
        return not is_html(body)
    start = body[:_LOOK_AHEAD].lstrip(_BOM + _BLANKS)
    return start.startswith(b"<") and any(name in start.lower() for name in _ROOTS)


def read_side(part: str, body: bytes | None, media_type: str, *, is_verbatim: bool) -> BodySide:
    """One side. ``is_verbatim`` false: blanks before the document are of the log, not the wire."""
    if body is None:
        return BodySide(part=part, is_recorded=False)
    side = BodySide(part=part, body=body)
    if not body.strip(_BLANKS):
        return side
    side = replace(side, is_html=is_html(body))
    if looks_like_wbxml(body):
        return _read_wbxml(side, media_type)
    if media_type in SYNCML_WBXML_MEDIA_TYPES:
        start = body[:_LOOK_AHEAD].lstrip(_BOM + _BLANKS)
        if not start.startswith(b"<"):
            return _read_wbxml(side, media_type)
        wrong = Note(message=f"the body is XML, but Content-Type is {media_type}")
        side = replace(side, notes=(wrong,))
        media_type = SYNCML_XML_MEDIA_TYPE
    if not looks_like_message(media_type, body):
        return side
    return _read_xml(replace(side, is_xml=True), is_verbatim=is_verbatim)


def _read_wbxml(side: BodySide, media_type: str) -> BodySide:
    """The message as XML beside its document; what was odd as notes."""
    notes = [*side.notes]
    if media_type not in SYNCML_WBXML_MEDIA_TYPES:
        shown = media_type or "missing"
        notes.append(Note(message=f"the body is WBXML, but Content-Type is {shown}"))
    side = replace(side, encoding="wbxml", notes=tuple(notes))
    try:
        document = decode_document(side.body, strict=False)
        root, noted = document_element(document, strict=False)
    except WbxmlError as error:
        broken = Note(message=f"unreadable WBXML: {error.message}", place=error.where)
        return replace(side, notes=(*side.notes, broken))
    odd = (*document.problems, *noted)
    notes += [Note(message=one.message, place=f"offset {one.offset}") for one in odd]
    side = replace(
        side,
        wbxml=document,
        charset=charset_of(document.charset).name.lower(),
        root=root,
        notes=tuple(notes),
    )
    if local_name(root) == "SyncML":
        return _read_syncml(side)
    found = Note(message=f"WBXML, but not SyncML: {local_name(root)}")
    return replace(side, notes=(*side.notes, found))


def _read_xml(side: BodySide, *, is_verbatim: bool) -> BodySide:
    text = side.body if is_verbatim else side.body.lstrip(_BLANKS)
    side = replace(side, skipped=len(side.body) - len(text))
    prefix = stray_prefix(text)
    side = replace(side, stray_prefix=prefix)
    try:
        parsed = parse_lenient(text[len(prefix) :])
    except XmlError as error:
        problem = XmlProblem(message=error.message, line=error.line or 1, column=error.column or 1)
        broken = Note(message=f"unreadable XML: {error}")
        return replace(side, problems=(problem,), notes=(*side.notes, broken))
    is_wide = text.startswith((b"\xff\xfe", b"\xfe\xff"))
    charset = "utf-16" if is_wide else declared_encoding(text) or _DEFAULT_CHARSET
    side = replace(
        side, root=parsed.root, problems=parsed.problems, encoding="xml", charset=charset
    )
    name = local_name(parsed.root).lower()
    if name == "envelope":
        return _read_soap(side)
    if name == "syncml":
        return _read_syncml(side)
    found = local_name(parsed.root)
    neither = Note(message=f"XML, but neither SOAP nor SyncML: {found}")
    return replace(side, notes=(*side.notes, neither))


def _read_soap(side: BodySide) -> BodySide:
    assert side.root is not None
    try:
        envelope = parse_envelope(side.root, strict=False)
        return replace(side, envelope=envelope, fault=parse_fault(envelope))
    except MdmError as error:
        return replace(side, notes=(*side.notes, Note(message=str(error))))


def _read_syncml(side: BodySide) -> BodySide:
    assert side.root is not None
    try:
        return replace(side, syncml=parse_syncml(side.root, strict=False))
    except MdmError as error:
        return replace(side, notes=(*side.notes, Note(message=str(error))))
