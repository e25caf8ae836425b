"""What a device may say: a Status for each command and item, and which one."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from tests.server.dm_device import NS, statuses
from tests.server.session.conftest import Bench, source
from tests.support import messages as m
from tests.support.dm_talker import names


def said(bench: Bench, more: str) -> list[tuple[str, str, str]]:
    """(CmdRef, Cmd, Data) for what stands behind package 1."""
    answer = ET.fromstring(bench.post(bench.talker().open(more)))
    return [(reference, name, code) for _, reference, name, code in statuses(answer)[3:]]


def alert(code: str, *items: str, cmd_id: str = "9", inside: str = "") -> str:
    number = f"<CmdID>{cmd_id}</CmdID>" if cmd_id else ""
    return f"<Alert>{number}{inside}<Data>{code}</Data>{''.join(items)}</Alert>"


def typed(type: str, data: str = "1", uri: str = "") -> str:
    kind = f'<Type xmlns="syncml:metinf">{type}</Type>' if type else ""
    return source(uri or "./x", data, f"<Meta>{kind}</Meta>")


APP = "Reversed-Domain-Name:com.microsoft.mdm.win32csp_install"
CRED = "<Cred><Meta/><Data>x</Data></Cred>"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (alert("1200"), "200"),
        (alert("1222"), "200"),
        (alert("1225"), "200"),
        (alert("1100"), "406"),
        (alert("1300"), "406"),
        (alert(""), "406"),
        (alert("1224", typed("com.microsoft/MDM/LoginStatus", "user")), "200"),
        (alert("1224", typed("com.microsoft/MDM/AADUserToken")), "200"),
        (alert("1224", typed("org.example/other")), "406"),
        (alert("1224"), "412"),
        (alert("1226", typed(APP)), "200"),
        (alert("1226", typed("com.example.other")), "415"),
        (alert("1226", typed("")), "412"),
        (alert("1226", typed(APP), inside="<Correlator>c</Correlator>"), "200"),
        (alert("1226", typed(APP), inside=CRED), "400"),
        (alert("1201", inside=CRED), "400"),
        ("<Replace><CmdID>9</CmdID></Replace>", "412"),
        (f"<Replace><CmdID>9</CmdID>{CRED}{source('./DevInfo/Lang', 'de')}</Replace>", "400"),
        (f"<Replace><CmdID>9</CmdID>{source('./Other', 'de')}</Replace>", "405"),
        ("<Get><CmdID>9</CmdID></Get>", "405"),
        ("<Exec><CmdID>9</CmdID></Exec>", "405"),
        ("<Copy><CmdID>9</CmdID></Copy>", "405"),
        ("<Delete><CmdID>9</CmdID></Delete>", "405"),
        ("<Map><CmdID>9</CmdID></Map>", "406"),
        ("<Anything><CmdID>9</CmdID></Anything>", "406"),
    ],
)
def test_each_command_gets_its_status(bench: Bench, more: str, code: str) -> None:
    assert [(ref, data) for ref, _, data in said(bench, more)] == [("9", code)]


@pytest.mark.parametrize("name", ["Add", "Get", "Atomic", "Sequence", "Alert", "Replace"])
def test_a_command_without_an_id_is_refused_without_a_reference(bench: Bench, name: str) -> None:
    assert said(bench, f"<{name}/>")[0] == ("", name, "400")


def test_commands_in_containers_are_refused_one_by_one(bench: Bench) -> None:
    inner = "<Atomic><CmdID>7</CmdID><Get/></Atomic>"
    more = (
        f"<Sequence><CmdID>5</CmdID><Add><CmdID>6</CmdID></Add>{inner}{alert('1201', cmd_id='8')}"
        "</Sequence><Get><CmdID>9</CmdID></Get>"
    )
    assert said(bench, more) == [
        ("5", "Sequence", "406"),
        ("6", "Add", "405"),
        ("7", "Atomic", "406"),
        ("", "Get", "400"),
        ("8", "Alert", "406"),
        ("9", "Get", "405"),
    ]


def test_items_that_differ_get_a_status_each(bench: Bench) -> None:
    items = typed(APP, uri="./one"), typed("com.example.other", uri="./two")
    answer = ET.fromstring(bench.post(bench.talker().open(alert("1226", *items))))
    found = [
        (each.findtext("s:SourceRef", "", NS), each.findtext("s:Data", "", NS))
        for each in answer.findall(".//s:Status", NS)[3:]
    ]
    assert found == [("./one", "200"), ("./two", "415")]


def test_items_that_agree_get_one_status(bench: Bench) -> None:
    assert said(bench, alert("1226", typed(APP), typed(APP))) == [("9", "Alert", "200")]


def test_no_status_where_none_is_wanted(bench: Bench) -> None:
    assert said(bench, alert("1100", inside="<NoResp/>")) == []
    assert said(bench, "<Get><CmdID>9</CmdID><NoResp/></Get>") == []


def test_no_status_but_the_headers_where_the_message_wants_none(bench: Bench) -> None:
    message = bench.talker().open().replace(b"<Cred>", b"<NoResp/><Cred>")
    answer = ET.fromstring(bench.post(message))
    assert [name for _, _, name, _ in statuses(answer)] == ["SyncHdr"]


def test_what_is_refused_is_not_kept(bench: Bench) -> None:
    said(bench, f"<Replace><CmdID>9</CmdID>{source('./Vendor/X', 'y')}</Replace>")
    assert "./Vendor/X" not in bench.store.inventory(m.DEVICE_ID)


def test_a_device_that_waits_for_its_user_is_waited_for(bench: Bench) -> None:
    pending = alert("1224", typed("com.microsoft.mdm.requestpending"))
    talker = bench.talker()
    answer = ET.fromstring(bench.post(talker.open(pending, is_final=False)))
    for _ in range(3):
        assert names(answer) == ["Alert 1222"]
        assert statuses(answer)[-1][3] == "200"
        answer = ET.fromstring(bench.post(talker.message(pending, is_final=False)))
    answer = ET.fromstring(bench.post(talker.message("")))
    assert "Alert 1222" not in names(answer)
    assert names(answer)[-1] == "Final"
