"""Parsing untrusted XML: strict first, lenient only to explain what strict refused.

No DTD is ever loaded, no entity expanded, no network touched. A bare DOCTYPE passes (libwbxml
writes one); entity declarations are refused. Depth is bounded by libxml2 (256), size here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from mdmcore.errors import XmlError

type Element = etree._Element

_DECLARED_ENCODING = re.compile(rb"""^\s*<\?xml[^>]{0,200}\bencoding\s*=\s*["']([^"']{1,40})["']""")

MAX_XML_BYTES = 16 * 1024 * 1024
"""Larger than any message of the protocol family: a provisioning document with a dozen
certificates has 30 kB; the widest SyncML message seen is below 1 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class XmlProblem:
    """One thing the strict parser objected to; line and column count from 1."""

    message: str
    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedXml:
    """A document and what was wrong with it (nothing after a strict parse)."""

    root: Element
    problems: tuple[XmlProblem, ...] = ()


def parse_strict(data: bytes) -> Element:
    """The root element of a well-formed document.

    Raises XmlError with line and column; also for entity declarations, references to entities
    that XML does not predefine, and oversized input.
    """
    _check_size(data)
    parser = _parser(recover=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise XmlError(_clean(error.msg), line=max(line, 1), column=max(column, 1)) from None
    except ValueError as error:  # e.g. a NUL byte, reported outside the parser's own log
        raise XmlError(_clean(str(error)), line=1) from None
    _refuse_entities(root)
    _refuse_undeclared(parser)
    return root


def parse_lenient(data: bytes) -> ParsedXml:
    """The document as far as it can be recovered, with every problem found.

    Raises XmlError when not even a root element can be recovered, for entity declarations and for
    oversized input. A namespace that is no URI (a stray blank) is kept as written.
    """
    _check_size(data)
    try:
        root = parse_strict(data)
    except XmlError as error:
        strict_error = error
    else:
        return ParsedXml(root=root)
    parser = _parser(recover=True)
    try:
        recovered = etree.fromstring(data.lstrip(b"\xef\xbb\xbf \t\r\n\x00"), parser)
    except (etree.XMLSyntaxError, ValueError):
        raise strict_error from None
    if recovered is None:
        raise strict_error
    _refuse_entities(recovered)
    problems = _problems(parser, strict_error)
    return ParsedXml(root=recovered, problems=problems)


def declared_encoding(data: bytes) -> str | None:
    """The encoding that the XML declaration names, in lower case."""
    found = _DECLARED_ENCODING.match(data)
    return None if found is None else found.group(1).decode("ascii", "replace").lower()


def _parser(*, recover: bool) -> etree.XMLParser:
    # A parser keeps its error log and is not safe to share between threads: one for each document.
    return etree.XMLParser(
        recover=recover,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        strip_cdata=False,
        remove_comments=True,
        remove_pis=True,
    )


def _check_size(data: bytes) -> None:
    if len(data) > MAX_XML_BYTES:
        raise XmlError(f"document of {len(data)} bytes, more than {MAX_XML_BYTES} are not read")
    if not data.strip():
        raise XmlError("empty document", line=1, column=1)


def _refuse_entities(root: Element) -> None:
    dtd = root.getroottree().docinfo.internalDTD
    if dtd is not None and any(True for _ in dtd.iterentities()):
        raise XmlError("entity declarations are refused", line=1)


def _refuse_undeclared(parser: etree.XMLParser) -> None:
    # Behind a DOCTYPE with an external part, libxml2 only warns: the entity may be declared there.
    for entry in parser.error_log:
        if entry.type_name == "WAR_UNDECLARED_ENTITY":
            raise XmlError(_clean(entry.message), line=entry.line, column=max(entry.column, 1))


def _problems(parser: etree.XMLParser, first: XmlError) -> tuple[XmlProblem, ...]:
    """The strict error first (its place is that of the bytes as sent), then further ones."""
    found = [XmlProblem(message=first.message, line=first.line or 1, column=first.column or 1)]
    seen = {first.message}
    for entry in parser.error_log:
        message = _clean(entry.message)
        if message not in seen:
            seen.add(message)
            found.append(XmlProblem(message=message, line=entry.line, column=entry.column))
    return tuple(found[:20])


def _clean(message: str | None) -> str:
    text = " ".join((message or "not well-formed").split())
    return text.split(", line ", 1)[0].rstrip()
