"""DM sessions against hand-written answers: what follows what, nonces, and every way to end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdmcore.http import Request, Response
from mdmcore.phone import EnrolledPhone, NoAnswer, Refusal, SessionOutcome, run, sync
from tests.phone.dm_script import (
    FIRST,
    GET_SWV,
    LAST,
    NEXT_NONCE,
    SYNCML_TYPE,
    DmScript,
    Received,
    Turn,
    accepted,
    altered,
    chal,
    digest,
    get,
    meta,
    reply,
    script,
    server_cred,
    status,
)
from tests.phone.scripted import (
    DEVICE_ID,
    DEVICE_NONCE,
    DEVICE_SECRET,
    DEVICE_USER,
    DM_URL,
    SERVER_NONCE,
    answer,
    assert_refusal,
    b64,
    enrolled,
    enrolled_with,
    settings,
)
from tests.support.server import FixedClock, counted_random


def talk(server: DmScript, phone: EnrolledPhone | None = None) -> SessionOutcome:
    return run(sync(phone or enrolled(), random=counted_random(), clock=FixedClock()), server)


def refused(server: DmScript, phone: EnrolledPhone | None = None) -> Refusal:
    with pytest.raises(Refusal) as caught:
        talk(server, phone)
    return caught.value


def test_package_1_is_what_a_phone_sends() -> None:
    server = script(FIRST, LAST)
    talk(server)
    first, request = server.received[0], server.requests[0]
    assert (request.method, request.url) == ("POST", DM_URL)
    assert request.headers.get("Content-Type") == SYNCML_TYPE
    assert first.header("VerDTD") + first.header("VerProto") == "1.2DM/1.2"
    assert (first.header("SessionID"), first.msg_id) == ("1", "1")
    assert first.header("Target/LocURI") == DM_URL
    assert first.header("Source/LocURI") == DEVICE_ID
    assert first.header("Source/LocName") == DEVICE_USER
    assert first.cred == digest(DEVICE_USER, DEVICE_SECRET, DEVICE_NONCE)
    assert first.commands() == ["Alert", "Replace", "Final"]
    text = (request.body or b"").decode()
    assert "<Alert><CmdID>2</CmdID><Data>1201</Data></Alert><Replace><CmdID>3</CmdID>" in text
    for name, value in (("DevId", DEVICE_ID), ("Man", "NOKIA"), ("DmV", "1.3"), ("Lang", "en-US")):
        source = f"<Item><Source><LocURI>./DevInfo/{name}</LocURI></Source><Data>{value}</Data>"
        assert source in text


def test_the_phones_digest_is_the_published_vector() -> None:
    """Vector D2 of session.md 4.6: the account and nonce of the scripted document."""
    server = script(FIRST, LAST)
    talk(server)
    assert server.received[0].cred == "s/kbqcGB3YTgtzNZ5MCKwA=="


def test_the_servers_digest_is_accepted_by_the_published_vector() -> None:
    """Vector D1: provider, CLIENT secret and nonce of the scripted document."""
    assert "h0ymOKkz/d8zfICpEX+pFg==" in server_cred()
    outcome = talk(script(FIRST, LAST))
    assert outcome.is_server_authenticated
    assert outcome.is_client_authenticated


def test_package_3_answers_and_reports() -> None:
    server = script(FIRST, LAST)
    outcome = talk(server)
    second = server.received[1]
    assert second.commands() == ["Status", "Status", "Results", "Final"]
    assert second.statuses() == [("SyncHdr", "0", "212"), ("Get", "4", "200")]
    assert second.results() == {"./DevDetail/SwV": "8.0.10501.127"}
    assert second.cred == ""
    assert len(second.challenge() or b"") == 16
    assert (outcome.messages, outcome.session_id, outcome.is_aborted) == (2, "1", False)
    assert [(done.name, done.code) for done in outcome.executed] == [("Get", 200)]
    assert outcome.client_certificate.found is not None


def test_nonces_of_a_212_are_for_the_next_session() -> None:
    server = script(FIRST, LAST)
    phone = talk(server).phone
    handed_out = server.received[1].challenge()
    assert (phone.nonce_c2s, phone.nonce_s2c) == (NEXT_NONCE, handed_out)
    again = script(reply(accepted() + GET_SWV, cred=server_cred(handed_out or b"")), LAST)
    talk(again, phone)
    assert again.received[0].header("SessionID") == "2"
    assert again.received[0].cred == digest(DEVICE_USER, DEVICE_SECRET, NEXT_NONCE)


def test_a_second_session_with_the_old_nonce_is_challenged() -> None:
    phone = talk(script(FIRST, LAST)).phone
    server = script(FIRST, retry_with_new_nonce, LAST)
    talk(server, phone)
    assert server.received[1].statuses()[0] == ("SyncHdr", "0", "401")


def retry_with_new_nonce(received: Received) -> Response:
    """The server does what the phone's challenge asks for."""
    nonce = received.challenge()
    assert nonce is not None
    return reply(status("SyncHdr", "0", "200") + GET_SWV, cred=server_cred(nonce))(received)


