"""Rules on what a device says in the first message of a session."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdmcore.rules import Finding
from mdmcore.syncml.model import Alert, Command, Item, SyncML
from tests.support.story import (
    DEVICE_ID,
    GET,
    Story,
    answer,
    device_cred,
    header_status,
    package,
    package1,
    rules_of,
)

FIRST = package1(cred=device_cred())
RIGHT = answer("1", "212", "1", GET)


def judged(asked: SyncML) -> tuple[Finding, ...]:
    return Story("wp8").enrolled().sync(asked, RIGHT).findings


def with_leaves(change: dict[str, str | None]) -> SyncML:
    """The first message with these leaves of DevInfo changed, or left out."""

    def changed(item: Item) -> list[Item]:
        leaf = (item.source or "").rpartition("/")[2]
        if leaf not in change:
            return [item]
        data = change[leaf]
        return [] if data is None else [replace(item, data=data)]

    return replace(
        FIRST,
        commands=tuple(
            replace(command, items=tuple(i for item in command.items for i in changed(item)))
            if isinstance(command, Command)
            else command
            for command in FIRST.commands
        ),
    )


def without(name: str) -> SyncML:
    return replace(FIRST, commands=tuple(c for c in FIRST.commands if c.name != name))


def test_a_right_first_message() -> None:
    assert judged(FIRST) == ()


# --- device-source-ne-devid


def test_another_id_in_dev_info() -> None:
    (found,) = judged(with_leaves({"DevId": "IMEI:1"}))
    assert (found.rule, found.severity) == ("device-source-ne-devid", "warning")
    where = {"part": "request", "xpath": "/SyncML/SyncBody/Replace/Item[1]/Data"}
    assert (found.places[0].where, found.places[0].evidence) == (where, "IMEI:1")


def test_the_same_id_in_another_case() -> None:
    assert judged(with_leaves({"DevId": DEVICE_ID.upper()})) == ()


# --- package1-missing-alert


def test_no_session_alert() -> None:
    (found,) = judged(without("Alert"))
    assert (found.rule, found.severity) == ("package1-missing-alert", "warning")
    assert found.places[0].where == {"part": "request", "xpath": "/SyncML/SyncBody"}
    assert found.places[0].evidence == "no Alert"


@pytest.mark.parametrize("code", ["1200", "1201"])
def test_both_session_alerts(code: str) -> None:
    alert = Alert(cmd_id="2", code=code)
    others = without("Alert").commands
    assert judged(replace(FIRST, commands=(alert, *others))) == ()


# --- package1-missing-devinfo


def test_no_dev_info() -> None:
    (found,) = judged(without("Replace"))
    assert (found.rule, found.severity) == ("package1-missing-devinfo", "warning")
    assert found.places[0].where == {"part": "request", "xpath": "/SyncML/SyncBody"}
    assert found.places[0].evidence == "DevId Man Mod DmV Lang"


def test_some_leaves_are_missing() -> None:
    (found,) = judged(with_leaves({"DmV": None, "Man": None}))
    assert found.rule == "package1-missing-devinfo"
    assert found.places[0].where == {"part": "request", "xpath": "/SyncML/SyncBody/Replace"}
    assert found.places[0].evidence == "Man DmV"


# --- all of them


def test_later_messages_say_none_of_it() -> None:
    story = Story("wp8").enrolled()
    story.sync(FIRST, RIGHT)
    assert story.sync(package("2", header_status("212")), answer("3", "200", "2")).findings == ()


@pytest.mark.parametrize("is_final", [True, False])
def test_a_package_that_goes_on_or_is_given_up(is_final: bool) -> None:
    alerts = (Alert(cmd_id="2", code="1223"),) if is_final else ()
    found = judged(replace(package("1", *alerts), is_final=is_final))
    assert not {r for r in rules_of(found) if r.startswith("package1")}
