"""Work between sessions: several pieces at a time, and what comes to nobody's mind."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mdmcore.phone import EnrolledPhone, run
from mdmcore.phone import background as module
from mdmcore.phone.background import forgotten, next_work, work_off, work_on
from mdmcore.phone.device.work import STEP, Stage
from mdmcore.phone.unenrollment import erased
from tests.phone.device.packages import Files, xap
from tests.phone.device.trees import MSFT, device_of, read, tree_of
from tests.support.server import NOW

APPS = f"{MSFT}/EnterpriseAppManagement/4000000001/EnterpriseApps"
ONE, TWO = (f"{{B1B2B3B4-0000-4000-8000-0123456789A{digit}}}" for digit in "12")
URL = "https://apps.example.test/"


def ordered(*products: str) -> EnrolledPhone:
    phone = device_of("wp8")
    tree = tree_of(phone)
    for product in products:
        node = f"{APPS}/Download/{product.replace('{', '%7B').replace('}', '%7D')}"
        tree.add(f"{node}/URL", f"{URL}{product.strip('{}')}", "chr")
        tree.add(f"{node}/DownloadInstall", "0", "int")
        assert tree.execute(f"{node}/DownloadInstall", "0", "int") == 202
    return tree.leave(phone)


def served(*products: str) -> Files:
    return Files({f"{URL}{product.strip('{}')}": xap(product=product) for product in products})


def test_pieces_of_work_go_side_by_side_and_do_not_hinder_each_other() -> None:
    phone = run(work_off(ordered(ONE, TWO), NOW), served(TWO))
    assert [work.stage for work in phone.device.work] == [Stage.DOWNLOAD_FAILED, Stage.INSTALLED]
    assert [app.product for app in phone.device.apps] == [TWO]


def test_each_stage_takes_its_time() -> None:
    phone = ordered(ONE)
    assert next_work(phone) == NOW + STEP
    phone = run(work_on(phone, NOW + STEP), served(ONE))
    assert next_work(phone) == NOW + 2 * STEP
    assert next_work(run(work_off(phone, NOW), served(ONE))) is None


def test_a_package_beyond_the_bound_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PACKAGE_BYTES", 10)
    phone = run(work_off(ordered(ONE), NOW), served(ONE))
    assert phone.device.work[0].stage is Stage.DOWNLOAD_FAILED
    assert "more than 10 bytes" in phone.device.work[0].reason


def test_old_nodes_are_forgotten_and_others_stay() -> None:
    phone = run(work_off(ordered(ONE), NOW), served(ONE))
    tree = tree_of(phone)
    tree.add(f"{APPS}/Download/%7BNew%7D/URL", URL, "chr")
    phone = tree.leave(phone)
    assert forgotten(phone, NOW + timedelta(days=7)) == phone
    phone = forgotten(phone, NOW + timedelta(days=7, hours=1))
    assert phone.device.work == ()
    assert read(tree_of(phone), f"{APPS}/Download") == "%7BNew%7D"


def test_a_device_that_has_left_does_no_work() -> None:
    phone = ordered(ONE)
    gone = erased(phone)
    assert next_work(gone) is None
    assert run(work_on(gone, NOW + STEP), served(ONE)) == gone
