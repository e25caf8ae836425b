"""Standard objects as the server meets them (ets.md 7)."""

from __future__ import annotations

from base64 import b64decode

import pytest

from tests.ets import text as t
from tests.ets.device import Bench, Device, answer_with, queue
from tests.support.ets import SERVER

ets = pytest.mark.ets

DEV_DETAIL = {
    "./DevDetail/URI/MaxDepth": "0",
    "./DevDetail/URI/MaxTotLen": "0",
    "./DevDetail/URI/MaxSegLen": "0",
    "./DevDetail/DevTyp": "WindowsPhone",
    "./DevDetail/OEM": "NOKIA",
    "./DevDetail/FwV": "1232.2109.1242.1001",
    "./DevDetail/SwV": "8.0.10211.0",
    "./DevDetail/HwV": "1.0.0.0",
    "./DevDetail/LrgObj": "false",
}


@ets("DMC-502", SERVER)
def test_every_node_of_dev_detail_is_read_and_kept(bench: Bench, device: Device) -> None:
    job = queue(bench, device, "".join(t.get("", uri) for uri in DEV_DETAIL))
    device.session(answer_with({}, DEV_DETAIL))
    rows = bench.rows("select uri, value from job_results where job = ?", job)
    assert {row["uri"]: row["value"] for row in rows} == DEV_DETAIL
    kept = bench.rows("select uri, value from inventory")
    assert DEV_DETAIL["./DevDetail/SwV"] in [
        row["value"] for row in kept if row["uri"].endswith("DevDetail/SwV")
    ]


@ets("DMS-504", SERVER)
def test_appsrv_is_the_devices_and_client_the_servers(device: Device) -> None:
    assert set(device.account) == {"APPSRV", "CLIENT"}
    for entry in device.account.values():
        assert entry["AAUTHSECRET"]
        assert len(b64decode(entry["AAUTHDATA"], validate=True)) >= 8
    client = device.account["CLIENT"]
    answer = device.open()
    assert answer.header_code == "212"
    nonce = b64decode(client["AAUTHDATA"])
    expected = t.digest(device.provider_id, client["AAUTHSECRET"], nonce)
    assert answer.header("Cred/Data") == expected


@ets("DMS-504", SERVER)
def test_the_servers_credentials_do_not_open_a_session(device: Device) -> None:
    client = device.account["CLIENT"]
    nonce = b64decode(client["AAUTHDATA"])
    for name in (device.name, device.provider_id):
        cred = t.md5_cred(name, client["AAUTHSECRET"], nonce)
        assert device.open(cred=cred, session_id=name[:4]).header_code == "401"
