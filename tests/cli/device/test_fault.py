"""``device fault``: mistakes are ordered, listed and taken back."""

from __future__ import annotations

import pytest

from mdmcore.store import Database
from tests.cli.device.support import DEVICE, Cli, enroll


def test_a_mistake_for_all_and_one_for_a_device(store: Database, cli: Cli) -> None:
    enroll(store)
    assert cli.out("fault") == "no mistake is on\n"
    said = cli.out("fault", "empty-200-body,bst-not-base64", "--step", "enroll")
    assert said.splitlines() == [
        "empty-200-body is made from the next answer on",
        "bst-not-base64 is made from the next answer on",
    ]
    said = cli.out("fault", "missing-212", "--device", DEVICE, "--times", "2")
    assert said == f"missing-212 is made from the next answer on for {DEVICE}, 2 times\n"
    assert cli.out("fault").splitlines() == [
        "empty-200-body  step enroll, always",
        "bst-not-base64  step enroll, always",
        "missing-212  account DEVICE-1, 2 more",
    ]
    listed = cli.json("fault")["faults"]
    assert [one["fault"] for one in listed] == ["empty-200-body", "bst-not-base64", "missing-212"]
    assert list(listed[0]) == ["fault", "account", "step", "remaining", "ordered"]


def test_a_mistake_below_http_begins_with_a_connection(store: Database, cli: Cli) -> None:
    enroll(store)
    said = cli.out("fault", "tls-certificate-expired", "--step", "manage")
    assert said == "tls-certificate-expired is made from the next connection on\n"
    said = cli.out("fault", "answer-slow", "--device", DEVICE)
    assert said == f"answer-slow is made from the next connection on for {DEVICE}\n"
    assert [one.account for one in store.fault_orders()] == [None, "DEVICE-1"]


def test_mistakes_are_taken_back(store: Database, cli: Cli) -> None:
    enroll(store)
    cli.out("fault", "missing-212", "--device", DEVICE)
    cli.out("fault", "missing-212", "empty-200-body")
    assert cli.out("fault", "missing-212", "--off", "--device", DEVICE) == (
        "1 mistake taken back\n"
    )
    assert [one.fault for one in store.fault_orders()] == ["missing-212", "empty-200-body"]
    assert cli.out("fault", "--off") == "2 mistakes taken back\n"
    assert store.fault_orders() == ()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no-such"], "no fault is called 'no-such'"),
        (["missing-212", "--step", "hub"], "is made in manage, not in hub"),
        (["empty-200-body", "--device", DEVICE], "is made before a device is known"),
        (["tls-too-old", "--device", DEVICE], "is made before HTTP is seen"),
        (["missing-212", "--device", "nobody"], "no device 'nobody'"),
        (["missing-212", "--times", "0"], "0"),
    ],
)
def test_what_cannot_be_ordered(
    store: Database, cli: Cli, arguments: list[str], words: str
) -> None:
    enroll(store)
    assert words in cli.error("fault", *arguments)
    assert store.fault_orders() == ()