def test_basic_is_used_where_the_document_says_so() -> None:
    basic = '<parm name="AAUTHLEVEL" value="APPSRV"/><parm name="AAUTHTYPE" value="{}"/>'
    phone = enrolled_with((basic.format("DIGEST"), basic.format("BASIC")))
    server = script(reply(accepted(inner="") + GET_SWV, cred=server_cred()), LAST)
    outcome = talk(server, phone)
    # The published value for this account (session.md 4.6).
    assert server.received[0].cred == "ZGV2aWNlLTdmM2E6czNjcjN0LWNsaS0wMDAx"
    assert outcome.phone.nonce_c2s == DEVICE_NONCE


# --- challenges by the server -------------------------------------------------------------------

CHALLENGE = bytes(range(32, 48))


def chal_text() -> str:
    """The base64 of the nonce in ``chal()``."""
    return b64(NEXT_NONCE)


ASKS = reply(accepted("407", inner=chal(CHALLENGE)))
REJECTS = reply(accepted("401", inner=chal(CHALLENGE)))


def test_without_cred_first_the_phone_answers_the_407() -> None:
    phone = enrolled(phone=settings(sends_cred_first=False))
    server = script(ASKS, FIRST, LAST)
    outcome = talk(server, phone)
    first, second, _third = server.received
    assert first.cred == ""
    assert second.cred == digest(DEVICE_USER, DEVICE_SECRET, CHALLENGE)
    assert (second.header("SessionID"), second.msg_id) == ("1", "2")
    assert second.commands() == ["Status", "Alert", "Replace", "Final"]
    assert second.statuses() == [("SyncHdr", "0", "200")]
    assert outcome.is_client_authenticated
    assert outcome.phone.nonce_c2s == NEXT_NONCE


def test_a_401_is_answered_once_with_the_new_nonce() -> None:
    server = script(REJECTS, FIRST, LAST)
    talk(server)
    assert server.received[1].cred == digest(DEVICE_USER, DEVICE_SECRET, CHALLENGE)


def test_without_a_new_nonce_the_last_one_stays() -> None:
    server = script(REJECTS, reply(accepted(inner="") + GET_SWV, cred=server_cred()), LAST)
    assert talk(server).phone.nonce_c2s == CHALLENGE


def test_a_challenge_may_ask_for_basic() -> None:
    basic = f"<Chal>{meta(Format='b64', Type='syncml:auth-basic')}</Chal>"
    server = script(
        reply(accepted("407", inner=basic)),
        reply(accepted(inner="") + GET_SWV, cred=server_cred()),
        LAST,
    )
    talk(server)
    assert server.received[1].cred == "ZGV2aWNlLTdmM2E6czNjcjN0LWNsaS0wMDAx"


def test_the_next_session_begins_with_the_scheme_of_the_last() -> None:
    """DMACC: AAuthPref, else the last session's, else MD5."""
    basic = f"<Chal>{meta(Format='b64', Type='syncml:auth-basic')}</Chal>"
    asks = reply(accepted("407", inner=basic))
    phone = talk(script(asks, reply(accepted(inner="") + GET_SWV, cred=server_cred()), LAST)).phone
    again = script(reply(accepted(inner=""), cred=server_cred(phone.nonce_s2c or b"")))
    talk(again, phone)
    assert again.received[0].cred == "ZGV2aWNlLTdmM2E6czNjcjN0LWNsaS0wMDAx"
    refused_there = refused(script(asks, reply(accepted("401", inner=basic))))
    assert refused_there.phone is not None
    assert refused_there.phone.scheme is None


