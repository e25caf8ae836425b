"""What a command brings for a node, judged as the device judges it (session.md 2.4, 7, 8.5).

Wrong Format or Type is 415; a value that does not fit format, range or list is a failure of the
configuration, 500; a value that is missing 412.
"""

from __future__ import annotations

from dataclasses import replace

from mdmcore.base64_text import decode_base64
from mdmcore.csp import Access, CspNode, value_problem
from mdmcore.phone.tree.behaviour import DEFAULT_FORMAT, DEFAULT_TYPE, Content, Value
from mdmcore.phone.tree.store import NODE

INCOMPLETE, WRONG_FORMAT, FAILED = 412, 415, 500

_BINARY = frozenset({"b64", "bin"})
_ZERO = {"int": "0", "float": "0", "bool": "false"}
_TEXT_TYPES = ("text/", "application/")
_ANY_TYPE = ("text/", "application/", "image/", "audio/", "video/")
_TYPES = {"chr": _TEXT_TYPES, "xml": _TEXT_TYPES, "b64": _ANY_TYPE, "bin": _ANY_TYPE}
"""How the Type of a value may begin, by Format; of others it is ``text/plain``."""


def first_value(node: CspNode, content: Content | None = None) -> Value:
    """The value of a leaf that nobody has written; without content its default, or none.

    Content that is no number has the second Format of a node that holds numbers or texts.
    """
    format = node.formats[0]
    if content is None:
        content = node.default if node.default is not None else _ZERO.get(format, "")
    if format == "int" and len(node.formats) > 1 and not _is_number(content):
        format = node.formats[1]
    if format in _BINARY and isinstance(content, str):
        content = decode_base64(content) or b""
    return Value(content=content, format=format)


def _is_number(content: Content) -> bool:
    return isinstance(content, str) and content.removeprefix("-").isdecimal()


def judge(
    node: CspNode,
    text: str | None,
    format: str | None,
    type: str | None,
    *,
    is_binary: bool = False,
) -> Value | int:
    """The value to keep, or the status. ``text`` is Data, base64 for binary values."""
    given = format or DEFAULT_FORMAT
    if node.is_interior:
        if given != "node":
            return WRONG_FORMAT
        return NODE if not (text or "").strip() else FAILED
    if not _allows(node, given) or not _fits(given, type):
        return WRONG_FORMAT
    kept = Value(format=given, type=type or DEFAULT_TYPE)
    if text is None:
        # A node to be executed is made without a value (EnterpriseDesktopAppManagement CSP).
        return kept if Access.EXEC in node.access else INCOMPLETE
    content: Content | None = text
    if given in _BINARY or is_binary:
        content = decode_base64(text)
        if given not in _BINARY and content is not None:
            try:
                content = text = content.decode()
            except UnicodeDecodeError:
                return WRONG_FORMAT
    if content is None or value_problem(replace(node, formats=(given,)), text) is not None:
        return FAILED
    return replace(kept, content=content)


def may_execute(node: CspNode, format: str | None) -> bool:
    """Whether an Exec may carry that Format; text and nothing may go with any (CSP samples)."""
    return format in {None, "", "chr", "null"} or format in node.formats


def _allows(node: CspNode, format: str) -> bool:
    return format in node.formats or (format in _BINARY and not _BINARY.isdisjoint(node.formats))


def _fits(format: str, type: str | None) -> bool:
    return type in {None, "", DEFAULT_TYPE} or (type or "").startswith(_TYPES.get(format, ()))
