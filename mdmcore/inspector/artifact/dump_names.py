"""What an incomplete dump still shows: names with their string types, times, what is missing.

The bytes may begin and end in the middle of a certificate or a CSR. So elements are walked as they
come, into everything constructed, and a name is what follows a SEQUENCE of SETs, or the bare
string with which the paste begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from mdmcore.inspector.artifact.certutil_dump import AsnDump
from mdmcore.pki.asn1.der import INTEGER, OBJECT_IDENTIFIER, SEQUENCE, SET, tag_name
from mdmcore.pki.asn1.name import COMMON_NAME, DistinguishedName, NameAttribute
from mdmcore.pki.asn1.name_text import parse_x500

_STRINGS = frozenset({0x0C, 0x12, 0x13, 0x14, 0x16, 0x1A, 0x1C, 0x1E})
_TIMES = frozenset({0x17, 0x18})
_ATTRIBUTE_OIDS = ("2.5.4.", "0.9.2342.19200300.100.1.", "1.2.840.113549.1.9.1")
_EXPLICIT_VERSION = 0xA0
_KEYWORD = re.compile(r"\(([A-Z]{1,6})\)")
_MAX_ELEMENTS = 10_000


class Shape(StrEnum):
    """What the dump is of, as far as it shows."""

    CERTIFICATE = "certificate"
    REQUEST = "request"
    UNTOLD = "untold"


@dataclass(frozen=True, slots=True, kw_only=True)
class DumpFacts:
    """What was found. ``subject`` is the one name, or that behind the validity; ``is_assumed``
    says that nothing in the dump tells the string's attribute type, and CN was taken."""

    shape: Shape
    subject: DistinguishedName | None = None
    issuer: DistinguishedName | None = None
    times: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    elements: tuple[str, ...] = ()
    is_assumed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Element:
    tag: int
    content: bytes = field(repr=False)
    is_whole: bool = True


@dataclass(slots=True)
class _Walk:
    """Where the walk through the elements stands."""

    names: list[list[list[NameAttribute]]] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    named_before_times: int = 0
    oid: str | None = None
    is_assumed: bool = False

    def begin_name(self) -> None:
        self.names.append([])

    def add(self, element: _Element, oid: str) -> None:
        if not self.names:
            self.begin_name()
        if not self.names[-1]:
            self.names[-1].append([])
        self.names[-1][-1].append(NameAttribute(oid=oid, tag=element.tag, raw=element.content))


def read_dump(dump: AsnDump) -> DumpFacts:
    """The facts of a dump that does not hold the whole structure."""
    elements = [element for run in dump.runs for element in _elements(run.data)]
    walk = _Walk()
    for number, element in enumerate(elements):
        following = elements[number + 1].tag if number + 1 < len(elements) else None
        _step(walk, element, following, dump.comment if number == 0 else "")
    names = [_name(name) for name in walk.names if any(name)]
    # Without the validity between them, the first of two names is still the issuer.
    before = walk.named_before_times if walk.times else int(len(names) > 1)
    issuer = names[before - 1] if 0 < before <= len(names) else None
    return DumpFacts(
        shape=_shape(elements, walk),
        subject=names[before] if before < len(names) else None,
        issuer=issuer,
        times=tuple(walk.times),
        gaps=tuple(_gaps(dump, elements)),
        elements=tuple(_described(element) for element in elements[:_SHOWN]),
        is_assumed=walk.is_assumed,
    )


_SHOWN = 40


def _step(walk: _Walk, element: _Element, following: int | None, comment: str) -> None:
    if element.tag == SEQUENCE and following == SET:
        walk.begin_name()
    elif element.tag == SET and walk.names:
        walk.names[-1].append([])
    elif element.tag == OBJECT_IDENTIFIER:
        dotted = _dotted(element.content)
        walk.oid = dotted if dotted.startswith(_ATTRIBUTE_OIDS) else None
    elif element.tag in _TIMES:
        if not walk.times:
            walk.named_before_times = sum(1 for name in walk.names if any(name))
        walk.times.append(element.content.decode("ascii", "replace"))
    elif element.tag in _STRINGS:
        oid = walk.oid or _told_oid(comment)
        if oid is None and not walk.names:
            oid, walk.is_assumed = COMMON_NAME, True
        if oid is not None:
            walk.add(element, oid)
        walk.oid = None


def _elements(data: bytes) -> Iterator[_Element]:
    """The elements one after the other; a constructed one is followed by those inside it."""
    at = 0
    for _ in range(_MAX_ELEMENTS):
        if at + 2 > len(data):
            return
        tag, first = data[at], data[at + 1]
        count = first & 0x7F if first & 0x80 else 0
        start = at + 2 + count
        if count > 4 or start > len(data):
            return
        end = start + (int.from_bytes(data[at + 2 : start]) if count else first)
        if tag & 0x20:
            yield _Element(tag=tag, content=b"", is_whole=end <= len(data))
            at = start
        else:
            yield _Element(tag=tag, content=data[start:end], is_whole=end <= len(data))
            at = end


def _shape(elements: list[_Element], walk: _Walk) -> Shape:
    """A CSR begins with number 0 and then its subject, a certificate says its version in [0]."""
    tags = [element.tag for element in elements]
    if walk.times or tags[2:3] == [_EXPLICIT_VERSION]:
        return Shape.CERTIFICATE
    if tags[:5] == [SEQUENCE, SEQUENCE, INTEGER, SEQUENCE, SET]:
        return Shape.REQUEST
    return Shape.UNTOLD


def _gaps(dump: AsnDump, elements: list[_Element]) -> Iterator[str]:
    first = dump.runs[0]
    if first.offset:
        yield f"the {first.offset} bytes before offset 0x{first.offset:04x}"
    elif first.offset is None:
        yield "what stood before it, if anything did"
    for before, after in zip(dump.runs, dump.runs[1:], strict=False):
        assert before.offset is not None
        end = before.offset + len(before.data)
        yield f"what stands between the offsets 0x{end:04x} and 0x{after.offset:04x}"
    is_cut = bool(elements) and not elements[-1].is_whole
    yield "the end of the last element" if is_cut else "what follows, if anything did"


def _described(element: _Element) -> str:
    name = tag_name(element.tag)
    if element.tag & 0x20:
        return name
    if element.tag == OBJECT_IDENTIFIER:
        return f"{name} {_dotted(element.content)}"
    shown = element.content[:40].hex(" ")
    more = " ..." if len(element.content) > 40 else ""
    return f"{name} ({len(element.content)} bytes) {shown}{more}"


def _name(rdns: list[list[NameAttribute]]) -> DistinguishedName:
    return DistinguishedName(raw=b"", rdns=tuple(tuple(rdn) for rdn in rdns if rdn))


def _told_oid(comment: str) -> str | None:
    """The attribute type in a remark such as ``Common Name (CN)``."""
    keyword = _KEYWORD.search(comment)
    parsed = parse_x500(f"{keyword[1]}=x") if keyword else None
    return parsed[0][0][0] if parsed else None


def _dotted(content: bytes) -> str:
    arcs: list[int] = []
    value = 0
    for octet in content[:64]:
        value = value << 7 | octet & 0x7F
        if not octet & 0x80:
            arcs.append(value)
            value = 0
    if not arcs:
        return ""
    first = min(arcs[0] // 40, 2)
    return ".".join(str(arc) for arc in (first, arcs[0] - 40 * first, *arcs[1:]))
