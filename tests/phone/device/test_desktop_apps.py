"""MSI packages on Windows 10: the job, the digest, the end."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from mdmcore.phone import EnrolledPhone, run
from mdmcore.phone.background import next_work, work_off, work_on
from tests.phone.device.packages import Files
from tests.phone.device.test_msi_job import JOB
from tests.phone.device.trees import MSFT, device_of, read, tree_of
from tests.support.server import NOW

PRODUCT = f"{MSFT}/EnterpriseDesktopAppManagement/MSI/%7BF1F2F3F4-0000-4000-8000-0123456789AB%7D"
PACKAGE = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(70_000)
A, B = "https://files.example.test/a.msi", "https://files.example.test/b.msi"


def job(package: bytes = PACKAGE) -> str:
    return JOB.replace("{digest}", hashlib.sha256(package).hexdigest().upper())


def ordered(text: str, context: str = ".", code: int = 200) -> EnrolledPhone:
    phone = device_of("win10")
    tree = tree_of(phone)
    uri = PRODUCT.replace("./", f"{context}/", 1) + "/DownloadInstall"
    assert tree.add(uri, None, "xml") == 200
    assert tree.execute(uri, text, "xml") == code
    return tree.leave(phone)


def result(phone: EnrolledPhone, context: str = ".") -> tuple[str | int, str | int]:
    tree, node = tree_of(phone), PRODUCT.replace("./", f"{context}/", 1)
    return read(tree, f"{node}/Status"), read(tree, f"{node}/LastError")


def test_a_package_is_fetched_checked_and_installed() -> None:
    phone, files, seen = ordered(job()), Files({A: PACKAGE}), []
    while (at := next_work(phone)) is not None:
        seen.append(result(phone)[0])
        phone = run(work_on(phone, at), files)
    assert [*seen, result(phone)[0]] == ["10", "20", "40", "50", "70"]
    assert [request.headers.get("Range") for request in files.requests] == [
        "bytes=0-65535",
        "bytes=65536-131071",
    ]
    tree = tree_of(phone)
    assert read(tree, f"{PRODUCT}/Version") == "1.4.0"
    assert tree.delete(PRODUCT) == 200
    assert tree.leave(phone).device.apps == ()


def test_the_next_address_is_tried() -> None:
    phone = run(work_off(ordered(job()), NOW), Files({B: PACKAGE}))
    assert result(phone) == ("70", "0")


def test_another_digest_is_a_failed_download() -> None:
    phone = run(work_off(ordered(job(b"other")), NOW), Files({A: PACKAGE}))
    assert result(phone) == ("30", str(0x80091007 - 2**32))
    assert phone.device.apps == ()


def test_what_is_no_installer_file_is_not_installed() -> None:
    package = b"MZ" + bytes(100)
    phone = run(work_off(ordered(job(package)), NOW), Files({A: package}))
    assert result(phone) == ("60", "1620")


def test_a_failed_download_is_tried_again() -> None:
    phone, files = ordered(job()), Files()
    phone = run(work_on(phone, NOW + timedelta(seconds=20)), files)
    phone = run(work_on(phone, NOW + timedelta(seconds=40)), files)
    assert result(phone)[0] == "25"
    assert next_work(phone) == NOW + timedelta(seconds=40, minutes=5)
    files.files[A] = PACKAGE
    assert result(run(work_off(phone, NOW), files))[0] == "70"


def test_in_the_end_it_has_failed() -> None:
    phone = run(work_off(ordered(job()), NOW), Files())
    assert result(phone) == ("30", str(0x80190194 - 2**32))


@pytest.mark.parametrize("text", ["&lt;MsiInstallJob/&gt;", "<Job/>"])
def test_what_is_no_job_is_refused(text: str) -> None:
    assert next_work(ordered(text, code=500)) is None


def test_an_exec_before_its_add_finds_nothing() -> None:
    assert tree_of("win10").execute(f"{PRODUCT}/DownloadInstall", job(), "xml") == 404


def test_the_packages_of_a_user_are_his_own() -> None:
    phone = run(work_off(ordered(job(), "./User"), NOW), Files({A: PACKAGE}))
    assert result(phone, "./User") == ("70", "0")
    node = PRODUCT.replace("./", "./User/", 1)
    assert read(tree_of(phone), f"{node}/Version") == "1.4.0"
    assert read(tree_of(phone), PRODUCT) == 404
