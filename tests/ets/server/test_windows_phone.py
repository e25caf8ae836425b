"""The Windows Phone profile on top (ets.md 8): provisioning, nonces over sessions, CSPs."""

from __future__ import annotations

from typing import Any

import pytest

from mdmcore.enrollment.provisioning_model import ApplicationParms
from mdmcore.records import AuthScheme
from mdmcore.server.settings import ProvisioningSettings
from tests.ets import text as t
from tests.ets.conftest import MakeBench
from tests.ets.device import PROFILES, Bench, Device, answer_with, queue, sent_commands
from tests.ets.server.test_messages import over_wbxml
from tests.support.ets import SERVER

ets = pytest.mark.ets

RETRY = "OmaDmRetry"
EAM = "./Vendor/MSFT/EnterpriseAppManagement/4000000001/EnterpriseApps"
PRODUCT = "%7B11111111-2222-3333-4444-555555555555%7D"
DOWNLOAD = f"{EAM}/Download/{PRODUCT}"
LOCK = "./Vendor/MSFT/RemoteLock"
DEVICE_LOCK = "./Vendor/MSFT/DeviceLock"


def parms(device: Device, branch: str) -> dict[str, str]:
    """The parms of the characteristic whose type ends with that text."""
    for element in device.document.iter("characteristic"):
        if (element.get("type") or "").endswith(branch):
            return {p.get("name", ""): p.get("value", "") for p in element.findall("parm")}
    return {}


def state(bench: Bench, job: int) -> str:
    (row,) = bench.rows("select state from queue where id = ?", job)
    return str(row["state"])


def results(bench: Bench, job: int) -> list[tuple[str, str, str | None]]:
    rows = bench.rows(
        "select uri, code, value from job_results where job = ? order by position", job
    )
    return [(row["uri"], row["code"], row["value"]) for row in rows]


@ets("WP-601", SERVER)
def test_the_document_makes_a_phone_come_at_once(device: Device) -> None:
    retry = parms(device, RETRY)
    assert int(retry["AuxRetryInterval"]) > 0
    assert int(retry["AuxNumRetries"]) > 0
    assert device.session()[0].header_code == "212"


@ets("WP-601", SERVER)
def test_the_first_session_may_come_in_the_very_second(device: Device) -> None:
    assert device.open().header_code == "212"


@ets("WP-602", SERVER)
@pytest.mark.parametrize("scheme", [AuthScheme.MD5, AuthScheme.BASIC])
@pytest.mark.parametrize("profile", PROFILES)
def test_both_entries_are_provisioned_and_client_is_digest(
    make_bench: MakeBench, scheme: AuthScheme, profile: str
) -> None:
    device = make_bench(appsrv_scheme=scheme).enroll(profile)
    assert set(device.account) == {"APPSRV", "CLIENT"}
    assert device.account["CLIENT"]["AAUTHTYPE"] == "DIGEST"
    expected = "DIGEST" if scheme is AuthScheme.MD5 else "BASIC"
    assert device.account["APPSRV"]["AAUTHTYPE"] == expected


@ets("WP-603", SERVER)
@pytest.mark.parametrize("provider_id", ["ExampleMDM", "Exämple MDM & Co"])
def test_the_servers_first_message_has_its_digest(make_bench: MakeBench, provider_id: str) -> None:
    device = make_bench(provider_id=provider_id).enroll()
    assert device.provider_id == provider_id
    answer = device.open()
    assert answer.header("Cred/Data") == device.server_digest()


@ets("WP-604", SERVER)
@pytest.mark.parametrize("profile", PROFILES)
def test_the_devices_credentials_get_212(bench: Bench, profile: str) -> None:
    assert bench.enroll(profile).open().header_code == "212"


@ets("WP-605", SERVER)
@pytest.mark.parametrize("profile", PROFILES)
def test_nonces_over_sessions_with_a_lost_answer(bench: Bench, profile: str) -> None:
    device = bench.enroll(profile)
    for number in range(1, 6):
        if number == 3:
            before = device.nonce
            device.open(session_id="30")  # its answer is lost
            device.nonce = before
        expected = device.server_digest()
        first = device.session(session_id=f"{number:X}")[0]
        assert first.header_code == "212", number
        assert first.header("Cred/Data") == expected


