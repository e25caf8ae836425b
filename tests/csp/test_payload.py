"""Opening the XML inside Data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.csp.payload import is_double_escaped, payload_content, payload_root
from mdmcore.xml import children, escape_text, local_name

XML = '<MsiInstallJob id="{a}"><Product Version="1"/></MsiInstallJob>'


@pytest.mark.parametrize("times", [1, 2, 3])
def test_escaped_once_more(times: int) -> None:
    text = XML
    for _ in range(times):
        text = escape_text(text)
    assert is_double_escaped(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "&lt;",
        "a &lt; b",
        "&lt;not closed",
        XML,
        '<data id="x" value="&lt;a/&gt;"/>',
        "&lt;a/&gt;<b/>",
        "plain",
    ],
)
def test_not_escaped_twice(text: str) -> None:
    assert not is_double_escaped(text)


@pytest.mark.parametrize("start", ["", "\ufeff", ' <?xml version="1.0" encoding="utf-16"?>\r\n'])
def test_a_declared_encoding_does_not_count(start: str) -> None:
    root = payload_root(start + XML)
    assert root is not None
    assert local_name(root) == "MsiInstallJob"


@pytest.mark.parametrize("text", [None, "", "text", "<a>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"])
def test_what_is_no_document(text: str | None) -> None:
    assert payload_root(text) is None


def test_several_elements() -> None:
    content = payload_content('<enabled/><data id="a" value="1"/>')
    assert content is not None
    assert [local_name(element) for element in children(content)] == ["enabled", "data"]


@given(st.text(alphabet="<>&lt;#amp60 a/\x00\ud800'\"", max_size=60))
def test_any_text_is_taken(text: str) -> None:
    payload_root(text)
    payload_content(text)
    is_double_escaped(text)
