"""What the inspector finds in messages and packages (ets.md 2): right ones nothing, wrong ones the
rule. Both directions are raw text."""

from __future__ import annotations

import pytest

from tests.ets import text as t
from tests.ets import wbxml
from tests.ets.exchange import (
    C2S_2,
    FIRST,
    GET,
    GOT,
    PACKAGE_1,
    Seen,
    accepted,
    asked,
    closing,
    device_cred,
    package_3,
    right_session,
    server_cred,
    statuses,
    told,
)
from tests.support.ets import INSPECTOR
from tests.support.story import CERT_CN, DEVICE_ID, PROVIDER

ets = pytest.mark.ets

PROFILES = ("wp8", "wp81", "win81", "win10")


@ets("DMX-001", INSPECTOR)
@ets("DMX-002", INSPECTOR)
@ets("DMX-005", INSPECTOR)
@ets("DMX-006", INSPECTOR)
@ets("DMX-007", INSPECTOR)
@ets("DMX-008", INSPECTOR)
@ets("DMS-013", INSPECTOR)
@ets("DMC-015", INSPECTOR)
@ets("DMS-016", INSPECTOR)
@pytest.mark.parametrize("profile", PROFILES)
def test_a_right_session_has_no_finding(profile: str) -> None:
    assert right_session(profile).found == set()


def altered(old: str, new: str, message: bytes | None = None) -> bytes:
    """A right package 2 with text replaced, which must be there."""
    data = accepted(GET) if message is None else message
    assert old.encode() in data
    return data.replace(old.encode(), new.encode())


@ets("DMX-001", INSPECTOR)
@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        (altered("SYNCML:SYNCML1.2", "SYNCML:SYNCML1.3"), "wrong-namespace"),
        (altered(' xmlns="syncml:metinf"', ""), "wrong-namespace"),
        (altered("<VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>",
                 "<VerProto>DM/1.2</VerProto><VerDTD>1.2</VerDTD>"), "element-order"),
        (altered("</SyncBody>", ""), "xml-not-wellformed"),
    ],
)  # fmt: skip
def test_frame_of_the_message(answer: bytes, rule: str) -> None:
    assert rule in Seen().sync(FIRST, answer)


@ets("DMX-002", INSPECTOR)
@pytest.mark.parametrize("kind", ["text/xml", "application/xml", "text/html; charset=utf-8"])
def test_another_media_type(kind: str) -> None:
    assert Seen().post(FIRST, accepted(GET), answered_as=kind) == {"wrong-content-type"}


@ets("DMX-003", INSPECTOR)
def test_wbxml_both_ways_has_no_finding() -> None:
    seen = Seen()
    for request, response in ((FIRST, accepted(GET)), (package_3(GOT), closing())):
        found = seen.post(
            wbxml.encode(request),
            wbxml.encode(response),
            sent_as=t.WBXML_TYPE,
            answered_as=t.WBXML_TYPE,
        )
        assert found == set()


@ets("DMX-003", INSPECTOR)
@pytest.mark.parametrize("answered_as", [t.XML_TYPE, t.WBXML_TYPE])
def test_wbxml_answered_with_xml(answered_as: str) -> None:
    found = Seen().post(
        wbxml.encode(FIRST), accepted(GET), sent_as=t.WBXML_TYPE, answered_as=answered_as
    )
    assert found == {"encoding-mismatch"}


@ets("DMX-004", INSPECTOR)
@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize("public_id", [wbxml.NUMERIC, wbxml.TABLE])
def test_every_wbxml_header_is_read(version: int, public_id: bytes) -> None:
    wrong = altered("<VerProto>DM/1.2", "<VerProto>DM/1.1")
    found = Seen().post(
        wbxml.encode(FIRST, version=version, public_id=public_id),
        wbxml.encode(wrong, version=version, public_id=public_id),
        sent_as=t.WBXML_TYPE,
        answered_as=t.WBXML_TYPE,
    )
    assert found == {"version-mismatch"}
    right = Seen().post(
        wbxml.encode(FIRST, version=version, public_id=public_id),
        wbxml.encode(accepted(GET), version=version, public_id=public_id),
        sent_as=t.WBXML_TYPE,
        answered_as=t.WBXML_TYPE,
    )
    assert right == set()


