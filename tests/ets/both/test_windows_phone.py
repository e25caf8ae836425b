"""What the Windows Phone profile adds (ets.md 8): the phone's days against the server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from mdmcore.http import Request, Response
from mdmcore.phone import run
from mdmcore.phone.life import VirtualClock, live
from mdmcore.phone.timeline import EventKind
from tests.ets import text as t
from tests.ets.both.conftest import MakePair, Pair
from tests.phone.device.packages import PRODUCT, xap
from tests.support.ets import BOTH
from tests.support.server import counted_random

ets = pytest.mark.ets

ENTERPRISE = "4000000001"
EAM = f"./Vendor/MSFT/EnterpriseAppManagement/{ENTERPRISE}/EnterpriseApps"
GUID = f"%7B{PRODUCT.strip('{}')}%7D"
DOWNLOAD = f"{EAM}/Download/{GUID}"
URL = "https://mdm.example.test/apps/example.xap"
DEVICE_LOCK = "./Vendor/MSFT/DeviceLock"
LOCK = "./Vendor/MSFT/RemoteLock"


def files(both: Pair, package: bytes) -> Callable[[Request], Response]:
    """The server, and a web server with the app's package."""

    def answer(request: Request) -> Response:
        if request.url != URL:
            return both.answer(request)
        return Response(status=200, body=package)

    return answer


def lived(both: Pair, package: bytes = b"", **span: float) -> list[EventKind]:
    """Let the phone live for a while; what has happened."""
    clock = VirtualClock(both.bench.clock())
    until = clock.now + timedelta(**span)
    leg = live(both.phone, clock=clock, until=until, random=counted_random("life"))
    answer = files(both, package)

    def timed(request: Request) -> Response:
        both.bench.clock.now = clock.now
        return answer(request)

    life = run(leg, timed)
    both.phone = life.phone
    both.bench.clock.now = clock.now
    return [event.kind for event in life.events]


def install(verb: Callable[..., str], version: str) -> str:
    """The Atomic of an install or an update."""
    return t.atomic(
        "",
        verb("", f"{DOWNLOAD}/Name", "Example"),
        verb("", f"{DOWNLOAD}/URL", URL),
        verb("", f"{DOWNLOAD}/Version", version),
        verb("", f"{DOWNLOAD}/DownloadInstall", "0", "int"),
        t.execute("", f"{DOWNLOAD}/DownloadInstall", "0", "int"),
    )


@ets("WP-601", BOTH)
def test_the_first_session_follows_at_once(pair: MakePair) -> None:
    both = pair("wp8")
    assert EventKind.SESSION in lived(both, minutes=15)
    assert both.told[0].header_code == "212"


@ets("WP-611", BOTH)
@pytest.mark.parametrize("profile", ["wp8", "wp81"])
def test_an_app_is_installed_updated_and_removed(pair: MakePair, profile: str) -> None:
    both = pair(profile, has_hub=True)
    first = both.queue(install(t.add, "1.0.0.0"))
    both.sync()
    assert both.state(first) == "running"
    lived(both, xap("1.0.0.0"), days=2)
    assert both.state(first) == "done"
    inventory = f"{EAM}/Inventory"
    read = both.queue(t.get("", inventory))
    both.sync()
    ((_, app),) = both.results(read)
    assert app
    version = both.queue(t.get("", f"{inventory}/{app}/Version"))
    again = both.queue(install(t.add, "2.0.0.0"))
    both.sync()
    assert both.results(version) == [("200", "1.0.0.0")]
    assert both.state(again) == "failed"
    assert ("418", None) in both.results(again)
    update = both.queue(install(t.replace, "2.0.0.0"))
    both.sync()
    lived(both, xap("2.0.0.0"), days=2)
    assert both.state(update) == "done"
    version = both.queue(t.get("", f"{inventory}/{app}/Version"))
    both.sync()
    assert both.results(version) == [("200", "2.0.0.0")]
    gone = both.queue(t.delete("", f"{inventory}/{app}"))
    after = both.queue(t.get("", f"{inventory}/{app}/Version"))
    both.sync()
    assert [code for code, _ in both.results(gone)] == ["200"]
    assert both.results(after) == [("404", None)]


