"""To which life belongs what a device itself tells."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from mdmcore.http import Exchange, observation_exchange
from mdmcore.inspector import Inspector
from mdmcore.observation import Observation
from mdmcore.pki.certificate import parse_certificate
from mdmcore.rules.life import Outcome
from tests.support.story import CERT_CN, EMAIL, NOW, Story, certificate, document

FAILED = "MDM Session: OMA-DM message failed to be sent. Result: (0x80072ee7)"
ENROLLMENT = "AAAAAAAA-AAAA-AAAA-AAAA-AAAAAAAAAAAA"
WINDOWS = (("DeviceType", "CIMClient_Windows"), ("ApplicationVersion", "10.0.19045.1"))


def told(
    *, at: datetime | None = None, capture: str = "log", index: int = 1, **changes: Any
) -> Exchange:
    observation = replace(Observation(source="pasted text", text=FAILED), **changes)
    return observation_exchange(
        observation, id=f"{capture}:{index}", index=index, capture=capture, started=at
    )


def story(name: str = "PC-1", *, email: str = EMAIL) -> Story:
    """A Windows 10 device that enrols as the others do."""
    found = Story()
    enrol(found, name, email=email)
    return found


def enrol(found: Story, name: str, *, email: str = EMAIL) -> None:
    found.discover(email=email, application_version="10.0.19045.1", version="4.0")
    found.policies(username=email)
    found.enroll(username=email, context=(*WINDOWS, ("DeviceName", name)))


def lives_of(inspector: Inspector) -> list[str | None]:
    return [life.id for life in inspector.lives()]


def test_alone_it_is_a_life_of_its_own():
    inspector = Inspector()
    found = inspector.inspect(told(device="PC-1"))
    (life,) = inspector.lives()
    assert (found.life, life.profile) == (life.id, "win10")
    assert life.device["name"] == "PC-1"
    assert life.exchanges == 1


def test_one_capture_tells_of_one_device_unless_a_name_differs():
    inspector = Inspector()
    inspector.inspect(told())
    inspector.inspect(told(device="PC-1", index=2))
    inspector.inspect(told(index=3))
    inspector.inspect(told(device="PC-2", index=4))
    assert [life.exchanges for life in inspector.lives()] == [3, 1]


@pytest.mark.parametrize(
    "names",
    [
        {"device": "PC-1"},
        {"device": "pc-1.corp.example.test"},
        {"users": (EMAIL,)},
        {"thumbprints": (parse_certificate(certificate()).thumbprint.upper(),)},
        {"hosts": ("mdm.example.test",)},
        {},
    ],
    ids=["name", "full name", "user", "certificate", "server", "nothing but time"],
)
@pytest.mark.parametrize("is_first", [True, False], ids=["log first", "log last"])
def test_joins_the_life_of_the_capture_in_either_order(names: dict[str, Any], is_first: bool):
    found = Story()
    if is_first:
        found.inspector.inspect(told(at=NOW + timedelta(minutes=3), **names))
    enrol(found, "PC-1")
    if not is_first:
        found.inspector.inspect(told(at=NOW + timedelta(minutes=3), **names))
    (life,) = found.inspector.lives()
    assert (life.device_name, life.exchanges) == ("PC-1", 4)
    (symptom,) = [one for one in found.inspector.findings() if one.rule == "device-reports-failure"]
    assert symptom.life == life.id


def test_a_long_computer_name_is_cut_in_some_places():
    found = story("VERYLONGCOMPUTERNAME")
    found.inspector.inspect(told(device="verylongcompute"))
    assert len(found.inspector.lives()) == 1


@pytest.mark.parametrize(
    "names", [{"device": "PC-2"}, {"users": ("other@example.test",)}], ids=["name", "user"]
)
def test_another_device_of_the_same_server_stays_apart(names: dict[str, Any]):
    found = story()
    found.inspector.inspect(told(hosts=("mdm.example.test",), at=NOW, **names))
    assert len(found.inspector.lives()) == 2


def test_of_two_devices_that_of_the_time_is_meant():
    found = story()
    found.now += timedelta(hours=2)
    enrol(found, "PC-2", email="bert@example.test")
    second = found.now
    found.inspector.inspect(told(at=second))
    lives = found.inspector.lives()
    assert [life.exchanges for life in lives] == [3, 4]


def test_without_any_sign_of_two_devices_it_stays_alone():
    found = story()
    enrol(found, "PC-2", email="bert@example.test")
    found.inspector.inspect(told())
    assert len(found.inspector.lives()) == 3


def test_another_day_is_another_matter():
    found = story()
    found.inspector.inspect(told(at=NOW + timedelta(days=30)))
    assert len(found.inspector.lives()) == 2


def test_a_windows_phone_keeps_no_such_log():
    found = Story().enrolled()
    found.inspector.inspect(told(at=NOW))
    assert [life.profile for life in found.inspector.lives()] == ["wp8", "win10"]


def test_reports_of_one_enrolment_meet():
    inspector = Inspector()
    inspector.inspect(told(capture="a", enrollments=(ENROLLMENT,), device="PC-1"))
    inspector.inspect(told(capture="b", enrollments=(ENROLLMENT,), hosts=("mdm.example.test",)))
    inspector.inspect(told(capture="c", enrollments=("B" + ENROLLMENT[1:],)))
    assert [life.exchanges for life in inspector.lives()] == [2, 1]


def test_the_device_a_user_forced_stays_so():
    inspector = Inspector("win81")
    inspector.inspect(told())
    assert [life.profile for life in inspector.lives()] == ["win81"]


def test_a_failed_enrolment_stops_a_life_and_a_later_one_lets_it_go_on():
    inspector = Inspector()
    inspector.inspect(told(text="MDM Enroll: Failed (0x80180014)", event=76))
    (life,) = inspector.lives()
    assert life.outcome is Outcome.STOPPED
    assert "MENROLL_E_DEVICENOTSUPPORTED" in life.stop
    inspector.inspect(told(text="MDM Enroll: succeeded", event=75, index=2))
    assert [life.outcome for life in inspector.lives()] == [Outcome.RUNNING]


def test_a_log_that_goes_on_after_the_capture_misses_nothing():
    def missed(later: timedelta) -> set[str]:
        found = Story().enrolled(document())
        found.inspector.inspect(told(at=found.now + later, device="PC-9"))
        return {one.rule for one in found.inspector.findings()} - {"device-reports-failure"}

    assert missed(timedelta(days=40)) == missed(timedelta())


def test_what_is_told_is_shown_with_its_codes_and_without_secrets():
    found = story()
    inspection = found.inspector.inspect(
        told(device="PC-1", facts={"mdm_server": "https://mdm.example.test"}, local_time="1/2/26")
    )
    shown = inspection.decoded["observation"]
    assert shown["text"] == FAILED
    assert shown["codes"][0]["entries"][0]["name"] == "ERROR_INTERNET_NAME_NOT_RESOLVED"
    assert inspection.summary.startswith("Pasted text: 0x80072EE7 ERROR_INTERNET_NAME")
    (life,) = found.inspector.lives()
    assert life.device["mdm_server"] == "https://mdm.example.test"
    assert life.device["certificate"] == f"CN={CERT_CN}"