def test_commands_beside_a_challenge_are_ignored() -> None:
    server = script(reply(accepted("407", inner=chal(CHALLENGE)) + GET_SWV), FIRST, LAST)
    talk(server)
    assert server.received[1].statuses() == [("SyncHdr", "0", "200")]


def test_a_server_that_proves_itself_while_it_challenges_is_believed() -> None:
    server = script(
        reply(accepted("407", inner=chal(CHALLENGE)), cred=server_cred()),
        reply(accepted() + GET_SWV),
        LAST,
    )
    talk(server)
    assert server.received[1].statuses() == [("SyncHdr", "0", "212")]
    assert server.received[2].statuses()[0] == ("SyncHdr", "0", "212")


def test_a_200_with_challenge_wants_credentials_in_each_message() -> None:
    server = script(
        reply(accepted("200", inner=chal(CHALLENGE)) + GET_SWV, cred=server_cred()),
        reply(status("SyncHdr", "0", "200", inner=chal())),
    )
    outcome = talk(server)
    assert server.received[1].cred == digest(DEVICE_USER, DEVICE_SECRET, CHALLENGE)
    assert outcome.phone.nonce_c2s == NEXT_NONCE


def test_a_server_that_never_asks_for_credentials_gets_none() -> None:
    phone = enrolled(phone=settings(sends_cred_first=False))
    outcome = talk(
        script(reply(accepted("200", inner="") + GET_SWV, cred=server_cred()), LAST), phone
    )
    assert not outcome.is_client_authenticated
    assert outcome.phone.nonce_c2s == DEVICE_NONCE


# --- challenges by the phone --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cred", "code"),
    [
        ("", "407"),
        (server_cred(secret="wrong"), "401"),
        (server_cred(DEVICE_NONCE), "401"),
        (server_cred().replace("syncml:auth-md5", "syncml:auth-basic"), "401"),
        (server_cred().replace('<Format xmlns="syncml:metinf">b64</Format>', ""), "401"),
        (server_cred().replace(">b64<", ">chr<"), "401"),
    ],
    ids=["none", "secret", "nonce", "basic", "no-format", "format"],
)
def test_a_server_without_proof_is_challenged_and_nothing_executed(cred: str, code: str) -> None:
    server = script(reply(accepted() + GET_SWV, cred=cred), retry_with_new_nonce, LAST)
    outcome = talk(server)
    challenged, after = server.received[1], server.received[2]
    assert challenged.statuses() == [("SyncHdr", "0", code), ("Get", "4", code)]
    assert challenged.results() == {}
    assert after.statuses() == [("SyncHdr", "0", "212"), ("Get", "4", "200")]
    assert outcome.phone.nonce_s2c == after.challenge()


def test_the_second_failure_ends_the_session() -> None:
    wrong = reply(accepted() + GET_SWV, cred=server_cred(secret="wrong"))
    again = reply(status("SyncHdr", "0", "200") + GET_SWV, cred=server_cred(secret="wrong"))
    error = refused(server := script(wrong, again))
    assert_refusal(error, "management", "Cred/Data", "does not prove 'ExampleMDM'")
    assert error.phone is not None
    assert error.phone.nonce_s2c == server.received[1].challenge()
    assert error.phone.nonce_c2s == DEVICE_NONCE  # nothing is kept from a stranger
    assert error.phone.sessions == 1


@pytest.mark.parametrize("cred", ["", server_cred(secret="wrong")])
def test_without_commands_there_is_nothing_to_challenge_with(cred: str) -> None:
    server = script(reply(accepted(), cred=cred), LAST)
    error = refused(server)
    assert_refusal(error, "management", "SyncHdr/Cred", "server")
    assert server.requests[0].body == server.requests[1].body


def test_a_client_entry_that_is_no_digest_believes_nobody() -> None:
    entry = '<parm name="AAUTHLEVEL" value="CLIENT"/><parm name="AAUTHTYPE" value="{}"/>'
    phone = enrolled_with((entry.format("DIGEST"), entry.format("BASIC")))
    error = refused(script(FIRST, retry_with_new_nonce), phone)
    assert_refusal(error, "management", "Cred/Meta/Type", "CLIENT account is not DIGEST")


