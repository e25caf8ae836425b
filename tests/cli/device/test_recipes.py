"""``device recipes``: what there is, and what one takes."""

from __future__ import annotations

import json

import pytest

from mdmcore.cli.main import run
from mdmcore.csp.recipes import recipes


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["device", "recipes", *arguments]) == 0
    return capsys.readouterr().out


def test_the_list_has_a_line_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys).splitlines()
    assert [line.split()[0] for line in lines] == [recipe.name for recipe in recipes()]
    (lock,) = (line for line in lines if line.startswith("lock "))
    assert lock.endswith("[wp81 win10]")


def test_one_recipe_is_told_with_all_it_takes(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "device-information")
    assert out.startswith("device-information: Read who the device is")
    assert "also called info\n" in out
    assert "for wp8 wp81 win81 win10\n" in out
    assert "      basic, full, default basic\n" in out
    assert out.endswith("Example: mdmproxy device queue ID device-information detail=full\n")
    assert "not for wp8: there is no RemoteLock" in printed(capsys, "lock")


def test_json_has_parameters_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    (entry,) = json.loads(printed(capsys, "info", "--format", "json"))["recipes"]
    assert entry["name"] == "device-information"
    (detail,) = entry["parameters"]
    assert (detail["name"], detail["values"], detail["default"]) == (
        "detail",
        ["basic", "full"],
        "basic",
    )
    every = json.loads(printed(capsys, "--format", "json"))["recipes"]
    assert len(every) == len(recipes())


def test_an_unknown_one_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["device", "recipes", "lokc"]) == 2
    assert "near to it: lock" in capsys.readouterr().err
