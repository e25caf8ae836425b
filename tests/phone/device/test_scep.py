"""SCEP: taken, pending, and honestly failed."""

from __future__ import annotations

import pytest

from mdmcore.phone import run
from mdmcore.phone.background import work_off
from tests.phone.device.packages import Files
from tests.phone.device.trees import MSFT, device_of, read, tree_of
from tests.support.server import NOW

PLACES = [
    ("wp81", f"{MSFT}/CertificateStore/MY/SCEP/Wifi"),
    ("win10", f"{MSFT}/ClientCertificateInstall/SCEP/Wifi"),
]


@pytest.mark.parametrize(("profile", "node"), PLACES)
def test_an_enrolment_is_pending_and_then_fails(profile: str, node: str) -> None:
    phone = device_of(profile)
    tree = tree_of(phone)
    tree.add(f"{node}/Install/ServerURL", "https://scep.example.test/scep", "chr")
    tree.add(f"{node}/Install/SubjectName", "CN=device", "chr")
    assert tree.execute(f"{node}/Install/Enroll", None, "null") == 200
    assert read(tree, f"{node}/Status") == "2"
    files = Files()
    tree = tree_of(run(work_off(tree.leave(phone), NOW), files))
    assert read(tree, f"{node}/Status") == "16"
    assert read(tree, f"{node}/ErrorCode") == str(0x80004001 - 2**32)
    assert files.requests == []
    assert tree.delete(node) == 200
    assert read(tree, f"{node}/Status") == 404


@pytest.mark.parametrize(("profile", "node"), PLACES)
def test_without_an_address_it_does_not_begin(profile: str, node: str) -> None:
    tree = tree_of(profile)
    tree.add(f"{node}/Install/SubjectName", "CN=device", "chr")
    assert tree.execute(f"{node}/Install/Enroll", None, "null") == 412
