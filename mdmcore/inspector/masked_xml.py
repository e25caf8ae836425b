"""An XML message as text with its secrets masked, otherwise as it was sent.

What is not well-formed has no places that could be trusted: then the text is written anew from
what a lenient parser makes of it, and that is said.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mdmcore.errors import ParseError, XmlError
from mdmcore.inspector.masking import MASKED
from mdmcore.inspector.secret_places import SecretPlace, has_lost_places, secret_places
from mdmcore.xml import (
    Element,
    declared_encoding,
    iter_elements,
    local_name,
    parse_lenient,
    pretty_print,
    text_of,
)

LEAST_SECRET = 6
"""Characters of a secret that is looked for elsewhere, too; shorter ones stand in other words."""

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_TOKEN = re.compile(
    r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<![A-Z][^>]*>"
    r"|<(?P<end>/?)(?P<name>[^\s/>!?]+)(?:[^>\"']|\"[^\"]*\"|'[^']*')*?(?P<empty>/?)>",
    re.DOTALL,
)
_ATTRIBUTE = r"""(?P<head>\s(?:[^\s"'=<>]*:)?{name}\s*=\s*)(?:"[^"]*"|'[^']*')"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskedXml:
    """The text; ``is_as_sent`` apart from what is masked. ``secrets`` are what is hidden, to be
    looked for elsewhere; ``documents`` were packed in it."""

    text: str
    is_as_sent: bool
    is_masked: bool
    secrets: tuple[str, ...] = ()
    documents: tuple[bytes, ...] = ()


def masked_xml(data: bytes) -> MaskedXml:
    """The document, masked. XmlError when nothing of it can be read, or when it is so broken that
    nobody knows where its secrets stand."""
    parsed = parse_lenient(data)
    places = tuple(secret_places(parsed.root))
    if parsed.problems and has_lost_places(data.decode("utf-8", "replace"), places):
        raise XmlError("secrets stand at places that are lost")
    secrets = tuple(secret_texts(places))
    text = None if parsed.problems else _as_sent(data, parsed.root, places)
    return MaskedXml(
        text=masked_tree(parsed.root, places) if text is None else text,
        is_as_sent=text is not None,
        is_masked=bool(places),
        secrets=secrets,
        documents=tuple(place.document for place in places if place.document),
    )


def masked_tree(root: Element, places: Iterable[SecretPlace]) -> str:
    """The tree, which is changed, written anew and indented."""
    for place in places:
        if place.attribute is not None:
            place.element.set(place.attribute, place.instead)
            continue
        for below in list(place.element):
            place.element.remove(below)
        place.element.text = place.instead
    return pretty_print(root).rstrip()


def scrubbed(text: str, secrets: Iterable[str]) -> str:
    """The text with those secrets masked wherever else they stand in it."""
    for secret in secrets:
        text = text.replace(secret, MASKED)
    return text


def secret_texts(places: Iterable[SecretPlace]) -> Iterator[str]:
    """The secrets themselves, before ``masked_tree`` changes the tree."""
    for place in places:
        if place.attribute is not None:
            found = (place.element.get(place.attribute) or "").strip()
        else:
            found = text_of(place.element)
        if len(found) >= LEAST_SECRET:
            yield found


def _as_sent(data: bytes, root: Element, places: Iterable[SecretPlace]) -> str | None:
    """The text with the places masked; ``None`` where text and tree do not fit."""
    text = decoded_text(data)
    if text is None:
        return None
    hidden: dict[int, list[SecretPlace]] = {}
    order = {element: number for number, element in enumerate(iter_elements(root))}
    for place in places:
        hidden.setdefault(order[place.element], []).append(place)
    names = [local_name(element) for element in order]
    try:
        return "".join(_pieces(text, names, hidden))
    except ParseError:
        return None


def _pieces(text: str, names: list[str], hidden: dict[int, list[SecretPlace]]) -> Iterator[str]:
    """The text in pieces; what is inside a masked element is passed over."""
    number, depth, at = -1, 0, 0
    hidden_from: int | None = None
    for token in _TOKEN.finditer(text):
        if hidden_from is None:
            yield text[at : token.start()]
        at = token.end()
        name = token["name"]
        if name is None:
            if hidden_from is None:
                yield _other(token[0])
            continue
        if token["end"]:
            if hidden_from == depth:
                hidden_from = None
            depth -= 1
            if hidden_from is None:
                yield token[0]
            continue
        number += 1
        if number >= len(names) or names[number] != name.rpartition(":")[2]:
            raise ParseError("the tags of text and tree differ")
        depth += 0 if token["empty"] else 1
        if hidden_from is not None:
            continue
        places = hidden.get(number, ())
        yield _tag(token[0], places)
        content = next((place for place in places if place.attribute is None), None)
        if content is not None and not token["empty"]:
            yield content.instead
            hidden_from = depth
    if number + 1 != len(names) or hidden_from is not None:
        raise ParseError("the tags of text and tree differ")
    yield text[at:]


def _other(token: str) -> str:
    """A comment or instruction may hold anything; only the declaration and CDATA are kept."""
    if token.startswith("<!--"):
        return f"<!--{MASKED}-->"
    is_declaration = token.startswith("<?xml ")
    return token if is_declaration or token.startswith("<!") else f"<?{MASKED}?>"


def _tag(tag: str, places: Iterable[SecretPlace]) -> str:
    for place in places:
        if place.attribute is None:
            continue
        name = re.escape(place.attribute.rpartition("}")[2])
        found = re.compile(_ATTRIBUTE.format(name=name))
        tag, count = found.subn(rf'\g<head>"{MASKED}"', tag)
        if not count:
            raise ParseError("the attribute is not found")
    return tag


def decoded_text(data: bytes) -> str | None:
    """The text of a document by its byte order mark or its declaration; ``None`` if it is none."""
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), None)
    try:
        return data.decode(encoding or declared_encoding(data) or "utf-8")
    except (LookupError, UnicodeError, ValueError):
        return None
