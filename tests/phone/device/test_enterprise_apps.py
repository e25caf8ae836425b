"""Company apps on Windows Phone: install, update, uninstall, with real downloads (WP-611)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from mdmcore.http import Request, Response
from mdmcore.phone import EnrolledPhone, NoAnswer, identity_of, run
from mdmcore.phone.background import next_work, work_off, work_on
from mdmcore.phone.settings import Consent
from mdmcore.phone.tree import DeviceTree
from mdmcore.phone.unenrollment import erased
from tests.phone.device.packages import PRODUCT, Files, appx, archive, xap
from tests.phone.device.trees import MSFT, device_of, read, tree_of
from tests.phone.scripted import DEVICE_CN
from tests.support.server import NOW

APPS = f"{MSFT}/EnterpriseAppManagement/4000000001/EnterpriseApps"
NODE = PRODUCT.replace("{", "%7B").replace("}", "%7D")
DOWNLOAD = f"{APPS}/Download/{NODE}"
INVENTORY = f"{APPS}/Inventory/{NODE}"
URL = "https://apps.example.test/expenses.xap"
LATER = NOW + timedelta(hours=1)


def order(tree: DeviceTree, *, version: str = "1.0.0.0", command: str = "add") -> list[int]:
    """What the recipe sends: Name, URL, Version, DownloadInstall, then Exec."""
    write = getattr(tree, command)
    return [
        write(f"{DOWNLOAD}/Name", "Expenses", "chr"),
        write(f"{DOWNLOAD}/URL", URL, "chr"),
        write(f"{DOWNLOAD}/Version", version, "chr"),
        write(f"{DOWNLOAD}/DownloadInstall", "0", "int"),
        tree.execute(f"{DOWNLOAD}/DownloadInstall", "0", "int"),
    ]


def ordered(phone: EnrolledPhone, **options: str) -> EnrolledPhone:
    """The phone after a session with that order."""
    tree = tree_of(phone)
    assert order(tree, **options)[-1] == 202
    return tree.leave(phone)


def installed(phone: EnrolledPhone, package: bytes, **options: str) -> EnrolledPhone:
    """The phone after the order and the work."""
    return run(work_off(ordered(phone, **options), NOW), Files({URL: package}))


def result(phone: EnrolledPhone) -> tuple[str | int, str | int, str]:
    """Status, LastError, LastErrorDesc."""
    tree = tree_of(phone)
    status, error = read(tree, f"{DOWNLOAD}/Status"), read(tree, f"{DOWNLOAD}/LastError")
    return status, error, str(read(tree, f"{DOWNLOAD}/LastErrorDesc"))


def test_an_order_is_accepted_and_queued() -> None:
    tree = tree_of("wp8")
    assert order(tree) == [200, 200, 200, 200, 202]
    assert read(tree, f"{DOWNLOAD}/Status") == "1"
    assert read(tree, f"{APPS}/Inventory") == ""


def test_the_app_passes_through_every_status_until_it_is_installed() -> None:
    phone, files, seen = ordered(device_of("wp8")), Files({URL: xap("1.2.0.0")}), []
    while (at := next_work(phone)) is not None:
        seen.append(result(phone)[0])
        phone = run(work_on(phone, at), files)
    assert [*seen, result(phone)[0]] == ["1", "2", "3", "4", "5"]
    assert {request.url for request in files.requests} == {URL}
    assert files.requests[0].headers.get("Range") == "bytes=0-65535"
    tree = tree_of(phone, now=LATER)
    assert read(tree, f"{APPS}/Inventory") == PRODUCT.replace("{", "%7B").replace("}", "%7D")
    assert read(tree, f"{INVENTORY}/Version") == "1.2.0.0"
    assert read(tree, f"{INVENTORY}/Title") == "Expenses"
    assert read(tree, f"{INVENTORY}/Publisher") == "Example Org"
    assert read(tree, f"{INVENTORY}/InstallDate") == "11/23/2026 12:01:20"


def test_nothing_happens_before_its_time() -> None:
    phone = ordered(device_of("wp8"))
    assert run(work_on(phone, NOW), Files()) == phone


def test_the_certificate_of_the_hub_is_offered() -> None:
    files = Files({URL: xap()})
    run(work_off(ordered(device_of("wp8")), NOW), files)
    identity = identity_of(files.requests[0])
    assert identity is not None
    held = device_of("wp8").hub_certificate(NOW).found
    assert held is not None
    assert identity.certificate == held.certificate.der
    assert DEVICE_CN in held.certificate.subject.rfc4514()


def test_an_appx_is_installed_too() -> None:
    assert result(installed(device_of("wp81"), appx())) == ("5", "0", "")


@pytest.mark.parametrize(
    ("package", "status", "error", "reason"),
    [
        (b"<html>sign in</html>", "6", -2147009296, "no ZIP"),
        (archive(readme__txt="x"), "6", -2147009296, "neither"),
        (xap(product="{00000000-0000-0000-0000-000000000001}"), "6", -2147009294, "not"),
    ],
)
def test_what_is_not_the_app_is_not_installed(
    package: bytes, status: str, error: int, reason: str
) -> None:
    phone = installed(device_of("wp8"), package)
    found = result(phone)
    assert found[:2] == (status, str(error))
    assert reason in found[2]
    assert phone.device.apps == ()


def _down(_request: Request) -> Response:
    raise NoAnswer("connection refused")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Files(), 0x80190194 - 2**32),
        (_down, 0x80072EFD - 2**32),
        (lambda _request: Response(status=206, body=b"x"), 0x80072F78 - 2**32),
    ],
)
def test_a_download_that_fails(answer: Callable[[Request], Response], error: int) -> None:
    phone = run(work_off(ordered(device_of("wp8")), NOW), answer)
    assert result(phone)[:2] == ("7", str(error))
    assert result(phone)[2]


def test_a_url_that_no_phone_goes_to() -> None:
    tree = tree_of("wp8")
    tree.add(f"{DOWNLOAD}/URL", "http://10.0.0.1/a.xap", "chr")
    tree.add(f"{DOWNLOAD}/DownloadInstall", "0", "int")
    assert tree.execute(f"{DOWNLOAD}/DownloadInstall", "0", "int") == 202
    phone = run(work_off(tree.leave(device_of("wp8")), NOW), Files())
    assert result(phone)[:2] == ("7", str(0x80072EE5 - 2**32))


def test_without_a_url_there_is_nothing_to_execute() -> None:
    tree = tree_of("wp8")
    tree.add(f"{DOWNLOAD}/DownloadInstall", "0", "int")
    assert tree.execute(f"{DOWNLOAD}/DownloadInstall", "0", "int") == 500
    assert tree.execute(f"{APPS}/Download/%7Bother%7D/DownloadInstall", "0", "int") == 404


def test_without_a_valid_enrolment_of_the_enterprise_no_app_is_installed() -> None:
    phone = device_of("wp8")
    tree = tree_of(phone)
    token = f"{MSFT}/EnterpriseAppManagement/4000000001/EnrollmentToken"
    other = base64.b64encode(b'<AET><EnterpriseId Value="4000000002"/></AET>').decode()
    assert tree.replace(token, other, "chr") == 200
    assert read(tree, f"{MSFT}/EnterpriseAppManagement/4000000001/Status") == "3"
    phone = installed(tree.leave(phone), xap())
    assert result(phone)[:2] == ("6", str(0x80070005 - 2**32))
    assert phone.device.apps == ()


def test_the_enterprise_is_in_order() -> None:
    assert read(tree_of("wp8"), f"{MSFT}/EnterpriseAppManagement/4000000001/Status") == "0"


def test_an_update_replaces_what_is_still_there() -> None:
    phone = installed(device_of("wp8"), xap("1.0.0.0"))
    tree = tree_of(phone, now=LATER)
    assert tree.add(f"{DOWNLOAD}/URL", URL, "chr") == 418
    phone = installed(phone, xap("1.10.0.0"), version="1.10.0.0", command="replace")
    assert result(phone) == ("5", "0", "")
    assert [app.version for app in phone.device.apps] == ["1.10.0.0"]


def test_an_older_version_is_not_installed() -> None:
    phone = installed(device_of("wp8"), xap("1.10.0.0"))
    phone = installed(phone, xap("1.9.0.0"), version="1.9.0.0", command="replace")
    assert result(phone)[:2] == ("6", str(0x80073D06 - 2**32))
    assert [app.version for app in phone.device.apps] == ["1.10.0.0"]


def test_the_nodes_are_kept_for_seven_days() -> None:
    phone = installed(device_of("wp8"), xap())
    after = run(work_on(phone, NOW + timedelta(days=6)), Files())
    assert order(tree_of(after))[0] == 418
    after = run(work_on(phone, NOW + timedelta(days=8)), Files())
    assert read(tree_of(after), DOWNLOAD) == 404
    assert read(tree_of(after), f"{INVENTORY}/Version") == "1.0.0.0"
    assert order(tree_of(after))[0] == 200


def test_deleting_it_from_the_inventory_uninstalls() -> None:
    phone = installed(device_of("wp8"), xap())
    tree = tree_of(phone)
    assert tree.delete(INVENTORY) == 200
    assert read(tree, INVENTORY) == 404
    after = tree.leave(phone)
    assert after.device.apps == ()
    assert read(tree_of(after), f"{APPS}/Inventory") == ""


def test_deleting_the_download_stops_it() -> None:
    phone = ordered(device_of("wp8"))
    tree = tree_of(phone)
    assert tree.delete(DOWNLOAD) == 200
    assert next_work(tree.leave(phone)) is None
    assert read(tree, f"{DOWNLOAD}/Status") == 404


def test_the_inventory_as_a_whole() -> None:
    phone = installed(device_of("wp8"), xap("1.2.0.0"))
    got = tree_of(phone).get(f"{APPS}/Inventory?list=StructData")
    assert got.code == 200
    leaves = {part.uri.rpartition("/")[2]: part.value for part in got.parts if part.value}
    assert (leaves["Version"], leaves["Title"]) == ("1.2.0.0", "Expenses")
    assert any(part.uri == INVENTORY and part.format == "node" for part in got.parts)


@pytest.mark.parametrize(
    ("consent", "expected"),
    [(Consent.GIVEN, ["0", "1", "2", "3", "4", "5"]), (Consent.REFUSED, ["0", "6"])],
)
def test_a_user_who_is_asked(consent: Consent, expected: list[str]) -> None:
    phone, seen = ordered(device_of("wp8", consent=consent)), []
    while (at := next_work(phone)) is not None:
        seen.append(result(phone)[0])
        phone = run(work_on(phone, at), Files({URL: xap()}))
    assert [*seen, result(phone)[0]] == expected


def test_work_that_is_told_to_stall_waits_for_ever() -> None:
    phone = ordered(device_of("wp8", stalls_work=True))
    assert next_work(phone) is None
    after = run(work_off(phone, NOW + timedelta(days=30)), Files())
    assert result(after)[0] == "1"


def test_a_failed_atomic_takes_the_order_back() -> None:
    phone = device_of("wp8")
    tree = tree_of(phone)
    before = tree.snapshot()
    order(tree)
    assert tree.restore(before)
    assert next_work(tree.leave(phone)) is None
    assert read(tree, DOWNLOAD) == 404


def test_after_leaving_company_apps_are_gone() -> None:
    phone = erased(installed(device_of("wp8"), xap()))
    assert phone.device.apps == ()


def test_no_app_is_installed_once_the_token_has_ended() -> None:
    phone = device_of("wp8")
    assert phone.hub is not None
    aet = base64.b64decode(phone.hub.enrollment_token or "")
    ended = aet.replace(b"</AET>", b"<ExpirationDate>2026-11-22</ExpirationDate></AET>")
    token = base64.b64encode(ended).decode()
    late = replace(phone, hub=replace(phone.hub, enrollment_token=token))
    assert read(tree_of(late), f"{MSFT}/EnterpriseAppManagement/4000000001/Status") == "3"
    after = installed(late, xap())
    assert result(after)[2] == "the token of enterprise 4000000001 ended on 2026-11-22"
    assert after.device.apps == ()
