"""Peeling a loose file until what is inside has a kind: encodings, headers, armour, text around.

Pure and bounded: at most ``MAX_LAYERS`` layers deep and ``MAX_PIECES`` objects wide, and each
layer is smaller than the one around it or of the same size. Tokens inside a message and
certificates inside a document are not peeled here: they belong to the message.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import islice, pairwise

from mdmcore.errors import Asn1Error
from mdmcore.inspector.artifact.certutil_dump import AsnDump, find_dumps
from mdmcore.inspector.artifact.kind_names import ArtifactKind
from mdmcore.inspector.artifact.kinds import is_text, kind_of
from mdmcore.inspector.artifact.text_layers import (
    UTF8_BOM,
    base64_before,
    behind_http_headers,
    broken_base64,
    from_base64,
    from_hex,
    from_hex_dump,
    from_utf16,
    without_backslashes,
    without_entities,
)
from mdmcore.inspector.artifact.values import ReadProblem
from mdmcore.inspector.artifact.xml_documents import (
    Span,
    find_documents,
    has_escaped_document,
    has_quoted_document,
    is_prolog,
)
from mdmcore.pki.pem import pem_blocks

MAX_LAYERS = 10
MAX_PIECES = 64

_PEM_BEGIN = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,64})-----")
_ARMOUR = b"-----BEGIN "
_BLANKS = b" \t\r\n"
_NOT_PROMISING = frozenset(
    {
        ArtifactKind.UNKNOWN,
        ArtifactKind.EMPTY,
        ArtifactKind.UNKNOWN_DER,
        ArtifactKind.CAPTURE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What is left after peeling. ``layers`` were taken off, outermost first.

    ``is_verbatim`` is false once a layer may have changed blanks or line ends: then they are not
    judged. ``label`` is that of the PEM block it was in. ``dump`` is there in place of data that a
    certutil dump does not hold whole; ``problem`` when a layer cannot be taken off, or not all of
    it: then ``data`` is what came out. ``line``,
    from 1, is where the object begins in a text that holds more than it.
    """

    data: bytes = field(repr=False)
    layers: tuple[str, ...] = ()
    is_verbatim: bool = True
    label: str = ""
    dump: AsnDump | None = None
    problem: ReadProblem | None = None
    line: int | None = None

    @property
    def kind(self) -> ArtifactKind:
        """What it is."""
        return ArtifactKind.DUMP if self.dump is not None else kind_of(self.data)

    def inside(self, data: bytes, layer: str, *, is_verbatim: bool | None = None) -> Piece:
        """What was inside this piece behind a layer of that name."""
        kept = self.is_verbatim if is_verbatim is None else is_verbatim
        return Piece(data=data, layers=(*self.layers, layer), is_verbatim=kept, line=self.line)

    def line_at(self, offset: int) -> int:
        """The line at that offset, unless this piece is itself inside a text."""
        return self.line or self.data.count(b"\n", 0, offset) + 1


def unwrap(data: bytes) -> tuple[Piece, ...]:
    """The objects in a file, each without its layers; never raises, never none."""
    found = _unwrap(Piece(data=data))
    if len(found) <= MAX_PIECES:
        return found
    rest = ReadProblem(message=f"more than {MAX_PIECES} objects in one file, the rest is not read")
    return (*found[:MAX_PIECES], Piece(data=b"", problem=rest))


def _unwrap(piece: Piece) -> tuple[Piece, ...]:
    if len(piece.layers) >= MAX_LAYERS or piece.dump is not None or piece.problem is not None:
        return (piece,)
    if not is_text(piece.data):
        return (piece,)
    for step in _STEPS:
        opened = step(piece)
        if opened:
            inner = (found for each in opened for found in _unwrap(each))
            return tuple(islice(inner, MAX_PIECES + 1))
    return (piece,)


def _utf16(piece: Piece) -> tuple[Piece, ...]:
    text = from_utf16(piece.data)
    return () if text is None else (piece.inside(text, "UTF-16", is_verbatim=False),)


def _bom(piece: Piece) -> tuple[Piece, ...]:
    if not piece.data.startswith(UTF8_BOM):
        return ()
    return (piece.inside(piece.data[len(UTF8_BOM) :], "UTF-8 BOM"),)


def _http(piece: Piece) -> tuple[Piece, ...]:
    body = behind_http_headers(piece.data)
    return () if body is None else (piece.inside(body, "HTTP headers"),)


def _quoted(piece: Piece) -> tuple[Piece, ...]:
    if not has_quoted_document(piece.data):
        return ()
    plain = without_backslashes(piece.data)
    return (piece.inside(plain, "JSON string", is_verbatim=False),)


