"""Rules on the server's SyncHdr and on the order of elements."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdmcore.inspector import ArtifactSettings, inspect_artifact
from mdmcore.namespaces import SYNCML_11
from mdmcore.rules import Finding
from mdmcore.syncml.model import Command, Container, Item, Meta, SyncHdr, SyncML
from mdmcore.syncml.wbxml import encode_wbxml
from mdmcore.syncml.xml import serialize_syncml
from tests.support.story import (
    DEVICE_ID,
    DM_URL,
    NOW,
    Story,
    answer,
    device_cred,
    package1,
    rules_of,
)

FIRST = package1(cred=device_cred())
RIGHT = answer("1", "212")
REPLACE = Command(
    name="Replace",
    cmd_id="6",
    items=(Item(target="./X", meta=Meta(format="chr", type="text/plain"), data="a"),),
)
ATOMIC = Container(name="Atomic", cmd_id="7", commands=(REPLACE,))
BUILT = answer("1", "212", "1", ATOMIC)


def enrolled() -> Story:
    return Story("win10").enrolled()


def judged(said: SyncML | bytes, asked: SyncML = FIRST) -> tuple[Finding, ...]:
    return enrolled().sync(asked, said).findings


def with_header(message: SyncML, **changes: object) -> SyncML:
    header: SyncHdr = replace(message.header, **changes)  # type: ignore[arg-type]
    return replace(message, header=header)


def loose(data: bytes) -> set[str]:
    settings = ArtifactSettings(profile="win10", now=NOW)
    (report,) = inspect_artifact(data, name="loose", settings=settings)
    return rules_of(report.findings)


def check(found: tuple[Finding, ...], rule: str, severity: str, xpath: str, evidence: str) -> None:
    (one,) = found
    assert (one.rule, one.severity) == (rule, severity)
    assert one.places[0].where == {"part": "response", "xpath": xpath}
    assert one.places[0].evidence == evidence


def test_a_right_header() -> None:
    assert judged(RIGHT) == ()


# --- version-mismatch


def old(message: SyncML) -> SyncML:
    changed = with_header(message, ver_dtd="1.1", ver_proto="DM/1.1")
    return replace(changed, namespace=SYNCML_11)


@pytest.mark.parametrize(
    ("changes", "element", "evidence"),
    [
        ({"ver_dtd": "1.1"}, "VerDTD", "1.1"),
        ({"ver_proto": "DM/1.1"}, "VerProto", "DM/1.1"),
        ({"ver_proto": "SyncML/1.2"}, "VerProto", "SyncML/1.2"),
    ],
)
def test_one_version_is_another(changes: dict[str, str], element: str, evidence: str) -> None:
    wrong = with_header(RIGHT, **changes)
    place = f"/SyncML/SyncHdr/{element}"
    check(judged(wrong), "version-mismatch", "error", place, evidence)
    assert loose(serialize_syncml(wrong)) == {"version-mismatch"}
    assert loose(encode_wbxml(wrong)) == {"version-mismatch"}


def test_the_namespace_of_another_version() -> None:
    wrong = serialize_syncml(RIGHT).replace(b"SYNCML:SYNCML1.2", b"SYNCML:SYNCML1.1")
    check(judged(wrong), "version-mismatch", "error", "/SyncML", SYNCML_11)


def test_both_in_the_old_version() -> None:
    assert "version-mismatch" not in rules_of(judged(old(RIGHT), old(FIRST)))
    assert loose(serialize_syncml(old(RIGHT))) == set()


def test_another_version_than_the_devices() -> None:
    (found,) = (f for f in judged(RIGHT, old(FIRST)) if f.rule == "version-mismatch")
    assert found.count == 3


def test_a_version_may_be_refused() -> None:
    refused = answer("1", "513")
    assert "version-mismatch" not in rules_of(judged(refused, old(FIRST)))


# --- sessionid-not-echoed


@pytest.mark.parametrize(("asked", "said"), [("1A", "1a"), ("01", "1"), ("1", "2")])
def test_another_session_id(asked: str, said: str) -> None:
    first = package1(session_id=asked, cred=device_cred())
    assert judged(answer("1", "212", session_id=asked), first) == ()
    place = "/SyncML/SyncHdr/SessionID"
    found = judged(answer("1", "212", session_id=said), first)
    check(found, "sessionid-not-echoed", "error", place, said)


# --- target-source-swapped


def test_the_header_is_copied_unchanged() -> None:
    copied = with_header(RIGHT, target=DM_URL, source=DEVICE_ID)
    place = "/SyncML/SyncHdr/Target/LocURI"
    check(judged(copied), "target-source-swapped", "error", place, DM_URL)


def test_the_source_is_the_device() -> None:
    wrong = with_header(RIGHT, source=DEVICE_ID)
    place = "/SyncML/SyncHdr/Source/LocURI"
    check(judged(wrong), "target-source-swapped", "error", place, DEVICE_ID)


def test_the_server_may_call_itself_otherwise() -> None:
    assert judged(with_header(RIGHT, source="https://other.test/dm")) == ()
    assert judged(with_header(RIGHT, target=DEVICE_ID.lower())) == ()


# --- synchdr-meta-ignored


@pytest.mark.parametrize(
    ("name", "field"), [("MaxMsgSize", "max_msg_size"), ("MaxObjSize", "max_obj_size")]
)
def test_limits_in_the_servers_header(name: str, field: str) -> None:
    meta = Meta(**{field: "5000"})  # type: ignore[arg-type]
    said = with_header(RIGHT, meta=meta)
    check(judged(said), "synchdr-meta-ignored", "info", f"/SyncML/SyncHdr/Meta/{name}", "5000")
    asked = with_header(FIRST, meta=meta)
    assert judged(RIGHT, asked) == ()


# --- element-order


def test_elements_in_their_order() -> None:
    assert judged(BUILT) == ()
    assert loose(serialize_syncml(BUILT)) == loose(encode_wbxml(BUILT)) == set()


@pytest.mark.parametrize(
    ("right", "wrong", "xpath"),
    [
        (
            b"<SessionID>1</SessionID><MsgID>1</MsgID>",
            b"<MsgID>1</MsgID><SessionID>1</SessionID>",
            "/SyncML/SyncHdr/SessionID",
        ),
        (
            b"<MsgRef>1</MsgRef><CmdRef>0</CmdRef>",
            b"<CmdRef>0</CmdRef><MsgRef>1</MsgRef>",
            "/SyncML/SyncBody/Status/MsgRef",
        ),
        (
            b"<Atomic><CmdID>7</CmdID><Replace>",
            b"<Atomic><Replace>",
            "/SyncML/SyncBody/Atomic/CmdID",
        ),
        (
            b"<Data>a</Data></Item>",
            b"</Item>",
            "/SyncML/SyncBody/Atomic/Replace/Item/Target",
        ),
        (b"<SyncBody>", b"<SyncBody><Final/>", "/SyncML/SyncBody/Status"),
    ],
)
def test_elements_out_of_order(right: bytes, wrong: bytes, xpath: str) -> None:
    text = serialize_syncml(BUILT)
    assert right in text
    text = text.replace(right, wrong)
    if b"<Atomic><Replace>" in text:
        text = text.replace(b"</Atomic>", b"<CmdID>7</CmdID></Atomic>")
    if b"<Data>a</Data>" not in text:
        text = text.replace(b"<Item>", b"<Item><Data>a</Data>")
    if b"<SyncBody><Final/>" in text:
        text = text.replace(b"<Final/></SyncBody>", b"</SyncBody>")
    found = judged(text)
    (one,) = found
    assert (one.rule, one.severity) == ("element-order", "warning")
    where = one.places[0].where
    assert where["part"] == "response"
    assert where["xpath"].replace("[1]", "") == xpath
    assert one.places[0].evidence == xpath.rpartition("/")[2]


def test_the_children_of_meta_have_no_order() -> None:
    data = (
        b'<Format xmlns="syncml:metinf">chr</Format><Type xmlns="syncml:metinf">text/plain</Type>'
    )
    text = serialize_syncml(BUILT)
    assert data in text
    swapped = b"".join(reversed([data[: data.index(b"<Type")], data[data.index(b"<Type") :]]))
    assert judged(text.replace(data, swapped)) == ()


def test_what_the_dtd_does_not_know_is_passed_over() -> None:
    text = serialize_syncml(BUILT)
    assert judged(text.replace(b"<Target><LocURI>./X", b"<New/><Target><LocURI>./X")) == ()


def test_a_devices_order_is_its_own() -> None:
    text = serialize_syncml(FIRST)
    wrong = text.replace(b"<CmdID>2</CmdID><Data>1201</Data>", b"<Data>1201</Data><CmdID>2</CmdID>")
    assert wrong != text
    assert loose(wrong) == set()