def test_the_nonce_of_a_212_used_in_the_same_session_is_refused() -> None:
    def too_early(received: Received) -> Response:
        nonce = received.challenge() or b""
        return reply(status("SyncHdr", "0", "200") + GET_SWV, cred=server_cred(nonce))(received)

    server = script(FIRST, too_early, LAST)
    talk(server)
    assert server.received[2].statuses() == [("SyncHdr", "0", "401"), ("Get", "4", "401")]


# --- ends ---------------------------------------------------------------------------------------


def test_a_server_without_commands_ends_the_session_at_once() -> None:
    server = script(reply(accepted(), cred=server_cred()))
    outcome = talk(server)
    assert outcome.messages == 1
    assert (outcome.phone.nonce_c2s, outcome.phone.nonce_s2c) == (NEXT_NONCE, SERVER_NONCE)


def test_an_abort_by_the_server_is_no_refusal() -> None:
    abort = "<Alert><CmdID>7</CmdID><Data>1223</Data></Alert>"
    outcome = talk(script(reply(accepted() + abort, cred=server_cred())))
    assert outcome.is_aborted


def test_more_commands_mean_more_messages() -> None:
    more = reply(status("SyncHdr", "0", "200") + get("2", "./DevInfo"))
    server = script(FIRST, more, LAST)
    outcome = talk(server)
    assert outcome.messages == 3
    assert server.received[2].statuses() == [("SyncHdr", "0", "212"), ("Get", "2", "200")]
    assert server.received[2].results() == {"./DevInfo": "DevId/Man/Mod/DmV/Lang"}


def test_an_unfinished_package_is_asked_for_with_1222() -> None:
    begun = reply(accepted() + GET_SWV, cred=server_cred(), final="")
    rest = reply(status("SyncHdr", "0", "200") + get("2", "./DevInfo/Man"))
    server = script(begun, rest, LAST)
    talk(server)
    assert server.received[1].commands() == ["Status", "Status", "Results", "Alert"]
    assert server.received[2].commands()[-1] == "Final"


def test_a_package_that_is_never_closed_ends_the_session() -> None:
    begun = reply(accepted() + GET_SWV, cred=server_cred(), final="")
    nothing = reply(status("SyncHdr", "0", "200"), final="")
    error = refused(script(begun, nothing))
    assert_refusal(error, "management", "SyncBody/Final", "never closes")


def test_an_endless_session_is_ended() -> None:
    def more(received: Received) -> Response:
        return reply(status("SyncHdr", "0", "200") + GET_SWV)(received)

    error = refused(script(FIRST, *[more] * 300))
    assert_refusal(error, "management", "/SyncML", "no end after 200 messages")


def test_the_next_message_goes_to_resp_uri() -> None:
    url = "https://other.example.test/dm?id=7"
    server = script(altered(FIRST, "<Cred>", f"<RespURI>{url}</RespURI><Cred>", count=1), LAST)
    talk(server)
    assert [received.url for received in server.received] == [DM_URL, url]


RESENT = [
    (
        reply(accepted("200", inner="") + GET_SWV, cred=server_cred()),
        "Data",
        "200 and no challenge instead of 212",
    ),
    (altered(FIRST, "<MsgID>2</MsgID>", "<MsgID>0</MsgID>"), "MsgID", "does not increase"),
    (altered(FIRST, "<MsgID>2</MsgID>", "<MsgID>two</MsgID>"), "MsgID", "does not increase"),
    (altered(FIRST, "<MsgRef>1<", "<MsgRef>7<"), "MsgRef", "not for message 1"),
    (
        reply(status("Alert", "2", "200") + GET_SWV, cred=server_cred()),
        "SyncBody/Status",
        "no Status for SyncHdr",
    ),
]


@pytest.mark.parametrize(("turn", "place", "reason"), RESENT)
def test_the_same_package_is_sent_once_more_and_then_it_ends(
    turn: Turn, place: str, reason: str
) -> None:
    server = script(turn, LAST)
    assert_refusal(refused(server), "management", place, reason)
    assert server.requests[0] == server.requests[1]


def test_a_repeated_msgid_is_noticed_later_too() -> None:
    server = script(FIRST, altered(LAST, "<MsgID>3</MsgID>", "<MsgID>2</MsgID>"), LAST)
    assert_refusal(refused(server), "management", "MsgID", "does not increase")
    assert server.requests[1] == server.requests[2]


