"""What cannot be seen is shown."""

import pytest

from mdmcore.report.html.visible import shortened, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("plain ü 한국", "plain ü 한국", id="text"),
        pytest.param("a\r\nb\n\tc", "a\nb\n\tc", id="lines-and-tabs"),
        pytest.param("a\rb", "a\\rb", id="lone-return"),
        pytest.param("\0\x1b[31m\x7f", "\\x00\\x1b[31m\\x7f", id="controls"),
        pytest.param("a\u202eb\u2066c\u200f", "a\\u202eb\\u2066c\\u200f", id="direction"),
        pytest.param("a\u200bb\ufeff\xad", "a\\u200bb\\ufeff\\xad", id="invisible"),
        pytest.param("\udcff\uffff\U000e0001", "\\udcff\\uffff\\U000e0001", id="no-characters"),
        pytest.param("a\u2028b\x85", "a\\u2028b\\x85", id="other-line-ends"),
    ],
)
def test_the_unprintable_is_escaped(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_shortened_text_is_one_line_of_at_most_that_length() -> None:
    assert shortened("a\n b\0", 10) == "a b\\x00"
    assert shortened("x" * 50, 10) == "x" * 9 + "…"
