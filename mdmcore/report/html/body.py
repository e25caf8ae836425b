"""A body as the page shows it: bounded text, secrets masked, or what it is where that is unsafe.

Only what is understood as a message of the protocol is shown: anything else (forms, pages, JSON,
packages) may hold secrets at places that nobody knows, and is described. With ``show_secrets`` all
text is shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from mdmcore.errors import MdmError
from mdmcore.inspector.masked_xml import (
    MaskedXml,
    decoded_text,
    masked_tree,
    masked_xml,
    secret_texts,
)
from mdmcore.inspector.secret_places import DOCUMENT, secret_places
from mdmcore.syncml.wbxml import decode_document, document_element, looks_like_wbxml
from mdmcore.xml import local_name, parse_lenient, pretty_print

MAX_SHOWN = 16 * 1024
"""Characters of one body, or of one document in it, that are shown."""

MAX_READ = 4 * 1024 * 1024
"""Bytes of a body that is read at all."""

_MAX_DUMPED = 512
_BLANKS = b"\xef\xbb\xbf \t\r\n"
_KNOWN = frozenset({"envelope", "syncml", DOCUMENT})
_UNSAFE = "not shown, since it may hold secrets at places that are not known; --show-secrets does"


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyPart:
    """Text under a heading: the body itself, or a document that was packed in it. Empty text: only
    the heading tells. ``cut`` counts characters that are left out."""

    heading: str
    text: str = ""
    cut: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The parts, and the secrets that were masked in them."""

    parts: tuple[BodyPart, ...]
    secrets: tuple[str, ...] = field(default=(), repr=False)


def body_of(
    data: bytes | None, media_type: str, *, length: int | None = None, show_secrets: bool = False
) -> Body:
    """What to show of a body. ``None`` was not recorded: ``length`` is what is known of it then."""
    if data is None:
        known = "" if length is None else f": {length} bytes passed through"
        return _told(f"the body is not recorded{known}")
    if not data:
        return _told("no body")
    what = f"{media_type or 'no Content-Type'}, {len(data)} bytes"
    if len(data) > MAX_READ:
        return _told(f"{what}, too long to be read here")
    if looks_like_wbxml(data):
        return _wbxml(data, what, show_secrets=show_secrets)
    if show_secrets:
        return _open(data, what)
    found = _message(data)
    if found is None:
        return _told(f"{what}, {_UNSAFE}")
    parts = [_part(f"{what}{_how(found)}", found.text)]
    secrets = [*found.secrets]
    for document in found.documents:
        packed = _message(document)
        heading = f"a provisioning document in it, {len(document)} bytes"
        if packed is None:
            parts.append(BodyPart(heading=f"{heading}, {_UNSAFE}"))
        else:
            parts.append(_part(f"{heading}{_how(packed)}", packed.text))
            secrets += packed.secrets
    return Body(parts=tuple(parts), secrets=tuple(secrets))


def _told(heading: str) -> Body:
    return Body(parts=(BodyPart(heading=heading),))


def _part(heading: str, text: str) -> BodyPart:
    cut = max(0, len(text) - MAX_SHOWN)
    return BodyPart(heading=heading, text=text[:MAX_SHOWN], cut=cut)


def _how(found: MaskedXml) -> str:
    if not found.is_as_sent:
        return ", not as sent: written anew from what can be read of it"
    return ", as sent but for what is masked" if found.is_masked else ", as sent"


def _message(data: bytes) -> MaskedXml | None:
    """The masked text of a message of the protocol, ``None`` for anything else."""
    text = data.strip(_BLANKS[3:])
    try:
        root = local_name(parse_lenient(text).root).lower()
        return masked_xml(text) if root in _KNOWN else None
    except MdmError:
        return None


def _wbxml(data: bytes, what: str, *, show_secrets: bool) -> Body:
    try:
        root, _ = document_element(decode_document(data, strict=False), strict=False)
    except MdmError as error:
        told = _told(f"{what}, WBXML that cannot be read: {error}")
        return replace(told, parts=(*told.parts, _dump(data))) if show_secrets else told
    heading = f"{what}, WBXML as the XML that it stands for"
    if show_secrets:
        return Body(parts=(_part(heading, pretty_print(root).rstrip()),))
    places = tuple(secret_places(root))
    secrets = tuple(secret_texts(places))
    return Body(parts=(_part(heading, masked_tree(root, places)),), secrets=secrets)


def _open(data: bytes, what: str) -> Body:
    """All of it, as text where it is text."""
    text = decoded_text(data)
    if text is None or "\0" in text[:_MAX_DUMPED]:
        return Body(parts=(BodyPart(heading=what), _dump(data)))
    parts = [_part(f"{what}, as sent", text)]
    try:
        places = secret_places(parse_lenient(data.strip(_BLANKS[3:])).root)
        documents = [place.document for place in places if place.document]
    except MdmError:
        documents = []
    for document in documents:
        inner = document.decode("utf-8", "replace")
        parts.append(_part(f"a provisioning document in it, {len(document)} bytes", inner))
    return Body(parts=tuple(parts))


def _dump(data: bytes) -> BodyPart:
    shown = data[:_MAX_DUMPED]
    lines = (
        f"{at:04x}  {shown[at : at + 16].hex(' '):<47}  {_printable(shown[at : at + 16])}"
        for at in range(0, len(shown), 16)
    )
    more = len(data) - len(shown)
    rest = f", the first {len(shown)}" if more else ""
    return BodyPart(heading=f"bytes{rest}", text="\n".join(lines))


def _printable(data: bytes) -> str:
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in data)
