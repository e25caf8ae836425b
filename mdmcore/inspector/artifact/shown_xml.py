"""A document indented for people: secrets masked, tokens named and not repeated.

What stands in a token or an EncodedCertificate is shown as a part of its own.
"""

from __future__ import annotations

from copy import deepcopy

from mdmcore.enrollment.soap import attribute
from mdmcore.inspector.item_data import masked_data
from mdmcore.inspector.masking import SECRET_ALERT_TYPES, Mask
from mdmcore.inspector.secret_places import secret_places
from mdmcore.xml import Element, child, children, iter_elements, local_name, pretty_print, text_of

MAX_SHOWN = 256 * 1024
"""Characters of a document that are shown at most."""

_SECRET_ELEMENTS = frozenset({"Password", "NextNonce"})
_LONG = 120


def shown_xml(root: Element, mask: Mask) -> str:
    """The indented text of a parsed document, also of one that had to be recovered."""
    copied = deepcopy(root)
    for element in iter_elements(copied):
        name = local_name(element)
        if name in _SECRET_ELEMENTS:
            _set_text(element, mask.secret(element.text))
        elif name == "BinarySecurityToken":
            _token(element, mask)
        elif name == "parm":
            _parm(element, mask)
        elif name == "Cred":
            _data(element, mask)
        elif name == "Item":
            _item(element, mask)
    if not mask.show_secrets:
        _hide_others(copied)
    text = mask.text(pretty_print(copied).rstrip()) or ""
    if len(text) <= MAX_SHOWN:
        return text
    return f"{text[:MAX_SHOWN]}\n... {len(text) - MAX_SHOWN} characters more"


def _hide_others(root: Element) -> None:
    """What else is a secret; tokens and data of items were seen to."""
    for place in tuple(secret_places(root)):
        if place.attribute is not None:
            place.element.set(place.attribute, place.instead)
        elif local_name(place.element) not in ("BinarySecurityToken", "Data"):
            for below in list(children(place.element)):
                place.element.remove(below)
            _set_text(place.element, place.instead)


def _token(element: Element, mask: Mask) -> None:
    parent = element.getparent()
    is_users = parent is not None and local_name(parent) == "Security"
    if is_users:
        _set_text(element, mask.secret(element.text))
    else:
        _set_text(element, _counted(text_of(element)))


def _parm(element: Element, mask: Mask) -> None:
    name, value = attribute(element, "name"), element.get("value")
    if value is None:
        return
    shown = mask.parm(name, value)
    if name == "EncodedCertificate":
        shown = _counted(value)
    element.set("value", shown or "")


def _data(element: Element, mask: Mask) -> None:
    for data in children(element, "Data"):
        _set_text(data, mask.secret(data.text))


def _item(element: Element, mask: Mask) -> None:
    data = child(element, "Data")
    if data is None:
        return
    locations = (text_of(child(element, name, "LocURI")) for name in ("Target", "Source"))
    uri = next((text for text in locations if text), None)
    kind = text_of(child(element, "Meta", "Type")).lower()
    hidden = mask.secret(text_of(data)) if kind in SECRET_ALERT_TYPES else None
    shown = hidden if hidden is not None else mask.node(uri, text_of(data))
    if shown == text_of(data) and not mask.show_secrets and next(children(data), None) is None:
        shown = masked_data(shown or "")
    if shown != text_of(data):
        for below in list(children(data)):
            data.remove(below)
        _set_text(data, shown)


def _counted(text: str) -> str:
    """Long base64 as its length; what is inside is shown elsewhere."""
    packed = len("".join(text.split()))
    return text if packed <= _LONG else f"[{packed} characters, what is inside stands below]"


def _set_text(element: Element, text: str | None) -> None:
    if element.text != text:
        element.text = text
