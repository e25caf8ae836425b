"""Where secrets stand in a message: elements and attributes whose text must not be shown.

The names are those that the inspector masks (``mdmcore.inspector.masking``), and what only the raw
form of a message has: proofs of identity in SOAP headers, secrets packed in data of items. It is
rather masked once too often: the explained form beside it has what can be told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mdmcore.base64_text import decode_base64
from mdmcore.inspector.artifact.der_kinds import der_kind
from mdmcore.inspector.artifact.kind_names import ArtifactKind
from mdmcore.inspector.artifact.xml_documents import first_name
from mdmcore.inspector.masked_text import TELLING
from mdmcore.inspector.masking import (
    MASKED,
    SECRET_ALERT_TYPES,
    SECRET_NODES,
    SECRET_PARMS,
    Mask,
)
from mdmcore.xml import Element, child, children, iter_elements, local_name, text_of

DOCUMENT = "wap-provisioningdoc"

_PARMS = SECRET_NODES | {name.lower() for name in SECRET_PARMS}
_ELEMENTS = frozenset(
    {
        "assertion",
        "binarysecret",
        "ciphervalue",
        "encryptedassertion",
        "encrypteddata",
        "encryptedkey",
        "nextnonce",
        "requestedprooftoken",
    }
)
_TELLING = TELLING
"""An element, attribute or context item with one of these in its name is masked."""
_PACKED = tuple(name.encode() for name in sorted(_PARMS | _ELEMENTS | set(_TELLING)))
_KNOWN_PROOFS = frozenset({"timestamp", "usernametoken", "binarysecuritytoken", "signature"})
_OPEN_DER = frozenset(
    {
        ArtifactKind.CERTIFICATE,
        ArtifactKind.CRL,
        ArtifactKind.CSR,
        ArtifactKind.PKCS7,
        ArtifactKind.PUBLIC_KEY,
    }
)
_LEAST_PACKED = 16
_NO_SECRETS = Mask()


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretPlace:
    """What is hidden: the whole content of ``element``, or of its ``attribute``.

    ``instead`` stands there; ``document`` is a provisioning document that was packed in it.
    """

    element: Element
    attribute: str | None = None
    instead: str = MASKED
    document: bytes = b""


_NAMED = re.compile(
    rf"<(?![/!?])[^<>]{{0,300}}?(?:{'|'.join(sorted({*_TELLING, *_ELEMENTS, 'aauthdata'}))})",
    re.IGNORECASE,
)


def has_lost_places(text: str, places: Iterable[SecretPlace]) -> bool:
    """Whether more tags of a text name secrets than were found in what a parser made of it: then
    the secret may stand anywhere in that."""
    found = {each.element for each in places if each.attribute is not None or _is_named(each)}
    return len(_NAMED.findall(text)) > len(found)


def _is_named(place: SecretPlace) -> bool:
    name = local_name(place.element).lower()
    return name in _ELEMENTS or _is_telling(name) or name == "contextitem"


def secret_places(root: Element) -> Iterator[SecretPlace]:
    """All of them, in document order; one may stand inside another."""
    for element in iter_elements(root):
        yield from _attributes(element)
        found = _content(element)
        if found is not None and _has_content(found.element):
            yield found


def _attributes(element: Element) -> Iterator[SecretPlace]:
    parm = (element.get("name") or "").lower() if local_name(element).lower() == "parm" else ""
    is_secret_parm = parm in _PARMS or _is_telling(parm)
    for name in element.keys():  # noqa: SIM118 - an element is no mapping
        plain = str(name).rpartition("}")[2].lower()
        is_value = is_secret_parm and plain not in ("name", "datatype")
        is_secret = is_value or _is_telling(plain) or is_packed(str(element.get(name) or ""))
        if is_secret:
            yield SecretPlace(element=element, attribute=str(name))


def _content(element: Element) -> SecretPlace | None:
    name = local_name(element).lower()
    if name == "binarysecuritytoken":
        return _token(element)
    if name == "item":
        return _item(element)
    if name == "cred":
        data = child(element, "Data")
        return None if data is None else SecretPlace(element=data)
    if name == "contextitem":
        is_telling = _is_telling(element.get("Name") or element.get("name") or "")
        return SecretPlace(element=element) if is_telling else None
    parent = element.getparent()
    is_proof = parent is not None and local_name(parent).lower() == "security"
    is_unknown_proof = is_proof and name not in _KNOWN_PROOFS
    if name in _ELEMENTS or is_unknown_proof or _is_telling(name):
        return SecretPlace(element=element)
    is_leaf = next(children(element), None) is None
    return SecretPlace(element=element) if is_leaf and is_packed(text_of(element)) else None


def _is_telling(name: str) -> bool:
    return any(word in name.lower() for word in _TELLING)


def _has_content(element: Element) -> bool:
    return bool((element.text or "").strip()) or len(element) > 0


def _token(element: Element) -> SecretPlace | None:
    """A token: requests and certificates are no secrets; of a document it is said where it is."""
    content = decode_base64(text_of(element))
    for _ in range(2):
        if not content:
            break
        if first_name(content[:4096]) == DOCUMENT:
            words = f"{MASKED} a provisioning document of {len(content)} bytes, see below"
            return SecretPlace(element=element, instead=words, document=content)
        if content.startswith(b"\x30") and der_kind(content) in _OPEN_DER:
            return None
        content = decode_base64(content.decode("ascii", "replace"))
    return SecretPlace(element=element)


def _item(item: Element) -> SecretPlace | None:
    data = child(item, "Data")
    if data is None:
        return None
    uris = [text_of(child(item, name, "LocURI")) for name in ("Target", "Source")]
    kinds = [text_of(child(each, "Meta", "Type")).lower() for each in (item, item.getparent())]
    is_secret = (
        any(_NO_SECRETS.node(uri, "value") == MASKED for uri in uris if uri)
        or any(kind in SECRET_ALERT_TYPES for kind in kinds)
        or (next(children(data), None) is None and is_packed(text_of(data)))
    )
    return SecretPlace(element=data) if is_secret else None


def is_packed(text: str) -> bool:
    """Whether the text of an item names secrets itself: a document, a profile, in base64 or not."""
    packed = decode_base64(text) if len(text) >= _LEAST_PACKED else None
    found = text.encode("utf-8", "replace") if packed is None else packed
    if packed is None and not any(mark in text for mark in ("<", "&lt;", "{")):
        return False
    if packed is not None and packed.startswith(b"\x30"):
        return der_kind(packed) not in _OPEN_DER
    lower = found.lower().replace(b"\0", b"")
    return any(name in lower for name in _PACKED)