@ets("WP-605", SERVER)
def test_a_lost_answer_to_package_3(bench: Bench, device: Device) -> None:
    """The server stored the device's new nonce, although the device never saw the answer."""
    device.session(session_id="1")
    answer = device.open(session_id="2")
    device.reply(answer)
    assert device.session(session_id="3")[0].header("Cred/Data")
    expected = device.server_digest()
    assert device.session(session_id="4")[0].header("Cred/Data") == expected


@ets("WP-606", SERVER)
@pytest.mark.parametrize("profile", PROFILES)
def test_ent_dmid_is_set_from_the_start(bench: Bench, profile: str) -> None:
    device = bench.enroll(profile)
    assert parms(device, device.provider_id)["EntDMID"]


@ets("WP-610", SERVER)
def test_an_account_with_wbxml_speaks_it_throughout(make_bench: MakeBench) -> None:
    ordered = ProvisioningSettings(application=ApplicationParms(default_encoding=t.WBXML_TYPE))
    bench = make_bench(provisioning=ordered)
    device = bench.enroll()
    encodings = [p.get("value") for p in device.document.iter("parm")
                 if p.get("name") == "DEFAULTENCODING"]  # fmt: skip
    assert encodings == [t.WBXML_TYPE]
    job = queue(bench, device, t.get("", "./DevDetail/HwV"))
    spoken = over_wbxml(device)
    got = spoken.session(answer_with({}))
    assert len(got) > 1
    assert state(bench, job) == "done"
    spoken.session_id, spoken.msg_id = "9", 0
    assert spoken.say(t.package_1(spoken.device_id)).header_code == "407"


INSTALL = t.atomic(
    "",
    t.add("", f"{DOWNLOAD}/Name", "Example"),
    t.add("", f"{DOWNLOAD}/URL", "https://mdm.example.test/apps/example.xap"),
    t.add("", f"{DOWNLOAD}/Version", "1.0.0.0"),
    t.add("", f"{DOWNLOAD}/DownloadInstall", "0", "int"),
    t.execute("", f"{DOWNLOAD}/DownloadInstall", "0", "int"),
)


@ets("WP-611", SERVER)
@pytest.mark.parametrize(
    ("statuses", "end"),
    [(("1", "2", "3", "4", "5"), "done"), (("2", "7"), "failed"), (("4", "6"), "failed")],
)
def test_an_install_is_followed_to_its_end(
    bench: Bench, device: Device, statuses: tuple[str, ...], end: str
) -> None:
    job = queue(bench, device, INSTALL)
    device.session(answer_with({}), session_id="1")
    assert state(bench, job) == "running"
    for number, value in enumerate(statuses, start=2):
        assert state(bench, job) == "running"
        bench.clock.advance(hours=1)
        told = {f"{DOWNLOAD}/Status": value, f"{DOWNLOAD}/LastError": "0"}
        device.session(answer_with({}, told), session_id=f"{number:X}")
    assert sent_commands(device.log, "Get", f"{DOWNLOAD}/Status") >= len(statuses)
    assert sent_commands(device.log, "Exec", f"{DOWNLOAD}/DownloadInstall") == 1
    assert state(bench, job) == end


@ets("WP-611", SERVER)
def test_an_install_over_an_old_download_gets_418(bench: Bench, device: Device) -> None:
    told = {f"{DOWNLOAD}/Name": "418", "Add": "215", "Exec": "215", "Atomic": "507"}
    job = queue(bench, device, INSTALL)
    device.session(answer_with(told))
    assert state(bench, job) == "failed"
    (row,) = bench.rows("select outcome from queue")
    assert "418" in row["outcome"]
    update = INSTALL.replace("<Add>", "<Replace>").replace("</Add>", "</Replace>")
    again = queue(bench, device, update)
    device.session(answer_with({}), session_id="2")
    assert state(bench, again) == "running"


@ets("WP-611", SERVER)
def test_an_app_is_removed_by_delete(bench: Bench, device: Device) -> None:
    uri = f"{EAM}/Inventory/{PRODUCT}"
    job = queue(bench, device, t.delete("", uri))
    device.session(answer_with({}))
    assert state(bench, job) in {"done", "running"}
    assert results(bench, job) == [(uri, "200", None)]


