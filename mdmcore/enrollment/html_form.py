"""The forms of an HTML page, read as a browser's tokenizer does (HTML Living Standard 13.2.5).

Time grows with the page's size only, whatever stands in it; that of the standard library's reader
does not. No tree is built, no script is run. What the fields mean does not belong here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape

MAX_PAGE_BYTES = 256 * 1024
"""A sign-in page has some kB; what stands behind this is not read."""

MAX_FORMS = 16
MAX_FIELDS = 256
"""Forms of a page, and fields of a form, that are read."""

_TAG_NAME = re.compile(rb"[A-Za-z][^\s/>]*")
_BETWEEN = re.compile(rb"[\s/]*")
_ATTRIBUTE_NAME = re.compile(rb"=?[^\s/>=]*")
_EQUALS = re.compile(rb"\s*=\s*")
_UNQUOTED = re.compile(rb"[^\s>]*")
_ENDS_ATTRIBUTE = b" \t\r\n\f/>"
# Elements whose content is text up to their end tag.
_RAW_TEXT = frozenset(
    {b"script", b"style", b"textarea", b"title", b"xmp", b"iframe", b"noembed", b"noframes"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """An input. ``written`` is the value as it stands in the page, ``value`` what it means.

    ``is_torn``: behind the value's closing quote stands more of it, as where a quote inside the
    value was not escaped.
    """

    name: str
    value: str = field(repr=False)
    written: str = field(repr=False)
    is_torn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HtmlForm:
    """A form: where it goes, how (in lower case), and its inputs in order."""

    action: str
    method: str
    inputs: tuple[FormField, ...]

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """Name and value of each input."""
        return tuple((each.name, each.value) for each in self.inputs)

    def field(self, name: str) -> FormField | None:
        """The first input of that name."""
        return next((each for each in self.inputs if each.name == name), None)

    def value(self, name: str) -> str | None:
        """The value of the first input of that name."""
        found = self.field(name)
        return None if found is None else found.value


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attribute:
    written: bytes = b""
    is_torn: bool = False

    @property
    def text(self) -> str:
        return unescape(self.written.decode("utf-8", "replace"))


type _Attributes = Mapping[bytes, _Attribute]


def is_html(body: bytes) -> bool:
    """Whether a body begins as an HTML page does, a byte order mark or XML declaration aside."""
    start = body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"<?xml"):
        start = start.partition(b"?>")[2].lstrip()
    return re.match(rb"<!doctype\s+html|<html[\s>]", start) is not None


def html_forms(page: bytes) -> tuple[HtmlForm, ...]:
    """The forms of a page in order, of UTF-8. Whatever is broken, the rest is read."""
    page = page[:MAX_PAGE_BYTES]
    lowered = page.lower()
    forms: list[HtmlForm] = []
    position = 0
    current: tuple[_Attributes, list[FormField]] | None = None
    while len(forms) < MAX_FORMS and (position := page.find(b"<", position)) >= 0:
        is_end = page.startswith(b"</", position)
        name = _TAG_NAME.match(lowered, position + 1 + is_end)
        if name is None:
            position = _behind_markup(page, position)
            continue
        attributes, position = _attributes(page, name.end())
        if attributes is None:
            break
        if name[0] == b"form":
            if is_end and current is not None:
                forms.append(_form(*current))
                current = None
            elif not is_end and current is None:
                current = (attributes, [])
        elif name[0] == b"input" and current is not None and len(current[1]) < MAX_FIELDS:
            current[1].append(_field(attributes))
        elif name[0] in _RAW_TEXT and not is_end:
            found = lowered.find(b"</" + name[0], position)
            position = found if found >= 0 else len(page)
    if current is not None:
        forms.append(_form(*current))
    return tuple(forms)


def _behind_markup(page: bytes, position: int) -> int:
    """The place behind a comment, a declaration or a bare ``<``."""
    if page.startswith(b"<!--", position):
        found = page.find(b"-->", position + 2)
        return found + 3 if found >= 0 else len(page)
    if page.startswith((b"<!", b"<?", b"</"), position):
        found = page.find(b">", position)
        return found + 1 if found >= 0 else len(page)
    return position + 1


def _attributes(page: bytes, position: int) -> tuple[_Attributes | None, int]:
    """The attributes of a tag and the place behind it; ``None`` when the tag does not end."""
    found: dict[bytes, _Attribute] = {}
    while True:
        between = _BETWEEN.match(page, position)
        position = between.end() if between is not None else position
        if position >= len(page):
            return None, position
        if page.startswith(b">", position):
            return found, position + 1
        name = _ATTRIBUTE_NAME.match(page, position)
        assert name is not None
        attribute, end = _attribute_value(page, name.end())
        if attribute is None:
            return None, end
        position = end
        found.setdefault(name[0].lower(), attribute)  # the first of a name counts


def _attribute_value(page: bytes, position: int) -> tuple[_Attribute | None, int]:
    equals = _EQUALS.match(page, position)
    if equals is None:
        return _Attribute(), position
    start = equals.end()
    quote = page[start : start + 1]
    if quote not in (b'"', b"'"):
        bare = _UNQUOTED.match(page, start)
        assert bare is not None
        return _Attribute(written=bare[0]), bare.end()
    end = page.find(quote, start + 1)
    if end < 0:
        return None, len(page)
    behind = page[end + 1 : end + 2]
    is_torn = bool(behind) and behind not in _ENDS_ATTRIBUTE
    return _Attribute(written=page[start + 1 : end], is_torn=is_torn), end + 1


def _form(attributes: _Attributes, fields: list[FormField]) -> HtmlForm:
    nothing = _Attribute()
    return HtmlForm(
        action=attributes.get(b"action", nothing).text.strip(),
        method=attributes.get(b"method", nothing).text.strip().lower() or "get",
        inputs=tuple(fields),
    )


def _field(attributes: _Attributes) -> FormField:
    value = attributes.get(b"value", _Attribute())
    return FormField(
        name=attributes.get(b"name", _Attribute()).text,
        value=value.text,
        written=value.written.decode("utf-8", "replace"),
        is_torn=value.is_torn,
    )
