"""Rules on the frame of messages and sessions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdmcore.syncml.model import Command, Item, Meta, SyncML
from mdmcore.syncml.xml import serialize_syncml
from tests.support.story import (
    DM_URL,
    GET,
    HOST,
    Story,
    answer,
    device_cred,
    header_status,
    package,
    package1,
    rules_of,
)

FIRST = package1(cred=device_cred())
TYPED = Command(
    name="Replace",
    cmd_id="6",
    items=(Item(target="./Vendor/MSFT/X", meta=Meta(format="chr", type="text/plain"), data="a"),),
)


def enrolled(profile: str = "win10") -> Story:
    return Story(profile).enrolled()


# --- xml-not-wellformed


def test_wellformed_messages_have_no_finding() -> None:
    assert enrolled().sync(FIRST, answer("1", "212")).findings == ()


def test_an_answer_that_is_not_wellformed() -> None:
    broken = serialize_syncml(answer("1", "212")).replace(b"</SyncBody>", b"")
    found = enrolled().sync(FIRST, broken)
    assert rules_of(found.findings) == {"xml-not-wellformed"}
    place = found.findings[0].places[0]
    assert place.where["part"] == "response"
    at = int(place.where["offset"])
    assert b"</SyncML>" in broken[at - 12 : at + 12]


def test_a_devices_broken_request_counts_too() -> None:
    found = Story().discover(request=b"<s:Envelope><s:Body></s:Envelope>")
    assert rules_of(found.findings) == {"xml-not-wellformed"}
    assert found.findings[0].places[0].where["part"] == "request"
    assert found.kind == "discover"


def test_what_is_no_xml_at_all_is_told_as_well() -> None:
    found = Story().discover(request=b"this is no XML")
    assert rules_of(found.findings) == {"xml-not-wellformed"}
    assert "nothing of it could be read" in found.findings[0].message
    assert "cannot be read" in found.summary


def test_evidence_is_the_tag_and_never_the_text_beside_it() -> None:
    request = (
        b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>'
        b"<Password>top & secret</Password></s:Body></s:Envelope>"
    )
    found = Story().discover(request=request)
    assert rules_of(found.findings) == {"xml-not-wellformed"}
    assert "secret" not in found.findings[0].places[0].evidence
    tag = Story().discover(
        request=request.replace(b"&", b"and").replace(b"<s:Body>", b"<s:Body a>")
    )
    assert tag.findings[0].places[0].evidence == "<s:Body a>"


def test_other_traffic_is_not_judged() -> None:
    found = Story().post(f"{HOST}/page", b"<p>a<br>b", b"<p>", media_type="text/html")
    assert (found.kind, found.findings) == ("other", ())


# --- wrong-namespace


def test_each_child_of_meta_in_its_namespace() -> None:
    assert enrolled().sync(FIRST, answer("1", "212", "1", TYPED)).findings == ()


def test_a_child_of_meta_outside_metinf() -> None:
    right = serialize_syncml(answer("1", "212", "1", TYPED))
    wrong = right.replace(b'<Type xmlns="syncml:metinf">text', b"<Type>text")
    assert wrong != right
    found = enrolled().sync(FIRST, wrong)
    assert rules_of(found.findings) == {"wrong-namespace"}
    assert found.findings[0].places[0].where["xpath"].endswith("/Meta/Type")


def test_the_misprint_of_the_documents() -> None:
    right = serialize_syncml(answer("1", "212", "1", TYPED))
    found = enrolled().sync(FIRST, right.replace(b"syncml:metinf", b"syncml:metinfo"))
    assert rules_of(found.findings) == {"wrong-namespace"}


def test_the_root_in_another_namespace() -> None:
    right = serialize_syncml(answer("1", "212"))
    found = enrolled().sync(FIRST, right.replace(b"SYNCML:SYNCML1.2", b"SYNCML:SYNCML1.3"))
    assert rules_of(found.findings) == {"wrong-namespace"}


# --- server-msgid-not-increasing


def second(msg_id: str = "2", msg_ref: str = "1") -> SyncML:
    return package(msg_id, header_status("212", msg_ref))


@pytest.mark.parametrize(("first", "then"), [("1", "2"), ("2", "3"), ("9", "10")])
def test_the_server_counts_up(first: str, then: str) -> None:
    story = enrolled()
    story.sync(FIRST, answer(first, "212", "1", GET))
    assert story.sync(second(msg_ref=first), answer(then, "200", "2")).findings == ()


@pytest.mark.parametrize(("first", "then"), [("1", "1"), ("2", "1"), ("10", "9")])
def test_the_server_does_not_count_up(first: str, then: str) -> None:
    story = enrolled()
    story.sync(FIRST, answer(first, "212", "1", GET))
    found = story.sync(second(msg_ref=first), answer(then, "200", "2"))
    assert rules_of(found.findings) == {"server-msgid-not-increasing"}


def test_the_same_answer_to_a_message_sent_again_is_right() -> None:
    story = enrolled()
    story.sync(FIRST, answer("1", "212", "1", GET))
    found = story.sync(FIRST, answer("1", "212", "1", GET))
    assert rules_of(found.findings) == {"message-resent"}


def test_a_new_session_counts_anew() -> None:
    story = enrolled()
    story.sync(FIRST, answer("5", "212"))
    later = package1(session_id="2", cred=device_cred())
    assert story.sync(later, answer("1", "212", session_id="2")).findings == ()


def test_a_session_id_may_come_again() -> None:
    story = enrolled()
    story.sync(FIRST, answer("5", "212"))
    assert story.sync(FIRST, answer("1", "212")).findings == ()


# --- server-msgid-mirrored


def test_mirrored_message_ids_are_told_once() -> None:
    story = enrolled("wp8")
    assert story.sync(FIRST, answer("1", "212", "1", GET)).findings == ()
    found = story.sync(second(), answer("2", "200", "2"))
    assert rules_of(found.findings) == {"server-msgid-mirrored"}
    assert found.findings[0].severity == "info"
    assert "comment 18" in found.findings[0].message
    assert story.sync(second("3", "2"), answer("3", "200", "3")).findings == ()


def test_counting_ahead_is_not_mirroring() -> None:
    story = enrolled("wp8")
    story.sync(FIRST, answer("2", "212", "1", GET))
    assert story.sync(second(), answer("3", "200", "2")).findings == ()


def test_windows_expects_them_equal() -> None:
    story = enrolled("win10")
    story.sync(FIRST, answer("1", "212", "1", GET))
    assert story.sync(second(), answer("2", "200", "2")).findings == ()


# --- dm-post-not-to-addr


@pytest.mark.parametrize(
    "url", [DM_URL, f"{DM_URL}?mode=Maintenance&Platform=WoA", f"{HOST}:443/OMADM"]
)
def test_messages_go_to_addr(url: str) -> None:
    assert enrolled().sync(FIRST, answer("1", "212"), url=url).findings == ()


@pytest.mark.parametrize("url", ["https://other.test/omadm", f"{HOST}/other", f"{HOST}:8443/omadm"])
def test_messages_go_elsewhere(url: str) -> None:
    found = enrolled().sync(FIRST, answer("1", "212"), url=url)
    assert rules_of(found.findings) == {"dm-post-not-to-addr"}
    assert DM_URL in found.findings[0].message


def test_resp_uri_sends_them_elsewhere() -> None:
    story = enrolled()
    told = answer("1", "212", "1", GET)
    told = replace(told, header=replace(told.header, resp_uri=f"{HOST}/session/7"))
    story.sync(FIRST, told)
    found = story.sync(second(), answer("2", "200", "2"), url=f"{HOST}/session/7")
    assert found.findings == ()


def test_without_a_provisioning_document_no_addr_is_known() -> None:
    found = Story("win10").sync(package1(cred=device_cred()), answer("1", "212"))
    assert found.findings == ()


# --- server-msgid-first-unexpected


@pytest.mark.parametrize("msg_id", ["1", "2"])
def test_both_ways_of_counting_begin_right(msg_id: str) -> None:
    assert enrolled().sync(FIRST, answer(msg_id, "212")).findings == ()


@pytest.mark.parametrize("msg_id", ["0", "3", "01"])
def test_the_server_begins_with_another_number(msg_id: str) -> None:
    (found,) = enrolled().sync(FIRST, answer(msg_id, "212")).findings
    assert (found.rule, found.severity) == ("server-msgid-first-unexpected", "info")
    assert found.places[0].where == {"part": "response", "xpath": "/SyncML/SyncHdr/MsgID"}
    assert found.places[0].evidence == msg_id
