"""What is not changed keeps its bytes, however it was escaped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.capture.redact.edits import (
    JSON_TEXT,
    PERCENT,
    XML_TEXT,
    Edit,
    EscapedText,
    Escaping,
    Gathered,
    apply_edits,
)
from mdmcore.capture.redact.kinds import ValueKind

KIND = ValueKind.USER


def edit(text: str, old: str, new: str) -> Edit:
    start = text.index(old)
    return Edit(start=start, end=start + len(old), new=new, kind=KIND)


@pytest.mark.parametrize(
    ("escaping", "raw", "old", "new", "wanted"),
    [
        (XML_TEXT, "a&#38;b &amp; anna&#x41;", "anna", "otto", "a&#38;b &amp; otto&#x41;"),
        (XML_TEXT, "p&amp;w", "p&w", "x&y", "x&amp;y"),
        (XML_TEXT, "anna", "anna", "<b>", "&lt;b&gt;"),
        (PERCENT, "CN%3danna%2Cx", "CN=anna", "CN=otto", "CN%3dotto%2Cx"),
        (PERCENT, "%61nna", "anna", "otto", "otto"),
        (JSON_TEXT, r"say \"anna\" \u00e9", "anna", "otto", r"say \"otto\" \u00e9"),
    ],
)
def test_escapes_stay_as_they_were_written(
    escaping: Escaping, raw: str, old: str, new: str, wanted: str
) -> None:
    text = EscapedText(raw, escaping)
    assert text.with_edits([edit(text.plain, old, new)]) == wanted


@pytest.mark.parametrize("escaping", [XML_TEXT, PERCENT, JSON_TEXT], ids=["xml", "percent", "json"])
@given(st.text('ab&;#x3e%20\\u"nlt', max_size=40))
def test_without_changes_a_text_is_itself(escaping: Escaping, raw: str) -> None:
    assert EscapedText(raw, escaping).with_edits([]) == raw


def test_the_earlier_of_two_changes_wins() -> None:
    found = Gathered()
    found.add(0, 4, "otto", KIND)
    found.add(2, 6, "xxxx", KIND)
    found.hold(8, 9)
    found.add(8, 10, "yy", KIND)
    assert apply_edits("annaabcdef", found.edits) == "ottoabcdef"