@ets("WP-612", SERVER)
def test_device_lock_values_are_written_and_read(bench: Bench, device: Device) -> None:
    node = f"{DEVICE_LOCK}/Provider/MDMProxy"
    value = f"{DEVICE_LOCK}/DeviceValue/MinDevicePasswordLength"
    commands = (
        t.add("", f"{node}/DevicePasswordEnabled", "0", "int")
        + t.add("", f"{node}/MinDevicePasswordLength", "6", "int")
        + t.get("", value)
    )
    job = queue(bench, device, commands)
    device.session(answer_with({}, {value: "8"}))
    assert state(bench, job) == "done"
    assert results(bench, job)[-1] == (value, "200", "8")


@ets("WP-613", SERVER)
@pytest.mark.parametrize(("code", "end"), [("200", "done"), ("405", "failed")])
def test_remote_lock(bench: Bench, code: str, end: str) -> None:
    device = bench.enroll("wp81")
    job = queue(bench, device, t.execute("", f"{LOCK}/Lock"))
    device.session(answer_with({f"{LOCK}/Lock": code}))
    assert state(bench, job) == end


@ets("WP-613", SERVER)
def test_a_new_pin_comes_back_in_the_same_sequence(bench: Bench) -> None:
    device = bench.enroll("wp81")
    both = t.execute("", f"{LOCK}/LockAndResetPIN") + t.get("", f"{LOCK}/NewPINValue")
    job = queue(bench, device, t.sequence("", both))
    device.session(answer_with({}, {f"{LOCK}/NewPINValue": "1234"}))
    assert state(bench, job) == "done"
    assert results(bench, job)[-1] == (f"{LOCK}/NewPINValue", "200", "1234")
    sent = [e for one in device.log for e in one.commands if t.local(e) == "Sequence"]
    assert [[t.local(c) for c in e][1:] for e in sent] == [["Exec", "Get"]]


@ets("WP-614", SERVER)
def test_a_wiped_device_falls_silent(bench: Bench, device: Device) -> None:
    uri = "./Vendor/MSFT/RemoteWipe/doWipe"
    job = queue(bench, device, t.execute("", uri))
    got = device.session(answer_with({}))
    assert got[-1].is_final
    assert state(bench, job) == "done"
    bench.clock.advance(days=10)
    bench.restart()
    assert state(bench, job) == "done"
    again = bench.enroll()  # it comes back as new
    assert again.open(session_id="5").header_code == "212"
    assert sent_commands(again.log, "Exec", uri) == 0


@ets("WP-615", SERVER)
@pytest.mark.parametrize(
    ("value", "code", "end"),
    [("True", "200", "done"), ("False", "200", "done"), ("True", "404", "failed")],
)
def test_storage(bench: Bench, device: Device, value: str, code: str, end: str) -> None:
    uri = "./Vendor/MSFT/Storage/Disable"
    job = queue(bench, device, t.replace("", uri, value, "bool"))
    device.session(answer_with({uri: code}))
    assert state(bench, job) == end
    (sent,) = [e for one in device.log if (e := one.find("Replace", uri)) is not None]
    assert t.text(sent, "Item/Data") == value


def area(*codes: str) -> tuple[str, dict[str, str]]:
    """Two policies of an area in one Atomic, and codes for Atomic and policies."""
    uris = [f"./Vendor/MSFT/PolicyManager/My/WiFi/{name}" for name in ("AllowWiFi", "AllowX")]
    body = t.atomic("", *(t.add("", uri, "0", "int") for uri in uris))
    return body, dict(zip(("Atomic", *uris), codes, strict=True))


@ets("WP-616", SERVER)
@pytest.mark.parametrize(
    ("profile", "codes", "end"),
    [
        ("wp81", ("200", "200", "200"), "done"),
        ("wp8", ("507", "404", "215"), "failed"),
    ],
)
def test_a_policy_area(bench: Bench, profile: str, codes: tuple[str, ...], end: str) -> None:
    device = bench.enroll(profile)
    body, told = area(*codes)
    job = queue(bench, device, body)
    device.session(answer_with(told))
    assert state(bench, job) == end
    assert [code for _, code, _ in results(bench, job)] == list(codes)


@ets("WP-617", SERVER)
@pytest.mark.parametrize("session_id", ["0", "1A", "FFFF", "00"])
@pytest.mark.parametrize("profile", PROFILES)
def test_session_ids_are_echoed(bench: Bench, profile: str, session_id: str) -> None:
    device = bench.enroll(profile)
    got: list[Any] = device.session(session_id=session_id)
    assert {answer.header("SessionID") for answer in got} == {session_id}
