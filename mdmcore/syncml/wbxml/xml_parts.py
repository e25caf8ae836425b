"""What an XML element holds, as parts of a WBXML element: attributes, texts, marked bytes.

Elements themselves are converted in ``from_xml``.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.base64_text import decode_base64
from mdmcore.namespaces import WBXML_NOTE, XML
from mdmcore.syncml.wbxml.placeholders import attribute_of_placeholder, extension_token
from mdmcore.syncml.wbxml.tokens import EXT_I, EXT_T, MAX_U32
from mdmcore.syncml.wbxml.tree import Extension, Text, WbxmlAttribute
from mdmcore.xml import Element, local_name, namespace_of, qname

OPAQUE = qname(WBXML_NOTE, "opaque")
"""The attribute of an element whose text is base64 of opaque data; its value is ``base64``."""
_BLANKS = " \t\r\n"


def texts(text: str | None, *, keeps_blanks: bool) -> Iterator[Text]:
    """The text, if there is one that counts."""
    if text and (keeps_blanks or text.strip(_BLANKS)):
        yield Text(text=text)


def marked_bytes(element: Element) -> bytes | None:
    """The bytes of an element that is marked as holding base64 of such, and does."""
    if element.get(OPAQUE) != "base64" or len(element):
        return None
    return decode_base64(element.text or "")


def extension(element: Element) -> Extension | None:
    """The extension token whose name the element has."""
    token = None if namespace_of(element) else extension_token(local_name(element))
    if token is None or len(element) or element.attrib:
        return None
    text = element.text or ""
    if token in EXT_I:
        return Extension(token=token, value=text)
    if token in EXT_T:
        is_number = text.isascii() and text.isdigit() and len(text) <= len(str(MAX_U32))
        if not is_number or int(text) > MAX_U32:
            return None
        return Extension(token=token, value=int(text))
    return None if text else Extension(token=token)


def attribute(name: str, value: str) -> WbxmlAttribute:
    """A literal attribute."""
    return WbxmlAttribute(name=name, value=(Text(text=value),) if value else ())


def attributes(element: Element) -> Iterator[WbxmlAttribute]:
    """The element's attributes, each new prefix declared before its first use."""
    declared: dict[str, str] = {"xml": XML}
    is_marked = marked_bytes(element) is not None
    for key, value in element.attrib.items():
        namespace, brace, name = str(key).rpartition("}")
        namespace = namespace.removeprefix("{")
        if is_marked and key == OPAQUE:
            continue
        if not brace:
            unknown = attribute_of_placeholder(name)
            page = None if unknown is None else unknown[0]
            yield WbxmlAttribute(name=name, page=page, value=attribute(name, str(value)).value)
            continue
        prefix = next((p for p, uri in declared.items() if uri == namespace), None)
        if prefix is None:
            prefix = _prefix(element, namespace, declared)
            declared[prefix] = namespace
            yield attribute(f"xmlns:{prefix}", namespace)
        yield attribute(f"{prefix}:{name}", str(value))


def _prefix(element: Element, namespace: str, taken: dict[str, str]) -> str:
    """The prefix that the document has for it, so that it reads as it was written."""
    for prefix, uri in element.nsmap.items():
        if uri == namespace and prefix and prefix not in taken:
            return prefix
    number = 0
    while f"a{number}" in taken:
        number += 1
    return f"a{number}"
