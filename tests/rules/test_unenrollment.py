"""Rules on removing the enrolment."""

from __future__ import annotations

import pytest

from mdmcore.syncml.model import Command, Item, Meta
from tests.support.story import PROVIDER, Story, answer, device_cred, package1, rules_of

OLD = "./Vendor/MSFT/DMClient/Unenroll"
NEW = f"./Vendor/MSFT/DMClient/Provider/{PROVIDER}/Unenroll"


def told(target: str, data: str | None, profile: str = "wp8", name: str = "Exec") -> Story:
    item = Item(target=target, meta=Meta(format="chr"), data=data)
    command = Command(name=name, cmd_id="9", items=(item,))
    story = Story(profile).enrolled()
    story.sync(package1(cred=device_cred()), answer("2", "212", "1", command))
    return story


@pytest.mark.parametrize("target", [OLD, NEW, "./Device/Vendor/MSFT/DMClient/Unenroll"])
@pytest.mark.parametrize("data", [None, "", " "])
def test_unenroll_without_data(target: str, data: str | None) -> None:
    story = told(target, data)
    (found,) = [f for f in story.inspector.findings() if f.rule == "unenroll-data-missing"]
    assert found.severity == "warning"
    assert found.places[0].where["part"] == "response"
    assert found.places[0].where["xpath"].endswith("/Exec/Item")
    assert found.places[0].evidence == target


@pytest.mark.parametrize(
    ("target", "data", "name"),
    [
        (OLD, PROVIDER, "Exec"),
        (NEW, PROVIDER, "Exec"),
        (f"./Vendor/MSFT/DMClient/Provider/{PROVIDER}/LinkedEnrollment/Unenroll", None, "Exec"),
        (NEW, None, "Get"),
    ],
)
def test_what_is_no_such_mistake(target: str, data: str | None, name: str) -> None:
    assert "unenroll-data-missing" not in rules_of(
        told(target, data, name=name).inspector.findings()
    )


def test_windows_10_does_not_read_the_data() -> None:
    assert "unenroll-data-missing" not in rules_of(told(OLD, None, "win10").inspector.findings())
