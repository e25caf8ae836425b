"""The data of an item as it may be shown: secrets masked where they stand in it.

Data may be a whole document: a provisioning document, a profile of a network or of mail, escaped or
not, in base64, with further ones in it.
"""

from __future__ import annotations

from mdmcore.errors import MdmError
from mdmcore.inspector.masked_xml import masked_xml
from mdmcore.inspector.masking import MASKED, SECRET_ALERT_TYPES, Mask
from mdmcore.inspector.secret_places import is_packed
from mdmcore.syncml.model import Item

_OPEN, _CLOSE = "<Data>", "</Data>"


def item_data(item: Item, mask: Mask) -> str | None:
    """The data of the item, ``None`` where it has none."""
    data = item.data if item.data is not None else item.data_xml
    if data is None or mask.show_secrets:
        return data
    kind = (item.meta.type or "").lower() if item.meta is not None else ""
    uris = [uri for uri in (item.target, item.source) if uri]
    if kind in SECRET_ALERT_TYPES or any(mask.is_secret_node(uri) for uri in uris):
        return mask.secret(data)
    return masked_data(data)


def masked_data(data: str) -> str:
    """The text with its secrets masked; all of it where nobody knows where they stand in it."""
    if not is_packed(data):
        return Mask().text(data) or ""
    shown = _masked_document(data) if data.lstrip().startswith("<") else None
    return MASKED if shown is None else Mask().text(shown) or ""


def _masked_document(data: str) -> str | None:
    """``None`` for text that is no XML, or so broken that its secrets cannot be found."""
    text = data.strip()
    is_document = text.startswith("<?xml")
    source = text if is_document else f"{_OPEN}{text}{_CLOSE}"
    try:
        found = masked_xml(source.encode("utf-8", "replace"))
    except MdmError:
        return None
    if not found.is_as_sent or not found.is_masked:
        return None
    return found.text if is_document else found.text.removeprefix(_OPEN).removesuffix(_CLOSE)