@ets("DMX-005", INSPECTOR)
@pytest.mark.parametrize(
    ("old", "new"),
    [("<VerDTD>1.2", "<VerDTD>1.1"), ("DM/1.2", "DM/1.1"), ("SYNCML1.2", "SYNCML1.1")],
)
def test_another_version_than_the_devices(old: str, new: str) -> None:
    assert "version-mismatch" in Seen().sync(FIRST, altered(old, new))


@ets("DMX-006", INSPECTOR)
@pytest.mark.parametrize(
    ("session_id", "echoed"), [("1A", "1a"), ("01", "1"), ("0", "00"), ("FF", "255")]
)
def test_a_session_id_that_is_not_echoed_as_text(session_id: str, echoed: str) -> None:
    request = asked(PACKAGE_1, cred=device_cred(), name=CERT_CN, session_id=session_id)
    assert Seen().sync(request, accepted(GET, session_id=session_id)) == set()
    found = Seen().sync(request, accepted(GET, session_id=echoed))
    assert found == {"sessionid-not-echoed"}


@ets("DMX-007", INSPECTOR)
@pytest.mark.parametrize("ids", [("2", "2"), ("2", "1"), ("5", "3")])
def test_server_ids_that_do_not_grow(ids: tuple[str, str]) -> None:
    seen = Seen()
    seen.sync(FIRST, accepted(GET, msg_id=ids[0]))
    got = GOT.replace("<MsgRef>2<", f"<MsgRef>{ids[0]}<")
    found = seen.sync(package_3(got, ref=ids[0]), closing(ids[1]))
    assert "server-msgid-not-increasing" in found


@ets("DMX-007", INSPECTOR)
@pytest.mark.parametrize("profile", ["win81", "win10"])
def test_a_server_that_counts_from_1_is_right(profile: str) -> None:
    seen = Seen(profile)
    assert seen.sync(FIRST, accepted(GET, msg_id="1")) == set()
    got = GOT.replace("<MsgRef>2<", "<MsgRef>1<")
    assert seen.sync(package_3(got, ref="1"), closing("2")) == set()


@ets("DMX-007", INSPECTOR)
def test_a_status_for_another_message() -> None:
    answer = altered("<MsgRef>1<", "<MsgRef>7<")
    assert "msgref-mismatch" in Seen().sync(FIRST, answer)


@ets("DMX-008", INSPECTOR)
@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("<CmdID>5<", "<CmdID>3<", "duplicate-cmdid"),
        ("<CmdID>5<", "<CmdID>0<", "cmdid-zero"),
        ("<CmdID>5</CmdID>", "", "missing-cmdid"),
    ],
)
def test_command_ids(old: str, new: str, rule: str) -> None:
    assert rule in Seen().sync(FIRST, altered(old, new))


@ets("DMX-008", INSPECTOR)
@pytest.mark.parametrize("cmd_id", ["144-1", "5D9A6B2C-0F42-4E08-9C56-1B2D6B8F3A11"])
def test_command_ids_that_are_no_number_are_right(cmd_id: str) -> None:
    assert Seen().sync(FIRST, altered("<CmdID>5<", f"<CmdID>{cmd_id}<")) == set()


def first_with(body: str) -> bytes:
    """A first message with this body."""
    return asked(body, cred=device_cred(), name=CERT_CN)


REPLACE = t.dev_info("3", DEVICE_ID)


@ets("DMC-010", INSPECTOR)
@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (REPLACE, "package1-missing-alert"),
        (t.alert("2", "1201"), "package1-missing-devinfo"),
        (t.alert("2", "1201") + t.dev_info("3", DEVICE_ID, "DevId", "Man", "Mod", "DmV"),
         "package1-missing-devinfo"),
        (t.package_1("urn:uuid:another"), "device-source-ne-devid"),
    ],
)  # fmt: skip
def test_package_1(body: str, rule: str) -> None:
    assert rule in Seen().sync(first_with(body), accepted(GET))
    assert Seen().sync(FIRST, accepted(GET)) == set()


@ets("DMC-011", INSPECTOR)
@pytest.mark.parametrize("code", ["1202", "1226", "1222"])
def test_a_session_that_begins_with_another_alert(code: str) -> None:
    body = t.package_1(DEVICE_ID, alert_code=code)
    assert "package1-missing-alert" in Seen().sync(first_with(body), accepted(GET))


