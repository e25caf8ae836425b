"""DMClient: Unenroll on the tree; what a session makes of it is tested with sessions."""

from __future__ import annotations

import pytest

from mdmcore.phone.device.dm_client import DM_CLIENT
from mdmcore.phone.tree import DeviceTree
from tests.phone.scripted import PROVIDER
from tests.phone.tree import trees


@pytest.mark.parametrize("uri", [f"{trees.MSFT}/DMClient", trees.DM_CLIENT])
@pytest.mark.parametrize(
    ("profile", "data", "code"),
    [
        ("wp8", PROVIDER, 200),
        ("wp81", None, 412),
        ("wp81", "", 412),
        ("wp81", "Other", 400),
        ("win81", None, 200),
        ("win10", "Other", 200),
    ],
)
def test_a_device_leaves_when_it_is_told_rightly(
    uri: str, profile: str, data: str | None, code: int
) -> None:
    tree = trees.tree_of(profile, behaviours=[DM_CLIENT])
    before = tree.snapshot()
    assert tree.execute(f"{uri}/Unenroll", data, "chr") == code
    assert tree.is_unenrolling is (code == 200)
    assert tree.can_restore(before) is (code != 200)


def test_some_enrolments_do_not_listen() -> None:
    phone = trees.with_settings(trees.phone_of("win10"), ignores_unenroll=True)
    tree = DeviceTree(phone, behaviours=[DM_CLIENT])
    assert tree.execute(f"{trees.DM_CLIENT}/Unenroll", None) == 200
    assert not tree.is_unenrolling
