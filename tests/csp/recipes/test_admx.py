"""Policies that are backed by ADMX: their file, and their values."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from lxml import etree

from mdmcore.errors import ConfigError
from tests.support.recipes import built, sent_values

POLICY = "./Device/Vendor/MSFT/Policy"


def test_a_file_is_ingested_as_text(recipe_files: Mapping[str, bytes]) -> None:
    text = recipe_files["example.admx"].decode()
    made = built("admx-install", "win10", app="Example App", admx=text)
    uri = f"{POLICY}/ConfigOperations/ADMXInstall/Example%20App/Policy/Example%20App"
    assert sent_values(made) == {uri: text}
    made = built("admx-install", "win10", app="A", admx=text, kind="preference", file_id="one")
    assert list(sent_values(made)) == [f"{POLICY}/ConfigOperations/ADMXInstall/A/Preference/one"]


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({}, "<enabled/>"),
        ({"state": "disabled"}, "<disabled/>"),
        (
            {"data": "Mode=2;Server=https://example.test/?a=b"},
            '<enabled/><data id="Mode" value="2"/>'
            '<data id="Server" value="https://example.test/?a=b"/>',
        ),
    ],
)
def test_a_value_is_a_switch_with_data(values: dict[str, str], text: str) -> None:
    made = built("admx-policy", "win10", area="A~Policy~B~C", policy="P", **values)
    assert sent_values(made) == {f"{POLICY}/Config/A~Policy~B~C/P": text}


def test_data_cannot_break_out_of_its_attribute() -> None:
    evil = 'x"/><disabled/><data id="y" value="&lt;'
    made = built(
        "admx-policy",
        "win10",
        area="A~Policy~B",
        policy="P",
        data=f"Mode={evil.replace(';', ';;')}",
    )
    (text,) = sent_values(made).values()
    root = etree.fromstring(f"<r>{text}</r>")
    assert [element.tag for element in root] == ["enabled", "data"]
    assert root[1].get("value") == evil


def test_a_disabled_policy_has_no_data() -> None:
    with pytest.raises(ConfigError, match="data counts only with state=enabled"):
        built("admx-policy", "win10", area="A", policy="P", state="disabled", data="a=1")


def test_a_built_in_policy_of_numbers_is_not_one_of_these() -> None:
    with pytest.raises(ConfigError, match="AllowCamera must be 0 or 1, not '<enabled/>'"):
        built("admx-policy", "win10", area="Camera", policy="AllowCamera")


def test_a_file_is_forgotten() -> None:
    made = built("admx-remove", "win10", app="A")
    assert list(sent_values(made)) == [f"{POLICY}/ConfigOperations/ADMXInstall/A"]
