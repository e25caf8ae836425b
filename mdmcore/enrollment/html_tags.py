"""The tags of an HTML page as a browser sees them, in one pass over any text.

As much of the HTML standard's tokenizer (section 13.2.5) as forms need: comments and the content
of scripts hold no tags, a value ends at its quote, of a doubled attribute the first counts. Time
grows with the length of the text only, whatever stands in it. What forms mean is known to ``wab``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from html.entities import html5

_BLANK = r"\t\n\f\r "
_NAME = re.compile(rf"[A-Za-z][^{_BLANK}/>]*")
_BETWEEN = re.compile(rf"[{_BLANK}/]*")
_ATTRIBUTE = re.compile(rf"=?[^{_BLANK}/>=]*")
_EQUALS = re.compile(rf"[{_BLANK}]*=[{_BLANK}]*")
_ENDS_VALUE = "\t\n\f\r />"
_UNQUOTED = re.compile(rf"[^{_BLANK}>]*")
_REFERENCE = re.compile(r"&(#[0-9]+|#[xX][0-9A-Fa-f]+|[A-Za-z][A-Za-z0-9]*)(;?)(=?)")
_WITHOUT_TAGS = ("script", "style", "textarea", "title", "noscript", "iframe", "xmp", "noembed")
"""Scripts run in the browsers of a sign-in, so ``noscript`` is text there."""
_ENDS = {name: re.compile(rf"</{name}(?=[{_BLANK}/>])", re.IGNORECASE) for name in _WITHOUT_TAGS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A tag: its name in lower case; attributes by lower-case name, an empty text without value.

    ``written`` has the values as they stand in the page, ``torn`` the names of those behind whose
    closing quote more of them stands, as where a quote inside was not escaped.
    """

    name: str
    is_end: bool = False
    attributes: dict[str, str] = field(default_factory=dict, repr=False)
    written: dict[str, str] = field(default_factory=dict, repr=False)
    torn: frozenset[str] = frozenset()


def iter_tags(text: str) -> Iterator[Tag]:
    """The start and end tags in order; one that the text cuts off is none."""
    at = text.find("<")
    while at >= 0:
        if text.startswith("<!--", at):
            at = _behind(text, "-->", at + 2)
        elif text.startswith(("<!", "<?"), at):
            at = _behind(text, ">", at)
        else:
            is_end = text.startswith("</", at)
            name = _NAME.match(text, at + 1 + is_end)
            if name is None:
                at += 1
            else:
                written, torn, at = _attributes(text, name.end())
                if at < 0:
                    return
                tag = Tag(
                    name=name[0].lower(),
                    is_end=is_end,
                    attributes={key: _decoded(value) for key, value in written.items()},
                    written=written,
                    torn=frozenset(torn),
                )
                yield tag
                if not is_end and tag.name in _ENDS:
                    end = _ENDS[tag.name].search(text, at)
                    at = -1 if end is None else end.start()
        at = text.find("<", at) if at >= 0 else at


def _behind(text: str, end: str, start: int) -> int:
    found = text.find(end, start)
    return -1 if found < 0 else found + len(end)


def _attributes(text: str, at: int) -> tuple[dict[str, str], set[str], int]:
    """The attributes from ``at`` on as written, the torn ones, and where the tag is over; -1 where
    the text ends before."""
    found: dict[str, str] = {}
    torn: set[str] = set()
    while True:
        at = _matched(_BETWEEN, text, at)
        if at >= len(text):
            return found, torn, -1
        if text[at] == ">":
            return found, torn, at + 1
        end = _matched(_ATTRIBUTE, text, at)
        name = text[at:end].lower()
        value, is_torn, at = "", False, end
        equals = _EQUALS.match(text, end)
        if equals is not None:
            value, is_torn, at = _value(text, equals.end())
            if at < 0:
                return found, torn, -1
        if is_torn and name not in found:
            torn.add(name)
        found.setdefault(name, value)


def _value(text: str, at: int) -> tuple[str, bool, int]:
    quote = text[at : at + 1]
    if quote in {'"', "'"}:
        end = text.find(quote, at + 1)
        if end < 0:
            return "", False, -1
        behind = text[end + 1 : end + 2]
        return text[at + 1 : end], bool(behind) and behind not in _ENDS_VALUE, end + 1
    end = _matched(_UNQUOTED, text, at)
    return text[at:end], False, end


def _matched(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return at if match is None else match.end()


def _decoded(value: str) -> str:
    return _REFERENCE.sub(_reference, value)


def _reference(match: re.Match[str]) -> str:
    """A character reference in an attribute: without its semicolon it is one only where neither
    a letter, a digit nor an equals sign follows."""
    name, semicolon, equals = match.groups()
    if name.startswith("#"):
        return unescape(f"&{name};") + equals
    known = html5.get(f"{name};") if semicolon else html5.get(name)
    if known is None or (equals and not semicolon):
        return match[0]
    return known + equals