def _documents(piece: Piece) -> tuple[Piece, ...]:
    """Each XML document of the protocol, when something else stands around them."""
    data = piece.data
    spans = find_documents(data)
    if not spans:
        return ()
    if len(spans) == 1:
        span = spans[0]
        if is_prolog(data[: span.start]):
            # What follows in angle brackets is the document's own mistake.
            end = max(span.end, data.rfind(b">") + 1)
            if not data[end:].strip(_BLANKS):
                return ()
            return (piece.inside(data[:end], "text behind it"),)
        return (_document(piece, span, "text around it"),)
    return tuple(_document(piece, span, f"text with {len(spans)} documents") for span in spans)


def _document(piece: Piece, span: Span, layer: str) -> Piece:
    inner = piece.inside(piece.data[span.start : span.end].strip(), layer, is_verbatim=False)
    return replace(inner, line=piece.line_at(span.start))


def _entities(piece: Piece) -> tuple[Piece, ...]:
    if find_documents(piece.data) or not has_escaped_document(piece.data):
        return ()
    return (piece.inside(without_entities(piece.data), "XML entities", is_verbatim=False),)


def _pem(piece: Piece) -> tuple[Piece, ...]:
    data = piece.data
    if _ARMOUR not in data or find_documents(data):
        return ()
    starts = [match.start() for match in islice(_PEM_BEGIN.finditer(data), MAX_PIECES + 2)]
    bounds = pairwise([*starts, len(data)])
    return tuple(_block(piece, *each) for each in islice(bounds, MAX_PIECES + 1))


def _block(piece: Piece, start: int, end: int) -> Piece:
    begin = _PEM_BEGIN.match(piece.data, start)
    label = begin[1].decode("ascii") if begin is not None else ""
    layers, line = (*piece.layers, f"PEM {label}"), piece.line_at(start)
    try:
        (block,) = pem_blocks(piece.data[start:end])
    except Asn1Error as error:
        where = f"offset {start + (error.offset or 0)}"
        problem = ReadProblem(message=error.message, where=where)
        return Piece(data=b"", layers=layers, label=label, problem=problem, line=line)
    return Piece(data=block.der, layers=layers, label=label, line=line)


def _asn_dump(piece: Piece) -> tuple[Piece, ...]:
    if piece.data.lstrip(_BLANKS).startswith(b"<") or kind_of(piece.data) not in _PLAIN:
        return ()
    found = []
    for dump in find_dumps(piece.data.decode("utf-8", "replace")):
        der = dump.der
        inner = piece.inside(der or b"", "certutil -asn dump")
        inner = replace(inner, line=piece.line or dump.line)
        found.append(inner if der is not None else replace(inner, dump=dump))
    return tuple(found)


_PLAIN = frozenset({ArtifactKind.UNKNOWN, ArtifactKind.DUMP_TEXT})


def _decoded(
    piece: Piece, decode: Callable[[bytes], bytes | None], layer: str
) -> tuple[Piece, ...]:
    """What a text decodes to, if that is something: any word of letters is base64 as well."""
    data = decode(piece.data) if kind_of(piece.data) is ArtifactKind.UNKNOWN else None
    if data is None:
        return ()
    found = _unwrap(piece.inside(data, layer))
    is_something = any(
        each.problem is not None or each.kind not in _NOT_PROMISING for each in found
    )
    return found if is_something else ()


def _hex_dump(piece: Piece) -> tuple[Piece, ...]:
    return _decoded(piece, from_hex_dump, "hex dump")


def _hex(piece: Piece) -> tuple[Piece, ...]:
    return _decoded(piece, from_hex, "hex")


def _base64(piece: Piece) -> tuple[Piece, ...]:
    found = _decoded(piece, from_base64, "base64")
    if found or kind_of(piece.data) is not ArtifactKind.UNKNOWN:
        return found
    if from_base64(piece.data) is not None or (broken := broken_base64(piece.data)) is None:
        return ()
    problem = ReadProblem(message=broken[0], where=f"offset {broken[1]}")
    # What stands before the break is worth a look, whatever is missing of it.
    inner = _unwrap(piece.inside(base64_before(piece.data, broken[1]), "base64"))
    return tuple(replace(each, problem=each.problem or problem) for each in inner)


_STEPS: tuple[Callable[[Piece], tuple[Piece, ...]], ...] = (
    _utf16,
    _bom,
    _http,
    _quoted,
    _documents,
    _entities,
    _pem,
    _asn_dump,
    _hex_dump,
    _hex,
    _base64,
)
