"""XML and HTML as it is written: texts and attribute values are changed where they stand.

Nothing is parsed and written anew, so a mistake stays the same mistake: what is no tag is text.
"""

from __future__ import annotations

import re

from mdmcore.capture.redact.edits import XML_TEXT, EscapedText, apply_edits
from mdmcore.capture.redact.place import Place
from mdmcore.capture.redact.run import Run

_TOKEN = re.compile(
    r"<!--(?P<comment>(?:(?!<!--).)*?)-->"
    r"|<!\[CDATA\[(?P<cdata>(?:(?!<!\[CDATA\[).)*?)\]\]>"
    r"|<[?!][^<>]*>"
    r"|</(?P<end>[^<>\s]+)\s*>"
    r"|<(?P<start>[A-Za-z_][^\s<>/\"']*)(?P<attributes>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"""([^\s=<>"'/]+)(\s*=\s*)(?:"([^"]*)"|'([^']*)')""")
_NAMES = ("name", "id", "key", "field")
_VALUES = frozenset({"value", "content"})
_FORM_TAGS = frozenset({"input", "textarea", "select", "option", "meta", "button", "form"})


def local(name: str) -> str:
    """The local part of a qualified name, in lower case."""
    return name.rpartition(":")[2].lower()


def rewritten(run: Run, text: str) -> str:
    """The text with other values."""
    place = Place()
    parts: list[str] = []
    at = 0
    for token in _TOKEN.finditer(text):
        parts.append(_text(run, place, text[at : token.start()]))
        parts.append(_markup(run, place, token))
        at = token.end()
    parts.append(_text(run, place, text[at:]))
    return "".join(parts)


def _text(run: Run, place: Place, raw: str) -> str:
    if not raw or raw.isspace():
        return raw
    escaped = EscapedText(raw, XML_TEXT)
    edits = run.leaf(place.leaf(), escaped.plain)
    place.saw_text(escaped.plain)
    return escaped.with_edits(edits)


def _markup(run: Run, place: Place, token: re.Match[str]) -> str:
    if token["comment"] is not None:
        return f"<!--{apply_edits(token['comment'], run.free(token['comment']))}-->"
    if token["cdata"] is not None:
        edits = run.leaf(place.leaf(), token["cdata"])
        place.saw_text(token["cdata"])
        return f"<![CDATA[{apply_edits(token['cdata'], edits)}]]>"
    if token["end"] is not None:
        place.leave(local(token["end"]))
        return token[0]
    if token["start"] is None:
        return token[0]
    name, attributes = local(token["start"]), token["attributes"]
    label = _label(attributes)
    place.enter(name, label)
    result = token[0]
    if attributes and "=" in attributes:
        new = _ATTRIBUTE.sub(lambda one: _attribute(run, place, one, label), attributes)
        if new != attributes:
            result = f"<{token['start']}{new}>"
    if attributes.rstrip().endswith("/"):
        place.leave(name)
    return result


def _label(attributes: str) -> str:
    """What names the element's value: its attribute ``name`` or the like."""
    found = {local(one[1]): one[3] or one[4] or "" for one in _ATTRIBUTE.finditer(attributes)}
    return next((found[name] for name in _NAMES if name in found), "")


def _attribute(run: Run, place: Place, found: re.Match[str], label: str) -> str:
    name = found[1]
    if name == "xmlns" or name.startswith("xmlns:"):
        return found[0]
    raw = found[3] if found[3] is not None else found[4]
    escaped = EscapedText(raw, XML_TEXT)
    known_as = label if local(name) in _VALUES and label else local(name)
    leaf = place.leaf(name=known_as, is_form=place.element in _FORM_TAGS)
    edits = run.leaf(leaf, escaped.plain)
    if not edits:
        return found[0]
    quote = '"' if found[3] is not None else "'"
    new = escaped.with_edits(edits)
    if quote == "'":
        new = new.replace("'", "&apos;")
    return f"{name}{found[2]}{quote}{new}{quote}"
