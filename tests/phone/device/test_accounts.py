"""Accounts: ActiveSync and EMAIL2."""

from __future__ import annotations

from mdmcore.phone.tree import DeviceTree
from tests.phone.device.trees import MSFT, device_of, read, tree_of

GUID = "%7BC556E16F-56C4-4edb-9C64-D9469EE1FBE0%7D"
ACCOUNTS = f"{MSFT}/ActiveSync/Accounts"
ACCOUNT = f"{ACCOUNTS}/{GUID}"


def make(tree: DeviceTree) -> list[int]:
    return [
        tree.add(ACCOUNT, None, "node"),
        tree.add(f"{ACCOUNT}/EmailAddress", "user@example.test", "chr"),
        tree.add(f"{ACCOUNT}/ServerName", "mail.example.test", "chr"),
    ]


def test_an_account_is_made() -> None:
    tree = tree_of("wp8")
    assert make(tree) == [200, 200, 200]
    assert read(tree, f"{ACCOUNT}/EmailAddress") == "user@example.test"


def test_the_same_guid_again_deletes_it_and_makes_none() -> None:
    phone = device_of("wp8")
    tree = tree_of(phone)
    make(tree)
    phone = tree.leave(phone)
    tree = tree_of(phone)
    assert make(tree) == [200, 404, 404]
    assert read(tree, ACCOUNTS) == ""
    phone = tree.leave(phone)
    assert read(tree_of(phone), ACCOUNTS) == ""


def test_in_another_message_the_guid_is_free_again() -> None:
    tree = tree_of("wp8")
    make(tree)
    make(tree)
    tree.end_message()
    assert make(tree) == [200, 200, 200]


def test_a_leaf_that_is_there_already_deletes_the_account_too() -> None:
    tree = tree_of("wp8")
    make(tree)
    assert tree.add(f"{ACCOUNT}/EmailAddress", "other@example.test", "chr") == 200
    assert read(tree, ACCOUNT) == 404


def test_an_account_is_named_by_a_guid() -> None:
    assert tree_of("wp8").add(f"{ACCOUNTS}/Work", None, "node") == 500
    assert tree_of("wp81").add(f"{MSFT}/EMAIL2/Work/NAME", "Work", "chr") == 500
    assert tree_of("wp81").add(f"{MSFT}/EMAIL2/{GUID}/NAME", "Work", "chr") == 200


def test_a_second_mail_account_of_the_same_name_is_refused() -> None:
    tree = tree_of("wp81")
    assert tree.add(f"{MSFT}/EMAIL2/{GUID}", None, "node") == 200
    assert tree.add(f"{MSFT}/EMAIL2/{GUID}", None, "node") == 418
