"""Rules on ADMX."""

from __future__ import annotations

import pytest

from mdmcore.xml import escape_text
from tests.support.commands import command, sent

CONFIG = "./Device/Vendor/MSFT/Policy/Config"
BACKED = f"{CONFIG}/AppVirtualization/AllowAppVClient"
INGESTED = f"{CONFIG}/App~Policy~Category/Setting"
FILE = "./Device/Vendor/MSFT/Policy/ConfigOperations/ADMXInstall/App/Policy/App01"
DATA = "/SyncML/SyncBody/Replace/Item/Data"


@pytest.mark.parametrize("uri", [BACKED, INGESTED])
@pytest.mark.parametrize("text", ["1", "", "<on/>", '<data id="a" value="1"/>', "<enabled>"])
def test_another_text(uri: str, text: str) -> None:
    (found,) = sent("win10", command("Replace", uri, text))
    assert (found.rule, found.severity) == ("admx-payload-format", "error")
    (place,) = found.places
    assert (place.where, place.evidence) == ({"part": "response", "xpath": DATA}, uri)


def test_another_format() -> None:
    (found,) = sent("win10", command("Replace", BACKED, "<enabled/>", format="int"))
    assert found.rule == "admx-payload-format"
    assert found.places[0].where["xpath"].endswith("/Meta/Format")
    assert found.places[0].evidence == "int"


@pytest.mark.parametrize(
    ("uri", "text"),
    [
        (BACKED, "<enabled/>"),
        (BACKED, "<Disabled />"),
        (INGESTED, '<enabled/>\r\n<data id="a" value="&lt;x/&gt;"/><data id="b" value=""/>'),
        (f"{CONFIG}/Camera/NoSuchPolicy", "1"),
    ],
)
def test_right_texts(uri: str, text: str) -> None:
    assert sent("win10", command("Replace", uri, text)) == ()


def test_escaped_twice_is_told_alone() -> None:
    told = command("Replace", BACKED, escape_text("<enabled/>"))
    assert [one.rule for one in sent("win10", told)] == ["data-double-escaped"]


def admx(key: str = r"Software\Policies\Example", ref: str = "Own", more: str = "") -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?><policyDefinitions revision="1.0">'
        '<policyNamespaces><target prefix="app" namespace="Example.App"/>'
        '<using prefix="windows" namespace="Microsoft.Policies.Windows"/></policyNamespaces>'
        f'<categories><category name="Own"/>{more}</categories><policies>'
        f'<policy name="a" class="Machine" key="{key}"><parentCategory ref="{ref}"/></policy>'
        "</policies></policyDefinitions>"
    )


@pytest.mark.parametrize(
    "key",
    [
        r"System\CurrentControlSet",
        r"SOFTWARE\Microsoft\Windows",
        r"software\policies\microsoft",
        r"Software\Policies\Microsoft\EdgeLike",
    ],
)
def test_forbidden_keys(key: str) -> None:
    (found,) = sent("win10", command("Replace", FILE, admx(key)))
    assert [found.rule, found.severity] == ["admx-forbidden-key", "error"]
    assert found.places[0].where == {"part": "response", "xpath": DATA}
    assert found.places[0].evidence == key


@pytest.mark.parametrize(
    "key",
    [
        r"Software\Policies\Example",
        r"Software\Policies\Microsoft\Office\16.0\Word",
        r"Software\Microsoft\OneDrive",
        r"Software\Policies\Microsoft\Edge",
        r"SystemTools\Example",
        r"Software\MicrosoftLike",
    ],
)
def test_allowed_keys(key: str) -> None:
    assert sent("win10", command("Replace", FILE, admx(key))) == ()


@pytest.mark.parametrize("ref", ["Missing", "app:Missing", "other:Own", ""])
def test_undefined_categories(ref: str) -> None:
    (found,) = sent("win10", command("Replace", FILE, admx(ref=ref)))
    assert (found.rule, found.severity) == ("admx-undefined-category", "warning")
    assert found.places[0].where == {"part": "response", "xpath": DATA}
    assert found.places[0].evidence == (ref or FILE)


def test_a_category_below_an_undefined_one() -> None:
    more = '<category name="Sub"><parentCategory ref="Missing"/></category>'
    (found,) = sent("win10", command("Replace", FILE, admx(ref="Sub", more=more)))
    assert found.places[0].evidence == "Missing"


@pytest.mark.parametrize("ref", ["Own", "app:Own", "windows:System"])
def test_defined_categories(ref: str) -> None:
    assert sent("win10", command("Replace", FILE, admx(ref=ref))) == ()
