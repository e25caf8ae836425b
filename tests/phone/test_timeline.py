"""What people are told of a device's life."""

from __future__ import annotations

from dataclasses import replace

from mdmcore.phone import EnrolledPhone
from mdmcore.phone.device.state import DeviceState, InstalledApp, PolicyValue
from mdmcore.phone.schedule import RetrySet
from mdmcore.phone.timeline import EventKind, changes
from mdmcore.phone.unenrollment import erased
from tests.phone.device.trees import device_of
from tests.support.server import NOW

APP = InstalledApp(
    csp="EnterpriseAppManagement",
    node=("1", "EnterpriseApps", "Inventory", "{A}"),
    product="{A}",
    version="1.0",
    title="Expenses",
    publisher="Example Org",
    installed=NOW,
)


def with_device(phone: EnrolledPhone, **changes_: object) -> EnrolledPhone:
    return replace(phone, device=replace(phone.device, **changes_))  # type: ignore[arg-type]


def test_nothing_happened() -> None:
    phone = device_of("wp8")
    assert list(changes(phone, phone)) == []


def test_apps_come_change_and_go() -> None:
    none = device_of("wp8")
    old = with_device(none, apps=(APP,))
    new = with_device(none, apps=(replace(APP, version="2.0"),))
    assert [list(changes(*pair)) for pair in ((none, old), (old, new), (new, none))] == [
        [(EventKind.APP, "Expenses 1.0 is installed")],
        [(EventKind.APP, "Expenses is updated from 1.0 to 2.0")],
        [(EventKind.APP, "Expenses 2.0 is removed")],
    ]


def test_secrets_are_not_told() -> None:
    before = with_device(device_of("wp81"), pin="4711")
    policy = PolicyValue(source="Policy", area="A", name="B", value="hush", format="chr")
    after = with_device(before, pin="2718", is_locked=True, rings=2, policies=(policy,))
    told = list(changes(before, after))
    assert told == [
        (EventKind.LOCK, "locked with a new PIN"),
        (EventKind.RING, "rings"),
        (EventKind.RING, "rings"),
        (EventKind.POLICY, "A/B is set"),
    ]


def test_a_wipe_or_leaving_is_all_there_is_to_tell() -> None:
    phone = with_device(device_of("wp8"), apps=(APP,))
    left = list(changes(phone, erased(phone)))
    assert left == [(EventKind.UNENROLLED, "no longer enrolled")]
    wiped = replace(erased(phone), device=DeviceState(wipe="doWipe"))
    assert [kind for kind, _text in changes(phone, wiped)] == [EventKind.WIPE]


def test_certificates_and_schedules() -> None:
    phone = device_of("wp8")
    gone = phone.certificates[0]
    schedule = replace(phone.schedule, first=RetrySet(count=1, interval=2))
    after = replace(phone, certificates=phone.certificates[1:], schedule=schedule, sessions=-1)
    assert list(changes(phone, after)) == [
        (EventKind.RESTART, "restarts"),
        (EventKind.CERTIFICATE, f"{gone.place} is removed"),
        (EventKind.SCHEDULE, "the schedule is now 1 x 2 min, 8 x 60 min, 0 x 480 min"),
    ]
