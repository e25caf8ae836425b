"""The forms of an HTML page, as a browser reads them. What the fields mean does not belong here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mdmcore.enrollment.html_tags import Tag, iter_tags

MAX_PAGE_BYTES = 256 * 1024
"""A sign-in page has some kB; what stands behind this is not read."""

MAX_FORMS = 32
MAX_FIELDS = 256
"""Forms of a page, and fields of a form, that are read."""

# An ampersand that begins no character reference.
_BARE_AMPERSAND = re.compile(r"&(?!#[0-9]+;|#[xX][0-9A-Fa-f]+;|[A-Za-z][A-Za-z0-9]*;)")


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """An input, or a button with a name. ``written`` is the value as it stands in the page,
    ``value`` what it means.

    ``type`` is in lower case, ``text`` where none stands, ``submit`` for a button; ``is_checked``
    is for boxes. ``is_torn``: behind the value's closing quote stands more of it, as where a quote
    inside the value was not escaped.
    """

    name: str
    value: str = field(repr=False)
    written: str = field(repr=False)
    type: str = "text"
    is_checked: bool = False
    is_torn: bool = False

    @property
    def unescaped(self) -> tuple[str, ...]:
        """What stands in the value and should be escaped: it arrives cut, or changed."""
        found = (
            ("a quote", self.is_torn),
            ("a <", "<" in self.written),
            ("a bare &", _BARE_AMPERSAND.search(self.written) is not None),
        )
        return tuple(what for what, is_there in found if is_there)


@dataclass(frozen=True, slots=True, kw_only=True)
class HtmlForm:
    """A form: where it goes (blanks included), how (in lower case), and its inputs in order."""

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


def is_html(body: bytes) -> bool:
    """Whether a body begins as an HTML page does, a byte order mark or XML declaration aside."""
    start = body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"<?xml"):
        start = start.partition(b"?>")[2].lstrip()
    return re.match(rb"<!doctype\s+html|<html[\s>]", start) is not None


def html_forms(page: bytes | str) -> tuple[HtmlForm, ...]:
    """The forms of a page in order; bytes are UTF-8. Whatever is broken, the rest is read."""
    text = page if isinstance(page, str) else page[:MAX_PAGE_BYTES].decode("utf-8", "replace")
    forms: list[HtmlForm] = []
    inputs: list[FormField] = []
    opened: Tag | None = None
    for tag in iter_tags(text[:MAX_PAGE_BYTES]):
        if tag.name == "form" and tag.is_end == (opened is not None):
            if opened is not None:
                forms.append(_form(opened, inputs))
            opened, inputs = (None if tag.is_end else tag), []
        elif opened is not None and not tag.is_end and len(inputs) < MAX_FIELDS:
            inputs += _inputs(tag)
        if len(forms) == MAX_FORMS:
            return tuple(forms)
    if opened is not None:
        forms.append(_form(opened, inputs))
    return tuple(forms)


def _form(tag: Tag, inputs: list[FormField]) -> HtmlForm:
    return HtmlForm(
        action=tag.attributes.get("action", ""),
        method=tag.attributes.get("method", "").strip().lower() or "get",
        inputs=tuple(inputs),
    )


def _inputs(tag: Tag) -> tuple[FormField, ...]:
    """The field that a tag makes; a button is one when it has a name."""
    given = tag.attributes
    if tag.name != "input" and not (tag.name == "button" and given.get("name")):
        return ()
    usual = "text" if tag.name == "input" else "submit"
    return (
        FormField(
            name=given.get("name", ""),
            value=given.get("value", ""),
            written=tag.written.get("value", ""),
            type=(given.get("type") or usual).strip().lower(),
            is_checked="checked" in given,
            is_torn="value" in tag.torn,
        ),
    )
