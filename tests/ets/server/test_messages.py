"""Messages: XML, WBXML, versions and the four kinds of ids (ets.md 2), by a raw device."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from tests.ets import text as t
from tests.ets import wbxml
from tests.ets.conftest import MakeBench
from tests.ets.device import DEVICE_ID, DM_URL, PROFILES, Bench, Device, answer_with, queue
from tests.ets.text import Message
from tests.support.ets import SERVER

ets = pytest.mark.ets

HEADER = "VerDTD VerProto SessionID MsgID Target Source RespURI NoResp Cred Meta"
ORDER = {
    "SyncML": "SyncHdr SyncBody",
    "SyncHdr": HEADER,
    "Status": "CmdID MsgRef CmdRef Cmd TargetRef SourceRef Cred Chal Data Item",
    "Alert": "CmdID NoResp Cred Data Correlator Item",
    **dict.fromkeys(("Add", "Replace", "Delete", "Copy", "Get"), "CmdID NoResp Cred Meta Item"),
    "Exec": "CmdID NoResp Cred Meta Correlator Item",
    "Item": "Target Source SourceParent TargetParent Meta Data MoreData",
    "Chal": "Meta",
    "Cred": "Meta Data",
    "Target": "LocURI LocName",
    "Source": "LocURI LocName",
}
"""The order of children by the DTD (session.md 1.1, 2)."""
JOB = (
    t.add("", "./Vendor/MSFT/DMClient/Provider/MDMProxy/EntDMID", "D-1")
    + t.sequence("", t.get("", "./DevDetail/HwV"), t.get("", "./DevDetail/FwV"))
    + t.delete("", "./Vendor/MSFT/DMClient/Provider/MDMProxy/HelpPhoneNumber")
    + t.execute("", "./Vendor/MSFT/RemoteLock/Lock", "", "null")
)


def assert_order(message: Message) -> None:
    """Every element's children stand in the DTD's order, CmdID first in containers, Final last."""
    for element in message.root.iter():
        names = [t.local(child) for child in element]
        order = ORDER.get(t.local(element))
        if order is not None:
            places = [order.split().index(name) for name in names]
            assert places == sorted(places), f"{t.local(element)}: {names}"
        if t.local(element) in {"Atomic", "Sequence"}:
            assert names[0] == "CmdID"
        if "Final" in names:
            assert names[-1] == "Final"


@ets("DMX-001", SERVER)
@pytest.mark.parametrize("profile", PROFILES)
def test_every_answer_is_in_the_namespace_and_order_of_the_dtd(bench: Bench, profile: str) -> None:
    device = bench.enroll(profile)
    queue(bench, device, JOB)
    got = device.session()
    assert any(one.find("Exec", "./Vendor/MSFT/RemoteLock/Lock") is not None for one in got)
    for answer in got:
        assert answer.root.tag == "{SYNCML:SYNCML1.2}SyncML"
        namespaces = {element.tag.partition("}")[0] for element in answer.root.iter()}
        assert namespaces <= {"{SYNCML:SYNCML1.2", "{syncml:metinf"}
        assert_order(answer)


@ets("DMX-001", SERVER)
def test_a_declaration_blanks_and_prefixes_are_read(device: Device) -> None:
    device.msg_id = 1
    plain = device.text(t.package_1(DEVICE_ID), cred=device.cred(), name=device.name).decode()
    root = ET.fromstring(plain)
    ET.indent(root)
    prefixed = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    assert prefixed.startswith(b"<?xml")
    assert b"<ns0:SyncML" in prefixed
    answer = device.read(device.bench.post(prefixed))
    assert answer.header_code == "212"


@ets("DMX-002", SERVER)
@pytest.mark.parametrize(
    "content_type",
    [t.XML_TYPE, f"{t.XML_TYPE}; charset=utf-8", "Application/VND.syncml.dm+xml"],
)
def test_xml_is_answered_with_its_media_type(device: Device, content_type: str) -> None:
    device.msg_id = 1
    body = device.text(t.package_1(DEVICE_ID), cred=device.cred(), name=device.name)
    answer = device.bench.post(body, content_type)
    assert answer.status == 200
    assert answer.media_type == t.XML_TYPE
    assert Message(answer.body or b"").header_code == "212"


class WbxmlDevice(Device):
    """A device whose messages go out, and come back, as WBXML."""

    form = (3, wbxml.NUMERIC)

    def say(self, body: str, **header: object) -> Message:
        self.msg_id += 1
        version, public_id = self.form
        xml = self.text(body, **header)
        answer = self.bench.post(
            wbxml.encode(xml, version=version, public_id=public_id), t.WBXML_TYPE
        )
        assert answer.status == 200
        assert answer.media_type == t.WBXML_TYPE
        data = answer.body or b""
        assert answer.headers.get("Content-Length") == str(len(data))
        assert data[0] == version, "the answer copies the request's version"
        assert data[1 : 1 + len(public_id)] == public_id, "and its public id"
        message = Message(wbxml.decode(data))
        self.log.append(message)
        return message


def over_wbxml(device: Device, form: tuple[int, bytes] = WbxmlDevice.form) -> WbxmlDevice:
    made = WbxmlDevice(device.bench, device.profile, device.document)
    made.form = form
    return made


@ets("DMX-003", SERVER)
def test_the_same_exchange_over_wbxml_has_the_same_result(make_bench: MakeBench) -> None:
    uri = "./Vendor/MSFT/DeviceLock/DeviceValue/MinDevicePasswordLength"
    seen = []
    for is_wbxml in (False, True):
        bench = make_bench()
        device: Device = bench.enroll()
        queue(bench, device, t.get("", uri))
        if is_wbxml:
            device = over_wbxml(device)
        got = device.session(answer_with({}, {uri: "6 &amp; &lt;more>"}))
        seen.append(
            (
                [ET.canonicalize(one.data.decode(), rewrite_prefixes=True) for one in got],
                bench.rows("select uri, value, format from inventory order by uri"),
                bench.rows("select position, command, uri, code, value from job_results"),
                bench.rows("select state, outcome from queue"),
                bench.rows("select nonce_c2s, nonce_s2c from accounts"),
            )
        )
    assert [len(part) for part in seen[0]] == [len(part) for part in seen[1]]
    assert seen[0] == seen[1]
    assert seen[0][3][0]["state"] == "done"


FORMS = [
    (version, public_id) for version in (1, 2, 3) for public_id in (wbxml.NUMERIC, wbxml.TABLE)
]


@ets("DMX-004", SERVER)
@pytest.mark.parametrize(("version", "public_id"), FORMS)
def test_wbxml_versions_and_public_ids(device: Device, version: int, public_id: bytes) -> None:
    got = over_wbxml(device, (version, public_id)).session()
    assert got[0].header_code == "212"
    assert got[-1].is_final


@ets("DMX-005", SERVER)
@pytest.mark.parametrize("profile", PROFILES)
def test_every_answer_names_version_1_2(bench: Bench, profile: str) -> None:
    device = bench.enroll(profile)
    refused = device.open(cred="")
    for answer in (refused, *device.session(session_id="2")):
        assert (answer.header("VerDTD"), answer.header("VerProto")) == ("1.2", "DM/1.2")


@ets("DMX-006", SERVER)
@pytest.mark.parametrize("session_id", ["0", "FF", "1A2B", "0001", "ab", "65535"])
def test_the_session_id_is_echoed_as_text(device: Device, session_id: str) -> None:
    got = device.session(session_id=session_id)
    assert len(got) > 1
    assert {answer.header("SessionID") for answer in got} == {session_id}


@ets("DMX-006", SERVER)
def test_session_ids_that_are_the_same_number_are_two_sessions(device: Device) -> None:
    device.open(session_id="1")
    answer = device.open(session_id="01", cred="")
    assert answer.header_code == "407"


@ets("DMX-007", SERVER)
@pytest.mark.parametrize(
    ("profile", "first"), [("wp8", 2), ("wp81", 2), ("win81", 1), ("win10", 1)]
)
def test_the_servers_message_ids_by_profile(bench: Bench, profile: str, first: int) -> None:
    device = bench.enroll(profile)
    for number in range(3):
        queue(bench, device, t.get("", f"./Vendor/MSFT/Node/{number}"))
    got = device.session()
    assert len(got) > 1
    assert [answer.msg_id for answer in got] == [str(first + n) for n in range(len(got))]


@ets("DMX-007", SERVER)
def test_each_status_names_the_devices_message(device: Device) -> None:
    got = device.session()
    for number, answer in enumerate(got, start=1):
        assert {one.msg_ref for one in answer.statuses} == {str(number)}


@ets("DMX-008", SERVER)
def test_the_servers_command_ids_are_unique_and_never_0(bench: Bench, device: Device) -> None:
    queue(bench, device, JOB)
    for answer in device.session():
        ids = [element.text for element in answer.root.iter("{SYNCML:SYNCML1.2}CmdID")]
        assert len(ids) == len(set(ids))
        assert "0" not in ids
        assert all(ids)


@ets("DMX-008", SERVER)
def test_command_ids_of_any_text_are_answered(device: Device) -> None:
    device.msg_id = 0
    body = (
        t.alert("144-1", "1201")
        + t.dev_info("5D9A6B2C-0F42-4E08-9C56-1B2D6B8F3A11", DEVICE_ID)
        + t.generic("x", "com.example/unknown")
    )
    answer = device.say(body, cred=device.cred(), name=device.name)
    assert [one.cmd_ref for one in answer.statuses] == [
        "0",
        "144-1",
        "5D9A6B2C-0F42-4E08-9C56-1B2D6B8F3A11",
        "x",
    ]


@ets("DMX-005", SERVER)
def test_another_version_is_refused_as_such(device: Device) -> None:
    device.msg_id = 1
    body = device.text(t.package_1(DEVICE_ID), ver_dtd="1.9", ver_proto="DM/1.9")
    answer = device.bench.post(body, url=DM_URL)
    assert answer.status == 200
    assert Message(answer.body or b"").header_code in {"505", "513"}
