"""Two values compared: what a device spells in its own way is the same all the same."""

from __future__ import annotations

import pytest

from mdmcore.csp.compare import compare
from mdmcore.csp.comparing import Compare

WIFI = "./Vendor/MSFT/WiFi/Profile/Home/WlanXml"


@pytest.mark.parametrize(
    ("by", "expected", "found", "same", "how"),
    [
        ("raw", "a", "a", True, "raw"),
        ("raw", "a", "a ", False, "raw"),
        ("trimmed", "a\r\n", " a", True, "trimmed"),
        ("trimmed", "a", "b", False, "trimmed"),
        ("number", "007", " 7 ", True, "number"),
        ("number", "1.50", "1.5", True, "number"),
        ("number", "1", "x", False, "number"),
        ("number", "x", "x", True, "trimmed"),
        ("xml", "<a b='1' c='2'/>", '<?xml version="1.0"?>\n<a c="2"  b="1"></a>', True, "xml"),
        ("xml", "<a><b>1</b></a>", "<a>\n <b>1</b>\n</a>", True, "xml"),
        ("xml", "<a><b>1</b></a>", "<a><b>2</b></a>", False, "xml"),
        (
            "xml",
            "<enabled/><data id='x' value='1'/>",
            "<enabled/> <data value='1' id='x'/>",
            True,
            "xml",
        ),
        ("xml", "<a/>", "<a", False, "xml"),
        ("xml", "<a/>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", False, "xml"),
        ("xml", "text", "text", True, "trimmed"),
        ("xml", "<a/>", "\ud800", False, "xml"),
    ],
)
def test_the_way_that_is_asked_for(
    by: str, expected: str, found: str, same: bool, how: str
) -> None:
    seen = compare("./X", expected, found, format="chr", by=Compare(by))
    assert (seen.is_equal, seen.how) == (same, how)


@pytest.mark.parametrize(
    ("uri", "format", "expected", "found", "same", "how"),
    [
        ("./X", "int", "05", "5", True, "number"),
        ("./X", "bool", "True", "true", True, "bool"),
        ("./X", "b64", "AAEC", "AA EC\n", True, "bytes"),
        ("./X", "b64", "%%", "%%", False, "bytes"),
        ("./X", "chr", "05", "5", False, "trimmed"),
        ("./X", "xml", "<a/>", "<a></a>", True, "xml"),
        (WIFI, "chr", "<a/>", "<a></a>", True, "xml"),
    ],
)
def test_auto_goes_by_the_node(
    uri: str, format: str, expected: str, found: str, same: bool, how: str
) -> None:
    seen = compare(uri, expected, found, format=format, by=Compare.AUTO)
    assert (seen.is_equal, seen.how) == (same, how)