@pytest.mark.parametrize("first", ["1", "2", "7"])
def test_any_first_msgid_that_then_increases_is_taken(first: str) -> None:
    server = script(
        reply(accepted() + GET_SWV, cred=server_cred(), msg_id=first),
        reply(status("SyncHdr", "0", "200"), msg_id=str(int(first) + 1)),
    )
    assert talk(server).messages == 2


ENDED = [
    (reply(accepted("500", inner="")), "Data", "refused the message with 500"),
    (reply(accepted("407", inner="")), "Chal", "without Chal"),
    (reply(accepted("401", inner="")), "Chal", "without Chal"),
    (
        reply(
            accepted("212", inner=f"<Chal>{meta(Format='b64', Type='syncml:auth-basic')}</Chal>")
        ),
        "Chal/Meta/Type",
        "authentication type changes",
    ),
    (reply(accepted(inner=chal().replace(">b64<", ">chr<"))), "Format", "not b64"),
    (
        reply(accepted("407", inner=f"<Chal>{meta(Format='b64', Type='syncml:auth-md5')}</Chal>")),
        "NextNonce",
        "NextNonce is missing",
    ),
    (
        reply(
            accepted(
                "407",
                inner=chal().replace(chal_text(), "nonce"),
            )
        ),
        "NextNonce",
        "NextNonce is no base64",
    ),
    (reply(accepted("407", inner=f"<Chal>{meta(Format='b64')}</Chal>")), "Type", "names no Type"),
]


@pytest.mark.parametrize(("turn", "place", "reason"), ENDED)
def test_what_ends_the_session_at_once(turn: Turn, place: str, reason: str) -> None:
    server = script(turn)
    assert_refusal(refused(server), "management", place, reason)
    assert len(server.requests) == 1


def test_a_second_challenge_is_not_answered() -> None:
    error = refused(script(REJECTS, REJECTS))
    assert_refusal(error, "management", "Data", "challenges again (401)")


def test_an_unknown_kind_of_challenge_is_answered_406() -> None:
    unknown = f"<Chal>{meta(Format='b64', Type='syncml:auth-X509')}</Chal>"
    server = script(reply(accepted("407", inner=unknown)), LAST)
    error = refused(server)
    assert_refusal(error, "management", "Chal/Meta/Type", "does not know this kind")
    assert server.received[1].statuses() == [("SyncHdr", "0", "200"), ("Status", "90", "406")]


def test_no_answer_leaves_the_state_of_the_session() -> None:
    calls = 0

    def first_only(request: Request) -> Response:
        nonlocal calls
        calls += 1
        if calls > 1:
            raise NoAnswer("connection reset")
        return script(FIRST)(request)

    with pytest.raises(Refusal) as caught:
        run(sync(enrolled(), random=counted_random()), first_only)
    assert_refusal(caught.value, "management", "url", "connection reset")
    assert caught.value.phone is not None
    assert caught.value.phone.nonce_c2s == NEXT_NONCE
    assert caught.value.phone.nonce_s2c != SERVER_NONCE


def test_an_empty_answer_to_package_1_is_a_refusal() -> None:
    error = refused(script(lambda _received: answer(b"", SYNCML_TYPE)))
    assert_refusal(error, "management", "body", "not even a Status")


def test_an_empty_closing_answer_is_put_up_with() -> None:
    assert talk(script(FIRST, lambda _received: answer(b"", SYNCML_TYPE))).messages == 2


def test_what_management_writes_is_kept() -> None:
    write = (
        "<Replace><CmdID>5</CmdID><Item><Target><LocURI>"
        "./Vendor/MSFT/DMClient/Provider/ExampleMDM/EntDMID</LocURI></Target>"
        "<Data>NEW-ID</Data></Item></Replace>"
    )
    phone = talk(script(reply(accepted() + write, cred=server_cred()), LAST)).phone
    uri = "./Vendor/MSFT/DMClient/Provider/ExampleMDM/EntDMID"
    server = script(
        reply(accepted() + get("4", uri), cred=server_cred(phone.nonce_s2c or b"")), LAST
    )
    talk(server, phone)
    assert server.received[1].results() == {uri: "NEW-ID"}


def test_session_ids_are_short_and_hexadecimal() -> None:
    phone = replace(enrolled(), sessions=25)
    server = script(FIRST, LAST)
    talk(server, phone)
    assert server.received[0].header("SessionID") == "1A"