@ets("DMC-011", INSPECTOR)
@pytest.mark.parametrize("code", ["1200", "1201"])
def test_a_session_that_either_side_began(code: str) -> None:
    body = t.package_1(DEVICE_ID, alert_code=code)
    assert Seen().sync(first_with(body), accepted(GET)) == set()


CHALLENGE = told(statuses("401", rest="401", chal=t.chal(C2S_2)), "2")


@ets("DMC-012", INSPECTOR)
def test_dev_info_once_more_after_a_challenge() -> None:
    seen = Seen()
    wrong = asked(PACKAGE_1, cred=device_cred(b"stale"), name=CERT_CN)
    seen.sync(wrong, CHALLENGE)
    header = t.status("1", "2", "0", "SyncHdr", "200")
    again = asked(header + PACKAGE_1, "2", cred=device_cred(C2S_2), name=CERT_CN)
    answer = told(
        statuses("212", "2", chal=t.chal(b"n" * 16)) + GET, "3", cred=server_cred(), name=PROVIDER
    )
    assert seen.sync(again, answer) == set()


@ets("DMC-012", INSPECTOR)
def test_no_dev_info_in_message_1() -> None:
    found = Seen().sync(first_with(t.alert("2", "1201")), CHALLENGE)
    assert "package1-missing-devinfo" in found


@ets("DMS-013", INSPECTOR)
@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (statuses()[statuses().index("<Status><CmdID>2"):], "missing-synchdr-status"),
        (t.status("2", "1", "2", "Alert", "200") + t.status("1", "1", "0", "SyncHdr", "212")
         + t.status("3", "1", "3", "Replace", "200"), "synchdr-status-not-first"),
        (t.status("1", "1", "0", "SyncHdr", "212") + t.status("2", "1", "2", "Alert", "200"),
         "missing-command-status"),
        (t.status("1", "1", "0", "SyncHdr", "212") + t.status("3", "1", "3", "Replace", "200")
         + t.status("2", "1", "2", "Alert", "200"), "status-order-mismatch"),
    ],
)  # fmt: skip
def test_package_2(body: str, rule: str) -> None:
    answer = told(body + GET, cred=server_cred(), name=PROVIDER)
    assert rule in Seen().sync(FIRST, answer)


@ets("DMC-015", INSPECTOR)
def test_results_before_their_status() -> None:
    early = t.results("3", "2", "5", "./DevDetail/SwV", "8.0") + t.status(
        "2", "2", "5", "Get", "200"
    )
    assert "results-before-status" in Seen().opened().sync(package_3(early), closing())


@ets("DMS-016", INSPECTOR)
def test_package_4_without_final() -> None:
    assert "missing-final" in Seen().opened().sync(package_3(GOT), closing(final=False))


@ets("DMS-016", INSPECTOR)
def test_more_commands_and_another_package_3() -> None:
    seen = Seen().opened()
    assert seen.sync(package_3(GOT), closing(body=t.get("7", "./DevDetail/HwV"))) == set()
    more = (
        t.status("1", "3", "0", "SyncHdr", "200")
        + t.status("2", "3", "7", "Get", "200")
        + t.results("3", "3", "7", "./DevDetail/HwV", "1.0")
    )
    assert seen.sync(asked(more, "3"), closing("4", "3")) == set()


@ets("DMX-018", INSPECTOR)
def test_a_package_of_the_server_over_two_messages() -> None:
    seen = Seen()
    unfinished = accepted(GET + t.alert("6", "1222"), final=False)
    assert seen.sync(FIRST, unfinished) == set()
    more = package_3(GOT + t.status("4", "2", "6", "Alert", "200") + t.alert("9", "1222"))
    more = more.replace(b"<Final/>", b"")
    answer = told(
        t.status("1", "2", "0", "SyncHdr", "200") + t.status("2", "2", "9", "Alert", "200"),
        "3",
        final=False,
    )
    found = seen.sync(more, answer)
    assert "client-unfinished-not-continued" not in found


@ets("DMX-018", INSPECTOR)
def test_no_final_and_no_reason() -> None:
    assert "missing-final" in Seen().sync(FIRST, accepted(GET, final=False))


UNFINISHED = asked(PACKAGE_1, cred=device_cred(), name=CERT_CN, final=False)
NEXT = t.alert("9", "1222")


