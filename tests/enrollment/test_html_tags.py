"""Tags as a browser sees them, against the standard library's parser where that one agrees."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.enrollment.html_tags import Tag, iter_tags

NAMES = st.sampled_from(["form", "INPUT", "p", "a-b", "x1"])
VALUES = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\u2028\u2029")
)


def first(text: str) -> dict[str, str]:
    return next(iter_tags(text)).attributes


class _Standard(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, bool, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, False, {name: value or "" for name, value in reversed(attrs)}))

    def handle_endtag(self, tag: str) -> None:
        self.tags.append((tag, True, {}))


@given(
    st.lists(
        st.tuples(NAMES, st.booleans(), st.dictionaries(NAMES.map(str.lower), VALUES, max_size=3)),
        max_size=5,
    ),
    st.sampled_from(["", "text & more", "<!-- <form> -->", "<!DOCTYPE html>", "<?xml?>", "1 < 2"]),
)
def test_well_written_pages(tags: list[tuple[str, bool, dict[str, str]]], between: str) -> None:
    text = between
    for name, is_end, attributes in tags:
        given = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
        text += (f"</{name}>" if is_end else f"<{name}{given}>") + between
    standard = _Standard()
    standard.feed(text)
    standard.close()
    found = [(tag.name, tag.is_end, tag.attributes) for tag in iter_tags(text)]
    assert found == standard.tags


@pytest.mark.parametrize(
    ("text", "attributes"),
    [
        ("<a b=c d='e' f=\"g\">", {"b": "c", "d": "e", "f": "g"}),
        ("<a B = c\n/>", {"b": "c"}),
        ("<a b>", {"b": ""}),
        ('<a b="1" B="2">', {"b": "1"}),
        ('<a b="x"y">', {"b": "x", 'y"': ""}),
        ("<a b=c/d>", {"b": "c/d"}),
        ("<a =b>", {"=b": ""}),
        ("<a b=>", {"b": ""}),
        ("<a b='&lt;&#60;&#x3c;&amp;&quot;&nbsp;'>", {"b": '<<<&"\xa0'}),
        ("<a b='?a=1&copy=2&copy;&copy&ampx&amp'>", {"b": "?a=1&copy=2©©&ampx&"}),
        ("<a b='&unknown;&#xD800;&'>", {"b": "&unknown;\ufffd&"}),
    ],
)
def test_attributes(text: str, attributes: dict[str, str]) -> None:
    assert first(text) == attributes


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("<!-- <a> --><b>", ["b"]),
        ("<!--><b>", ["b"]),
        ("<!-- <a>", []),
        ("<!x <a><b>", ["b"]),
        ("<script>if (a<b) '<form>'</script><b>", ["script", "script", "b"]),
        ("<SCRIPT>x</scripts></Script ><b>", ["script", "script", "b"]),
        ("<noscript><form></noscript>", ["noscript", "noscript"]),
        ("<textarea><form></textarea>", ["textarea", "textarea"]),
        ("<script><form>", ["script"]),
        ("< a></ b><3><b>", ["b"]),
        ('<a b="c', []),
        ("<a", []),
        ("<a b=c", []),
        ("", []),
    ],
)
def test_what_is_a_tag(text: str, names: list[str]) -> None:
    assert [tag.name for tag in iter_tags(text)] == names


@given(st.text("<>!-/='\"& \nabform&;#x", max_size=80))
def test_any_text_has_an_end(text: str) -> None:
    for tag in iter_tags(text):
        assert isinstance(tag, Tag)
        assert tag.name == tag.name.lower() != ""


@pytest.mark.parametrize(
    "part",
    ["<", "<!", "<!--", "<form>", "<a ", "<a b='", "&", "&#", "</", "<?", "<script>", "<a b=&lt"],
)
def test_hostile_pages_take_no_longer_than_others(part: str) -> None:
    """What takes quadratic time would take minutes."""
    for _tag in iter_tags(part * (128 * 1024 // len(part))):
        pass
