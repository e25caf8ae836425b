"""Reading the smaller values of a message: Meta, Cred, Chal, Target, Source, and foreign elements.

Sources: SyncML RepPro 1.2 and MetInf 1.2 DTDs. Commands and items are read in ``commands``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from mdmcore.syncml.element_order import CHILD_ORDER
from mdmcore.syncml.model import Chal, Cred, Meta, OtherElement
from mdmcore.syncml.reading import Reader
from mdmcore.xml import Element, children, inner_xml, local_name, namespace_of, text_of

_META_FIELDS = frozenset(
    {
        "Format",
        "Type",
        "Mark",
        "Size",
        "NextNonce",
        "Version",
        "MaxMsgSize",
        "MaxObjSize",
        "EMI",
    }
)
_CRED_FIELDS = frozenset({"Format", "Type"})
_CHAL_FIELDS = _CRED_FIELDS | {"NextNonce"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """What a Target or Source says; nothing when there is none. A LocURI that is missing in one
    that is there reads as empty."""

    uri: str | None = None
    name: str | None = None
    others: tuple[OtherElement, ...] = ()


def read_location(reader: Reader, parent: Element, name: str, place: str) -> Location:
    """A Target or Source."""
    element = reader.child(parent, name, place)
    if element is None:
        return Location()
    place = f"{place}/{name}"
    return Location(
        uri=reader.text(element, "LocURI", place) or "",
        name=reader.text(element, "LocName", place),
        others=read_others(element, {"LocURI", "LocName"}),
    )


def read_parent(reader: Reader, item: Element, name: str, place: str) -> str | None:
    """The LocURI of a SourceParent or TargetParent, which hold nothing else."""
    return read_location(reader, item, name, place).uri


def read_meta(reader: Reader, parent: Element, place: str) -> Meta | None:
    """The Meta of a header, command or item."""
    found = _meta_elements(reader, parent, place)
    if found is None:
        return None

    def first(name: str) -> str | None:
        elements = found.get(name)
        return text_of(elements[0]) if elements else None

    return Meta(
        format=first("Format"),
        type=first("Type"),
        mark=first("Mark"),
        size=first("Size"),
        next_nonce_text=first("NextNonce"),
        version=first("Version"),
        max_msg_size=first("MaxMsgSize"),
        max_obj_size=first("MaxObjSize"),
        emi=tuple(text_of(element) for element in found.get("EMI", ())),
        others=_other_elements(found, _META_FIELDS),
    )


def read_cred(reader: Reader, parent: Element, place: str) -> Cred | None:
    """The Cred of a header or command; one without Data is refused when strict."""
    element = reader.child(parent, "Cred", place)
    if element is None:
        return None
    place = f"{place}/Cred"
    meta = _meta_elements(reader, element, place) or {}
    data = reader.required_text(element, "Data", place)
    return Cred(
        type=_first_text(meta, "Type"),
        format=_first_text(meta, "Format"),
        data=data,
        others=_other_elements(meta, _CRED_FIELDS),
    )


def read_chal(reader: Reader, parent: Element, place: str) -> Chal | None:
    """The Chal of a Status."""
    element = reader.child(parent, "Chal", place)
    if element is None:
        return None
    meta = _meta_elements(reader, element, f"{place}/Chal") or {}
    nonce = meta.get("NextNonce")
    return Chal(
        type=_first_text(meta, "Type"),
        format=_first_text(meta, "Format"),
        next_nonce_text=text_of(nonce[0]) if nonce else None,
        others=_other_elements(meta, _CHAL_FIELDS),
    )


def read_others(parent: Element, known: Collection[str]) -> tuple[OtherElement, ...]:
    """The children of other names than the known ones, in the order of the DTD."""
    found = (element for element in children(parent) if local_name(element) not in known)
    return _kept(found, local_name(parent))


def _meta_elements(reader: Reader, parent: Element, place: str) -> dict[str, list[Element]] | None:
    element = reader.child(parent, "Meta", place)
    return None if element is None else reader.meta_children(element, f"{place}/Meta")


def _first_text(meta: dict[str, list[Element]], name: str) -> str:
    elements = meta.get(name)
    return text_of(elements[0]) if elements else ""


def _other_elements(
    meta: dict[str, list[Element]], known: Collection[str]
) -> tuple[OtherElement, ...]:
    found = (
        element for name, elements in meta.items() if name not in known for element in elements
    )
    return _kept(found, "Meta")


def _kept(elements: Iterable[Element], parent: str) -> tuple[OtherElement, ...]:
    """In the order in which they will be written, so that a message is the same when read again;
    those that the DTD does not have come last."""
    order = CHILD_ORDER.get(parent, ())
    kept = (
        OtherElement(
            name=local_name(element),
            namespace=namespace_of(element),
            content=inner_xml(element, namespace_of(element)),
            attributes=tuple((str(key), str(value)) for key, value in element.attrib.items()),
        )
        for element in elements
    )
    return tuple(
        sorted(kept, key=lambda one: order.index(one.name) if one.name in order else len(order))
    )
