"""Ring, wipe, restart: orders that are taken and carried out after the session."""

from __future__ import annotations

import pytest

from mdmcore.phone.aftermath import settled
from tests.phone.device.trees import MSFT, device_of, read, tree_of
from tests.support.server import NOW


def test_it_rings_each_time() -> None:
    tree = tree_of("wp81")
    assert [tree.execute(f"{MSFT}/RemoteRing/Ring", None) for _ in range(2)] == [200, 200]
    assert tree.device.rings == 2


@pytest.mark.parametrize("profile", ["wp8", "wp81", "win10"])
def test_a_wipe_ends_the_enrolment(profile: str) -> None:
    phone = device_of(profile, pin="1234")
    tree = tree_of(phone)
    assert tree.execute(f"{MSFT}/RemoteWipe/doWipe", None, "chr") == 200
    after = settled(tree.leave(phone), NOW)
    assert after.is_unenrolled
    assert (after.certificates, after.written, after.device.pin) == ((), (), "")
    assert after.device.wipe == "doWipe"


def test_no_atomic_takes_a_wipe_back() -> None:
    tree = tree_of("wp8")
    before = tree.snapshot()
    tree.execute(f"{MSFT}/RemoteWipe/doWipe", None)
    assert not tree.can_restore(before)


def test_windows_phone_8_knows_one_wipe_only() -> None:
    assert tree_of("wp8").execute(f"{MSFT}/RemoteWipe/doWipePersistProvisionedData", None) == 404
    assert tree_of("win10").execute(f"{MSFT}/RemoteWipe/doWipeProtected", None) == 200


def test_a_redeployed_device_stays_enrolled() -> None:
    phone = device_of("win10")
    tree = tree_of(phone)
    tree.add(f"{MSFT}/Policy/Config/Camera/AllowCamera", "0", "int")
    uri = f"{MSFT}/RemoteWipe/AutomaticRedeployment/doAutomaticRedeployment"
    assert tree.execute(uri, None) == 200
    after = settled(tree.leave(phone), NOW)
    assert not after.is_unenrolled
    assert after.certificates == phone.certificates
    assert read(tree_of(after), f"{MSFT}/Policy/Config/Camera/AllowCamera") == 404


def test_after_a_restart_sessions_begin_at_0() -> None:
    phone = device_of("win10")
    tree = tree_of(phone)
    assert tree.execute(f"{MSFT}/Reboot/RebootNow", None, "null") == 200
    after = settled(tree.leave(phone), NOW)
    assert f"{after.sessions + 1:X}" == "0"
    assert not after.device.is_restarting
    assert tree_of("wp81").execute(f"{MSFT}/Reboot/RebootNow", None) == 404