@ets("DMS-019", INSPECTOR)
def test_a_message_without_final() -> None:
    assert Seen().sync(UNFINISHED, accepted(NEXT, final=False)) == set()


@ets("DMS-019", INSPECTOR)
@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        (accepted(GET), "client-unfinished-not-continued"),
        (accepted(""), "client-unfinished-not-continued"),
        (accepted(NEXT), "final-in-next-message"),
    ],
)
def test_a_message_without_final_answered_wrongly(answer: bytes, rule: str) -> None:
    assert rule in Seen().sync(UNFINISHED, answer)


@ets("DMC-020", INSPECTOR)
def test_a_status_for_results() -> None:
    extra = t.status("7", "2", "3", "Results", "200")
    assert Seen().opened().sync(package_3(GOT), closing(body=extra)) == {"status-for-results"}


@ets("DMC-020", INSPECTOR)
@pytest.mark.parametrize("code", ["213", "424"])
def test_another_status_for_results_is_right(code: str) -> None:
    extra = t.status("7", "2", "3", "Results", code)
    found = Seen().opened().sync(package_3(GOT), closing(body=extra))
    assert "status-for-results" not in found


@ets("DMC-021", INSPECTOR)
def test_a_device_that_waits_for_the_servers_final() -> None:
    seen = Seen()
    assert seen.sync(FIRST, accepted(GET + t.alert("6", "1222"), final=False)) == set()
    waiting = package_3(GOT + t.status("4", "2", "6", "Alert", "200") + t.alert("9", "1222"))
    answer = told(
        t.status("1", "2", "0", "SyncHdr", "200")
        + t.status("2", "2", "9", "Alert", "200")
        + t.get("7", "./DevDetail/HwV"),
        "3",
    )
    assert seen.sync(waiting.replace(b"<Final/>", b""), answer) == set()


@ets("DMC-021", INSPECTOR)
def test_the_servers_final_beside_1222_makes_it_close_early() -> None:
    """The device closes when it sees Final: the mistake that the inspector can name is the
    server's."""
    found = Seen().sync(FIRST, accepted(GET + t.alert("6", "1222")))
    assert found == {"final-in-next-message"}


@ets("DMS-022", INSPECTOR)
def test_commands_after_all_have_their_status() -> None:
    seen = Seen().opened()
    assert seen.sync(package_3(GOT), closing(body=t.get("7", "./DevDetail/FwV"))) == set()


ABORT = t.status("1", "2", "0", "SyncHdr", "212", t.chal(b"s" * 16)) + t.alert("2", "1223")
ABORT_STATUS = t.status("2", "2", "2", "Alert", "200")


@ets("DMX-023", INSPECTOR)
def test_an_abort_of_the_device() -> None:
    assert Seen().opened().sync(asked(ABORT, "2"), closing(body=ABORT_STATUS)) == set()


@ets("DMX-023", INSPECTOR)
def test_commands_in_the_answer_to_an_abort() -> None:
    answer = closing(body=ABORT_STATUS + t.get("7", "./DevDetail/FwV"))
    assert Seen().opened().sync(asked(ABORT, "2"), answer) == {"session-abort-with-commands"}


@ets("DMX-024", INSPECTOR)
def test_an_abort_of_the_server() -> None:
    assert Seen().opened().sync(package_3(GOT), closing(body=t.alert("9", "1223"))) == set()


@ets("DMX-024", INSPECTOR)
def test_an_abort_of_the_server_without_final() -> None:
    answer = closing(body=t.alert("9", "1223"), final=False)
    assert "missing-final" in Seen().opened().sync(package_3(GOT), answer)


LIMITED = asked(
    PACKAGE_1,
    cred=device_cred(),
    name=CERT_CN,
    header='<Meta><MaxMsgSize xmlns="syncml:metinf">2000</MaxMsgSize></Meta>',
)


@ets("DMX-027", INSPECTOR)
def test_a_device_may_limit_messages_and_a_server_may_not() -> None:
    """A limit in the server's header is one that Windows does not look at."""
    assert Seen("win10").sync(LIMITED, accepted(GET)) == set()
    limit = '<Meta><MaxMsgSize xmlns="syncml:metinf">2000</MaxMsgSize></Meta>'
    found = Seen("win10").sync(LIMITED, accepted(GET, header=limit))
    assert found == {"synchdr-meta-ignored"}
