"""Names as text: the short names of attribute types, two renderings, one reader.

``x500`` is the form of CertNameToStr, which search criteria hold (first RDN first, unconfirmed
for the phone); ``rfc4514`` is for people. Attributes are pairs of dotted OID and text here; their
encoding stands in ``name``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

type Attribute = tuple[str, str]
type Rdn = tuple[Attribute, ...]

# The first keyword of an OID is the one written; all are read.
_KEYWORDS = (
    ("CN", "2.5.4.3"),
    ("SN", "2.5.4.4"),
    ("SERIALNUMBER", "2.5.4.5"),
    ("C", "2.5.4.6"),
    ("L", "2.5.4.7"),
    ("S", "2.5.4.8"),
    ("ST", "2.5.4.8"),
    ("STREET", "2.5.4.9"),
    ("O", "2.5.4.10"),
    ("OU", "2.5.4.11"),
    ("T", "2.5.4.12"),
    ("TITLE", "2.5.4.12"),
    ("G", "2.5.4.42"),
    ("GN", "2.5.4.42"),
    ("I", "2.5.4.43"),
    ("DC", "0.9.2342.19200300.100.1.25"),
    ("UID", "0.9.2342.19200300.100.1.1"),
    ("E", "1.2.840.113549.1.9.1"),
)
_OID_OF = dict(_KEYWORDS)
_KEYWORD_OF = {oid: keyword for keyword, oid in reversed(_KEYWORDS)}
_DOTTED = re.compile(r"(?:OID\.)?([0-2](?:\.\d{1,39}){1,40})")
_SPECIAL_4514 = frozenset('"+,;<>\\')
_QUOTED_X500 = frozenset(',+="\n\r<>#;')


def keyword(oid: str) -> str:
    """The short name of an attribute type, its dotted OID when it has none."""
    return _KEYWORD_OF.get(oid, oid)


def rfc4514(rdns: Iterable[Rdn]) -> str:
    r"""Text after RFC 4514, last RDN first; NUL and what is not printable as ``\XX``."""
    parts = ("+".join(f"{keyword(oid)}={_escape(text)}" for oid, text in rdn) for rdn in rdns)
    return ",".join(reversed(tuple(parts)))


def _escape(text: str) -> str:
    last = len(text) - 1
    return "".join(
        _escape_character(character, is_first=at == 0, is_last=at == last)
        for at, character in enumerate(text)
    )


def _escape_character(character: str, *, is_first: bool, is_last: bool) -> str:
    if character in _SPECIAL_4514:
        return f"\\{character}"
    if (character == " " and (is_first or is_last)) or (character == "#" and is_first):
        return f"\\{character}"
    if character.isprintable():
        return character
    return "".join(f"\\{octet:02X}" for octet in character.encode("utf-8", "surrogatepass"))


def x500(rdns: Iterable[Rdn]) -> str:
    """Text as CertNameToStr writes it: ``CN=..., O=...``, first RDN first, quotes where needed."""
    return ", ".join(
        " + ".join(f"{_x500_keyword(oid)}={_quote(text)}" for oid, text in rdn) for rdn in rdns
    )


def _x500_keyword(oid: str) -> str:
    return _KEYWORD_OF.get(oid, f"OID.{oid}")


def _quote(text: str) -> str:
    needs_quotes = not text or text != text.strip() or not _QUOTED_X500.isdisjoint(text)
    if not needs_quotes:
        return text
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def parse_x500(text: str) -> tuple[Rdn, ...] | None:
    r"""The RDNs of a name text, in the order written; ``None`` when it is none.

    ``,`` and ``;`` part RDNs, ``+`` the attributes of one; blanks around them do not count.
    Values may stand in quotes (``""`` is a quote there). Keywords are upper-case, or dotted OIDs.
    """
    rdns: list[Rdn] = []
    current: list[Attribute] = []
    for piece, separator in _pieces(text):
        attribute = _attribute(piece)
        if attribute is None:
            return None
        current.append(attribute)
        if separator != "+":
            rdns.append(tuple(current))
            current = []
    return None if current or not rdns else tuple(rdns)


def _pieces(text: str) -> Sequence[tuple[str, str]]:
    """The text cut at separators outside quotes, each piece with the separator behind it."""
    pieces: list[tuple[str, str]] = []
    start = 0
    is_quoted = False
    for at, character in enumerate(text):
        if character == '"':
            is_quoted = not is_quoted
        elif character in ",;+" and not is_quoted:
            pieces.append((text[start:at], character))
            start = at + 1
    pieces.append((text[start:], ""))
    return pieces


def _attribute(piece: str) -> Attribute | None:
    name, equals, value = piece.partition("=")
    name, value = name.strip(" "), value.strip(" ")
    dotted = _DOTTED.fullmatch(name)
    oid = dotted[1] if dotted else _OID_OF.get(name)
    if not equals or oid is None:
        return None
    if '"' not in value:
        return oid, value
    if len(value) < 2 or value[0] != '"' or value[-1] != '"':
        return None
    inner = value[1:-1]
    unquoted = inner.replace('""', '"')
    return (oid, unquoted) if inner.count('"') == 2 * inner.count('""') else None
