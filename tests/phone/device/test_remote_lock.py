"""RemoteLock with and without a PIN (WP-613)."""

from __future__ import annotations

from mdmcore.phone.tree import DeviceTree
from tests.phone.device.trees import MSFT, read, tree_of
from tests.phone.scripted import PROVIDER

LOCK = f"{MSFT}/RemoteLock/Lock"
RESET = f"{MSFT}/RemoteLock/LockAndResetPIN"
NEW_PIN = f"{MSFT}/RemoteLock/NewPINValue"


def with_pin(profile: str = "wp81") -> DeviceTree:
    return tree_of(profile, pin="4711")


def test_without_a_pin_it_cannot_be_locked() -> None:
    tree = tree_of("wp81")
    assert [tree.execute(uri, None) for uri in (LOCK, RESET)] == [405, 405]
    assert not tree.device.is_locked
    assert read(tree, NEW_PIN) == ""


def test_with_a_pin_it_is_locked() -> None:
    tree = with_pin()
    assert tree.execute(LOCK, None) == 200
    assert (tree.device.is_locked, tree.device.pin) == (True, "4711")


def test_the_new_pin_can_be_read_once() -> None:
    tree = with_pin()
    assert tree.execute(RESET, None) == 200
    pin = read(tree, NEW_PIN)
    assert isinstance(pin, str)
    assert len(pin) == 4
    assert pin.isdigit()
    assert tree.device.pin == pin
    assert read(tree, NEW_PIN) == ""


def test_the_new_pin_cannot_be_read_in_another_message() -> None:
    tree = with_pin()
    tree.execute(RESET, None)
    tree.end_message()
    assert read(tree, NEW_PIN) == ""
    assert tree.device.pin != "4711"


def test_the_new_pin_is_as_long_as_the_policies_ask() -> None:
    tree = with_pin()
    provider = f"{MSFT}/DeviceLock/Provider/{PROVIDER}"
    tree.add(f"{provider}/DevicePasswordEnabled", "0", "int")
    tree.add(f"{provider}/MinDevicePasswordLength", "8", "int")
    tree.execute(RESET, None)
    assert len(str(read(tree, NEW_PIN))) == 8


def test_recovering_a_pin_is_for_windows_10() -> None:
    uri = f"{MSFT}/RemoteLock/LockAndRecoverPIN"
    assert with_pin().execute(uri, None) == 404
    tree = with_pin("win10")
    assert tree.execute(uri, None) == 200
    assert len(str(read(tree, NEW_PIN))) == 4


def test_windows_phone_8_has_no_remote_lock() -> None:
    assert with_pin("wp8").execute(LOCK, None) == 404
