"""Documents within Data: DevInf and DM tree descriptions, and the media type that names their form.

In XML they are elements, in WBXML a document of their own as opaque data; the Type in Meta ends in
``+xml`` or ``+wbxml`` accordingly and is changed on the way, as libwbxml does. Where XML already
says ``+wbxml`` nothing is changed, so that nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from mdmcore.namespaces import DEVINF, DMDDF_12
from mdmcore.syncml.wbxml.tree import Opaque, WbxmlElement
from mdmcore.xml import Element, child, children, local_name, namespace_of, text_of

_XML_TYPE, _WBXML_TYPE = "+xml", "+wbxml"
_ROOTS = {("DevInf", DEVINF), ("MgmtTree", DMDDF_12)}
_HEAD = 16
"""Among how many first parts of an item or command its Meta is looked for; a bound, since it may
be looked for from each of its parts."""


def meta_text(owner: WbxmlElement, name: str) -> str:
    """The text of that part of the Meta of an item or command, empty when there is none."""
    found = _meta_part(owner, name)
    return "" if found is None else found.text.strip()


def type_in_xml(element: WbxmlElement, around: tuple[WbxmlElement, ...], text: str) -> str:
    """The text of an element; ``+xml`` for the Type of what becomes elements."""
    if (element.name, element.page) != ("Type", 1) or not text.endswith(_WBXML_TYPE):
        return text
    owner = next((one for one in reversed(around) if one.name not in {"Meta", "MetInf"}), None)
    if owner is None or _meta_part(owner, "Type") is not element or not _holds_document(owner):
        return text
    return text.removesuffix(_WBXML_TYPE) + _XML_TYPE


def is_document(element: Element, data: Element) -> bool:
    """Whether an XML element within Data is to be a document of its own."""
    if (local_name(element), namespace_of(element)) not in _ROOTS:
        return False
    item = data.getparent()
    command = None if item is None else item.getparent()
    stated = _xml_type(item)
    if stated is None:
        stated = _xml_type(command)
    return stated is None or not text_of(stated).endswith(_WBXML_TYPE)


def names_a_document(element: Element) -> bool:
    """Whether an XML element is the Type, ending in ``+xml``, of what is to be a document."""
    is_text = local_name(element) == "Type" and not len(element)
    if not is_text or not (element.text or "").endswith(_XML_TYPE):
        return False
    owner = element.getparent()
    while owner is not None and local_name(owner) in {"Meta", "MetInf"}:
        owner = owner.getparent()
    if owner is None or _xml_type(owner) is not element:
        return False
    items = [owner] if local_name(owner) == "Item" else children(owner, "Item")
    return any(
        is_document(inner, data)
        for item in items
        for data in children(item, "Data")
        for inner in children(data)
    )


def type_in_wbxml(text: str) -> str:
    """The Type of what becomes a document."""
    return text.removesuffix(_XML_TYPE) + _WBXML_TYPE


def _meta_part(owner: WbxmlElement, name: str) -> WbxmlElement | None:
    meta = _named(islice(owner.content, _HEAD), "Meta")
    if meta is None:
        return None
    wrapped = _named(islice(meta.content, _HEAD), "MetInf")
    return _named(islice((meta if wrapped is None else wrapped).content, _HEAD), name)


def _named(parts: Iterable[object], name: str) -> WbxmlElement | None:
    found = (part for part in parts if isinstance(part, WbxmlElement) and part.name == name)
    return next(found, None)


def _holds_document(owner: WbxmlElement) -> bool:
    items = [owner] if owner.name == "Item" else [i for i in owner.elements if i.name == "Item"]
    return any(
        isinstance(part, Opaque) and part.document is not None
        for item in items
        for data in item.elements
        if data.name == "Data"
        for part in data.content
    )


def _xml_type(owner: Element | None) -> Element | None:
    if owner is None:
        return None
    for part in islice(children(owner), _HEAD):
        if local_name(part) == "Meta":
            return (
                child(part, "Type")
                if child(part, "MetInf") is None
                else child(part, "MetInf", "Type")
            )
    return None
