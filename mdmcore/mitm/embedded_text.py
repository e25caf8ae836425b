"""What is embedded in an XML message, laid out below it for the content views.

Tokens of SOAP messages, certificates and the AET of provisioning documents, and the payloads in
the Data of SyncML items: XML once more, base64 of anything, tokens. Nothing here raises; at most
``MAX_EMBEDDED`` objects and ``MAX_DEPTH`` levels are shown.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.base64_text import decode_base64
from mdmcore.csp.payload import is_double_escaped, payload_content
from mdmcore.errors import MdmError
from mdmcore.inspector.artifact.xml_documents import first_name
from mdmcore.mitm.certificate_text import describe_der
from mdmcore.mitm.payload_names import FRAGMENT_ROOTS, payload_name
from mdmcore.mitm.token_text import describe_jwt, is_jwt
from mdmcore.mitm.wbxml_text import comment_text
from mdmcore.xml import (
    Element,
    child,
    children,
    iter_elements,
    local_name,
    parse_lenient,
    pretty_print,
    text_of,
)

MAX_EMBEDDED = 32
MAX_DEPTH = 4
MAX_LAID_OUT = 256 * 1024
"""Bytes of one embedded object that are laid out."""
_LEAST_BASE64 = 16
_BLANKS = b"\xef\xbb\xbf \t\r\n"


def xml_text(data: bytes) -> tuple[str, Element | None]:
    """The document indented, its mistakes first; without a root when it is no XML at all."""
    try:
        parsed = parse_lenient(data)
    except MdmError as error:
        shown = data.decode("utf-8", "replace")
        return f"<!-- not XML: {comment_text(str(error))} -->\n{shown}", None
    notes = [
        f"<!-- line {problem.line}, column {problem.column}: {comment_text(problem.message)} -->"
        for problem in parsed.problems
    ]
    return "\n".join([*notes, pretty_print(parsed.root).rstrip()]), parsed.root


def token_texts(root: Element) -> list[str]:
    """What the BinarySecurityTokens of a SOAP message hold."""
    return _texts(_tokens(root), 0)


def document_texts(root: Element) -> list[str]:
    """The certificates of a provisioning document, its enrolment token and its AET's signers."""
    return _texts(_stored(root), 0)


def payload_texts(root: Element) -> list[str]:
    """What the Data of a SyncML message's items hold beyond plain text."""
    return _texts(_payloads(root), 0)


type Found = tuple[str, str]
"""Where it stands, and its text."""


def _tokens(root: Element) -> Iterator[Found]:
    for element in iter_elements(root):
        if local_name(element) == "BinarySecurityToken":
            yield "BinarySecurityToken", element.text or ""


def _stored(root: Element) -> Iterator[Found]:
    for element in iter_elements(root):
        name = (element.get("name") or "").lower()
        if name == "encodedcertificate":
            yield "EncodedCertificate", element.get("value") or ""
        elif name == "enrollmenttoken":
            yield "EnrollmentToken", element.get("value") or ""
        elif local_name(element) == "X509Certificate":
            yield "X509Certificate", element.text or ""


def _payloads(root: Element) -> Iterator[Found]:
    for element in iter_elements(root):
        if local_name(element) != "Item":
            continue
        data = child(element, "Data")
        if data is None or next(children(data), None) is not None:
            continue
        locations = (text_of(child(element, name, "LocURI")) for name in ("Target", "Source"))
        uri = next((text for text in locations if text), "an item without LocURI")
        yield f"Data of {uri[:200]}", data.text or ""


def _texts(found: Iterator[Found], depth: int) -> list[str]:
    texts: list[str] = []
    for where, text in found:
        if len(texts) >= MAX_EMBEDDED:
            texts.append(f"\n<!-- only the first {MAX_EMBEDDED} embedded objects are shown -->")
            break
        shown = _embedded(where, text, depth)
        if shown is not None:
            texts.append(shown)
    return texts


def _embedded(where: str, text: str, depth: int) -> str | None:
    """The object in that text, laid out; ``None`` when it is text and no more."""
    stripped = text.strip("\ufeff \t\r\n")
    if not stripped:
        return None
    if stripped.startswith("<"):
        return _xml(where, stripped.encode("utf-8", "replace"), depth, packed="escaped")
    if is_double_escaped(stripped[:MAX_LAID_OUT]):
        outer = payload_content(stripped)
        inner = text_of(outer) if outer is not None else ""
        below = _embedded(where, inner, depth + 1) if depth < MAX_DEPTH else None
        note = f"\n<!-- {comment_text(where)} is escaped twice, a device reads text in it -->"
        return f"{note}{below or ''}"
    packed = stripped.encode("utf-8", "replace")
    if is_jwt(packed):
        return _comment(where, len(packed), describe_jwt(packed))
    content = decode_base64(stripped) if len(stripped) >= _LEAST_BASE64 else None
    return None if content is None else _binary(where, content, depth)


def _binary(where: str, content: bytes, depth: int) -> str | None:
    if content.lstrip(_BLANKS).startswith(b"<"):
        return _xml(where, content, depth, packed="base64")
    if is_jwt(content):
        return _comment(where, len(content), describe_jwt(content))
    if content.startswith(b"\x30"):
        return _comment(where, len(content), describe_der(content))
    # A renewal's token comes in base64 twice from some devices (enrollment.md 10).
    inner = decode_base64(content.decode("ascii", "replace")) if content[:2] == b"MI" else None
    return _binary(f"{where}, base64 twice", inner, depth + 1) if inner else None


def _xml(where: str, data: bytes, depth: int, *, packed: str) -> str:
    laid_out, root = _laid_out(_without_declaration(data[:MAX_LAID_OUT]))
    name = payload_name(root)
    named = f"{name}, " if name else ""
    hidden = len(data) - MAX_LAID_OUT
    more = [f"... {hidden} bytes not shown"] if hidden > 0 else []
    head = f"\n<!-- in {comment_text(where)}, {named}{len(data)} bytes, {packed}: -->"
    below = [] if root is None or depth >= MAX_DEPTH else _texts(_inside(root), depth + 1)
    return "\n".join([head, laid_out, *more, *below])


def _laid_out(data: bytes) -> tuple[str, Element | None]:
    """The text of a document, or of the elements that an ADMX policy's value has side by side."""
    if first_name(data[:1024]) in FRAGMENT_ROOTS:
        content = payload_content(data.decode("utf-8", "replace"))
        parts = [] if content is None else list(children(content))
        if parts:
            return "\n".join(pretty_print(part).rstrip() for part in parts), parts[0]
    return xml_text(data)


def _inside(root: Element) -> Iterator[Found]:
    yield from _stored(root)
    yield from _payloads(root)


def _without_declaration(data: bytes) -> bytes:
    """The declared encoding was that of a file; here the text is decoded already."""
    text = data.lstrip(_BLANKS)
    if text.startswith(b"<?xml") and (end := text.find(b"?>", 0, 200)) > 0:
        return text[end + 2 :].lstrip(_BLANKS)
    return text


def _comment(where: str, size: int, text: str) -> str:
    return f"\n<!-- in {comment_text(where)}, {size} bytes:\n{comment_text(text)}\n-->"