@ets("WP-611", BOTH)
def test_a_package_that_is_none_fails(pair: MakePair) -> None:
    both = pair("wp8", has_hub=True)
    job = both.queue(install(t.add, "1.0.0.0"))
    lived(both, b"this is no package", days=2)
    assert both.state(job) == "failed"


@ets("WP-612", BOTH)
@pytest.mark.parametrize("profile", ["wp8", "wp81"])
def test_device_lock(pair: MakePair, profile: str) -> None:
    both = pair(profile)
    node = f"{DEVICE_LOCK}/Provider/MDMProxy"
    job = both.queue(
        t.add("", f"{node}/DevicePasswordEnabled", "0", "int")
        + t.add("", f"{node}/MinDevicePasswordLength", "6", "int")
        + t.get("", f"{DEVICE_LOCK}/DeviceValue/MinDevicePasswordLength")
    )
    both.sync()
    assert both.results(job) == [("200", None), ("200", None), ("200", "6")]


@ets("WP-613", BOTH)
def test_remote_lock(pair: MakePair) -> None:
    both = pair("wp81", pin="1234")
    lock = both.queue(t.execute("", f"{LOCK}/Lock"))
    reset = both.queue(
        t.sequence("", t.execute("", f"{LOCK}/LockAndResetPIN"), t.get("", f"{LOCK}/NewPINValue"))
    )
    both.sync()
    assert both.results(lock) == [("200", None)]
    codes = [code for code, _ in both.results(reset)]
    assert codes == ["200"] * 3
    assert both.results(reset)[2][1]


@ets("WP-614", BOTH)
def test_a_wipe(pair: MakePair) -> None:
    both = pair("wp8")
    job = both.queue(t.execute("", "./Vendor/MSFT/RemoteWipe/doWipe"))
    assert EventKind.WIPE in lived(both, days=1)
    assert both.state(job) == "done"
    before = len(both.requests)
    assert lived(both, days=30) == []
    assert len(both.requests) == before


@ets("WP-615", BOTH)
@pytest.mark.parametrize(("has_card", "code"), [(True, "200"), (False, "404")])
def test_storage(pair: MakePair, has_card: bool, code: str) -> None:
    both = pair("wp8", has_storage_card=has_card)
    job = both.queue(t.replace("", "./Vendor/MSFT/Storage/Disable", "True", "bool"))
    both.sync()
    assert both.results(job) == [(code, None)]


@ets("WP-616", BOTH)
@pytest.mark.parametrize(
    ("profile", "codes"), [("wp81", ["200"] * 3), ("wp8", ["507", "404", "215"])]
)
def test_a_policy_area(pair: MakePair, profile: str, codes: list[str]) -> None:
    both = pair(profile)
    uri = "./Vendor/MSFT/PolicyManager/My/WiFi"
    job = both.queue(
        t.atomic(
            "",
            t.add("", f"{uri}/AllowWiFi", "0", "int"),
            t.add("", f"{uri}/AllowInternetSharing", "0", "int"),
        )
    )
    both.sync()
    assert [code for code, _ in both.results(job)] == codes


@ets("DMC-502", BOTH)
@pytest.mark.parametrize("profile", ["wp8", "wp81", "win81", "win10"])
def test_dev_detail(pair: MakePair, profile: str) -> None:
    both = pair(profile)
    leaves = ("URI/MaxDepth", "DevTyp", "OEM", "FwV", "SwV", "HwV", "LrgObj")
    job = both.queue("".join(t.get("", f"./DevDetail/{leaf}") for leaf in leaves))
    both.sync()
    assert all(code == "200" and value for code, value in both.results(job))
