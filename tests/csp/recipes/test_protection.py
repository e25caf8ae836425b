"""Defender, AppLocker, and restarting."""

from __future__ import annotations

import pytest

from mdmcore.errors import ConfigError
from tests.support.recipes import built, items, sent_values

DEFENDER = "./Vendor/MSFT/Defender"


@pytest.mark.parametrize(
    ("kind", "node", "data"),
    [("quick", "Scan", "1"), ("full", "Scan", "2"), ("offline", "OfflineScan", None)],
)
def test_a_scan(kind: str, node: str, data: str | None) -> None:
    ((name, item),) = items(built("defender-scan", "win10", kind=kind))
    assert (name, item.target, item.data) == ("Exec", f"{DEFENDER}/{node}", data)


def test_the_state_of_defender() -> None:
    made = [item.target for _, item in items(built("defender-health", "win10"))]
    assert f"{DEFENDER}/Health/SignatureOutOfDate" in made
    assert list(sent_values(built("defender-update", "win10"))) == [f"{DEFENDER}/UpdateSignature"]
    made = [item.target for _, item in items(built("defender-detections", "win10"))]
    assert made == [f"{DEFENDER}/Detections"]


def test_rules_for_programs() -> None:
    policy = '<RuleCollection Type="Exe"/>'
    made = built("applocker", "win10", group="A", kind="EXE", policy=policy)
    root = "./Vendor/MSFT/AppLocker/ApplicationLaunchRestrictions/A"
    assert sent_values(made) == {f"{root}/EXE/Policy": policy}
    assert list(sent_values(built("applocker-remove", "win10", group="A"))) == [root]
    with pytest.raises(ConfigError, match="policy must be a well-formed XML document"):
        built("applocker", "win10", group="A", kind="EXE", policy="<RuleCollection>")


def test_a_restart_now_or_later() -> None:
    assert list(sent_values(built("reboot", "win10"))) == ["./Vendor/MSFT/Reboot/RebootNow"]
    moment = "2026-12-01T22:00:00Z"
    for name, node in (("at", "Single"), ("daily", "DailyRecurrent")):
        made = built("reboot-schedule", "win10", **{name: moment})
        assert sent_values(made) == {f"./Vendor/MSFT/Reboot/Schedule/{node}": moment}
    for values in ({}, {"at": moment, "daily": moment}):
        with pytest.raises(ConfigError, match="reboot-schedule needs one of at and daily"):
            built("reboot-schedule", "win10", **values)


def test_phones_have_none_of_it() -> None:
    with pytest.raises(ConfigError, match="not for wp8: no source names a CSP for it"):
        built("reboot", "wp8")
