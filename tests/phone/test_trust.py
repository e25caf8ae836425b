"""Who believes whom: messages proven by a MAC, and what the session makes of each answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdmcore.http import Response
from mdmcore.phone import EnrolledPhone, Refusal, SessionOutcome, run, sync
from mdmcore.phone.authentication import Challenge, ServerProof
from mdmcore.phone.conversation import Session
from mdmcore.phone.server_message import refusal
from mdmcore.phone.trust import accepted, challenged, judged
from mdmcore.records import AuthScheme
from mdmcore.syncml.model import Status
from tests.phone.dm_script import (
    GET_SWV,
    LAST,
    METINF,
    NEXT_NONCE,
    NS,
    DmScript,
    Received,
    Turn,
    digest,
    meta,
    reply,
    script,
    server_cred,
    status,
)
from tests.phone.dm_script import accepted as statuses
from tests.phone.scripted import (
    DEVICE_NONCE,
    DEVICE_SECRET,
    DEVICE_USER,
    PROVIDER,
    SERVER_NONCE,
    assert_refusal,
    b64,
    enrolled,
    enrolled_with,
    settings,
    with_header,
)
from tests.phone.session_script import server_mac, with_mac
from tests.phone.test_encodings import ours
from tests.support.server import counted_random

CHALLENGE = bytes(range(32, 48))
NONCES = [bytes([number] * 16) for number in (0x3A, 0xFF, 0x00)]
"""With a colon, with what is no UTF-8, with NUL."""


def chal_mac(nonce: bytes = CHALLENGE) -> str:
    return f"<Chal>{meta(Format='b64', Type='syncml:auth-MAC', NextNonce=b64(nonce))}</Chal>"


def asks(code: str = "401") -> Turn:
    """The server wants a MAC."""
    return reply(statuses(code, inner=chal_mac()))


def package_2(nonce: bytes = NONCES[0], body: str = GET_SWV, **changes: object) -> Turn:
    return reply(statuses("200", inner=chal_mac(nonce)) + body, **changes)  # type: ignore[arg-type]


def package_4(nonce: bytes = NONCES[1], code: str = "200") -> Turn:
    return reply(status("SyncHdr", "0", code, inner=chal_mac(nonce)))


def talk(server: DmScript, phone: EnrolledPhone | None = None) -> SessionOutcome:
    return run(sync(phone or enrolled(), random=counted_random()), server)


def refused(*turns: Turn, phone: EnrolledPhone | None = None) -> Refusal:
    with pytest.raises(Refusal) as caught:
        talk(script(*turns), phone)
    return caught.value


def device_mac(server: DmScript, number: int) -> str | None:
    return server.requests[number].headers.get("x-syncml-hmac")


def expected_mac(server: DmScript, number: int, nonce: bytes) -> str:
    body = server.requests[number].body or b""
    return server_mac(nonce, body, user=DEVICE_USER, secret=DEVICE_SECRET)


def own_challenge(received: Received) -> tuple[str | None, bytes | None]:
    """Type and nonce of the challenge in the phone's Status for the header."""
    kind = received.root.findtext(f".//{NS}Status/{NS}Chal/{NS}Meta/{METINF}Type")
    return kind, received.challenge()


@pytest.mark.parametrize(("code", "sends_cred_first"), [("401", True), ("407", False)])
def test_a_session_with_macs(code: str, sends_cred_first: bool) -> None:
    server = script(asks(code), with_mac(package_2()), with_mac(package_4()))
    outcome = talk(server, enrolled(phone=settings(sends_cred_first=sends_cred_first)))
    first, second, third = server.received
    assert device_mac(server, 0) is None
    assert first.cred == (
        digest(DEVICE_USER, DEVICE_SECRET, DEVICE_NONCE) if sends_cred_first else ""
    )
    assert device_mac(server, 1) == expected_mac(server, 1, CHALLENGE)
    assert device_mac(server, 2) == expected_mac(server, 2, NONCES[0])
    for received in (second, third):
        assert received.cred == ""
        assert received.header("Source/LocName") == DEVICE_USER
        assert received.statuses()[0] == ("SyncHdr", "0", "200")
        assert own_challenge(received)[0] == "syncml:auth-MAC"
    assert second.commands() == ["Status", "Alert", "Replace", "Final"]
    assert own_challenge(second) != own_challenge(third)
    assert third.results() == {"./DevDetail/SwV": "8.0.10501.127"}
    assert outcome.is_client_authenticated
    assert outcome.is_server_authenticated
    assert (outcome.phone.nonce_c2s, outcome.phone.nonce_s2c) == (NONCES[1], third.challenge())


def test_the_next_session_begins_with_a_digest_by_the_last_nonces() -> None:
    server = script(asks(), with_mac(package_2()), with_mac(package_4()))
    phone = talk(server).phone
    cred = server_cred(phone.nonce_s2c or b"")
    again = script(reply(statuses() + GET_SWV, cred=cred), LAST)
    assert talk(again, phone).is_server_authenticated
    assert again.received[0].cred == digest(DEVICE_USER, DEVICE_SECRET, NONCES[1])
    assert again.requests[0].headers.get("x-syncml-hmac") is None


def test_macs_over_wbxml_are_of_the_bytes_that_are_sent() -> None:
    server = ours()
    phone = enrolled_with(("dm+xml", "dm+wbxml"))
    server.turns = [asks(), package_2(), package_4()]

    def prove(number: int) -> None:
        def edit(response: Response) -> Response:
            nonce = server.received[number].challenge() or b""
            return with_header("x-syncml-hmac", server_mac(nonce, response.body or b""))(response)

        server.edits[number] = edit

    prove(1)
    prove(2)
    outcome = run(sync(phone, random=counted_random()), server)
    assert outcome.is_server_authenticated
    for number, nonce in ((1, CHALLENGE), (2, NONCES[0])):
        request = server.requests[number]
        wanted = server_mac(nonce, request.body or b"", user=DEVICE_USER, secret=DEVICE_SECRET)
        assert request.headers.get("x-syncml-hmac") == wanted


def broken_mac(value: str | None) -> Turn:
    return lambda received: with_header("x-syncml-hmac", value)(package_2()(received))


def changed_behind(received: Received) -> Response:
    response = with_mac(package_2())(received)
    body = (response.body or b"").replace(b"DevDetail", b"DevInfo//")
    return replace(response, body=body)


WRONG = [
    (package_2(), "x-syncml-hmac", "has no MAC"),
    (broken_mac("nonsense"), "x-syncml-hmac", "cannot be read"),
    (broken_mac('algorithm=SHA1, username="ExampleMDM", mac=AAAA'), "x-syncml-hmac", "not MD5"),
    (with_mac(package_2(), secret="wrong"), "x-syncml-hmac", "does not prove"),
    (with_mac(package_2(), nonce=SERVER_NONCE), "x-syncml-hmac", "does not prove"),
    (with_mac(package_2(), user="examplemdm"), "x-syncml-hmac", "not of the user 'ExampleMDM'"),
    (changed_behind, "x-syncml-hmac", "does not prove"),
    (with_mac(package_2(cred=server_cred())), "SyncHdr/Cred", "beside the MAC"),
    (
        with_mac(reply(statuses("212", inner=chal_mac()) + GET_SWV)),
        "Data",
        "answered with 212",
    ),
    (with_mac(reply(statuses("200", inner="") + GET_SWV)), "Chal", "no NextNonce"),
    (with_mac(reply(statuses("200") + GET_SWV)), "Chal/Meta/Type", "changes from mac to md5"),
    (with_mac(asks()), "Data", "challenges again"),
]


@pytest.mark.parametrize(("turn", "place", "reason"), WRONG)
def test_a_message_that_is_not_proven_ends_the_session(turn: Turn, place: str, reason: str) -> None:
    assert_refusal(refused(asks(), turn), "management", place, reason)


def test_each_message_is_proven_not_only_the_first() -> None:
    error = refused(asks(), with_mac(package_2()), package_4())
    assert_refusal(error, "management", "x-syncml-hmac", "has no MAC")
    assert error.phone is not None
    assert error.phone.nonce_c2s == NONCES[0]


def test_nothing_is_kept_of_a_server_whose_first_mac_fails() -> None:
    error = refused(asks(), package_2())
    assert error.phone is not None
    assert error.phone.nonce_c2s == DEVICE_NONCE


def test_a_client_entry_that_is_no_digest_accepts_no_mac() -> None:
    entry = '<parm name="AAUTHLEVEL" value="CLIENT"/><parm name="AAUTHTYPE" value="{}"/>'
    phone = enrolled_with((entry.format("DIGEST"), entry.format("BASIC")))
    error = refused(asks(), with_mac(package_2()), phone=phone)
    assert_refusal(error, "management", "x-syncml-hmac", "not DIGEST")


def test_a_user_that_cannot_stand_in_the_header() -> None:
    phone = enrolled_with((f'value="{DEVICE_USER}"', "value='a\"b'"))
    error = refused(asks(), phone=phone)
    assert_refusal(error, "management", "x-syncml-hmac", "user name")


# --- the values alone ---------------------------------------------------------------------------

SESSION = Session(session_id="1", url="u", scheme=AuthScheme.MD5, sends_cred=True)
MD5 = Challenge(scheme=AuthScheme.MD5, nonce=NEXT_NONCE)
BASIC = Challenge(scheme=AuthScheme.BASIC, nonce=None)
DENIED = ServerProof(code=401, refused=refusal("wrong", "/x"))


def answer(code: str) -> Status:
    return Status(cmd_id="1", msg_ref="1", cmd_ref="0", cmd="SyncHdr", data=code, place="/s")


def test_212_holds_for_the_session_and_its_nonce_for_the_next() -> None:
    after = accepted(SESSION, answer("212"), MD5)
    assert (after.sends_cred, after.next_nonce_c2s, after.nonce_c2s) == (False, NEXT_NONCE, None)
    assert after.is_client_accepted


def test_200_holds_for_the_message_and_its_nonce_at_once() -> None:
    after = accepted(SESSION, answer("200"), MD5)
    assert (after.sends_cred, after.next_nonce_c2s, after.nonce_c2s) == (True, None, NEXT_NONCE)


def test_the_scheme_stays_and_one_challenge_is_answered() -> None:
    with pytest.raises(Refusal, match="changes from md5 to basic"):
        accepted(SESSION, answer("212"), BASIC)
    after = challenged(SESSION, answer("401"), BASIC)
    assert (after.scheme, after.challenges, after.sends_cred) == (AuthScheme.BASIC, 1, True)
    with pytest.raises(Refusal, match="challenges again"):
        challenged(after, answer("401"), MD5)
    with pytest.raises(Refusal, match="without Chal"):
        challenged(SESSION, answer("407"), None)


def test_the_server_is_challenged_once_with_a_nonce_of_its_own() -> None:
    random = counted_random()
    after, first = judged(SESSION, DENIED, random)
    assert (first.data, after.server_refusals) == ("401", 1)
    assert first.chal is not None
    assert len(first.chal.next_nonce or b"") == 16
    assert first.chal.next_nonce == after.nonce_s2c
    with pytest.raises(Refusal, match="wrong"):
        judged(after, DENIED, random)
    after, first = judged(after, ServerProof(code=212), random)
    assert (first.data, after.is_server_accepted) == ("212", True)
    assert first.chal is not None
    assert first.chal.next_nonce == after.next_nonce_s2c
    again, first = judged(after, ServerProof(code=212), random)
    assert (again, first.chal) == (after, None)


def test_the_provider_is_the_user_of_the_servers_mac() -> None:
    """Vector M1 of session.md 4.6 by the formula of these tests."""
    body = b"<SyncML xmlns='SYNCML:SYNCML1.2'><SyncHdr/></SyncML>"
    assert len(body) == 52
    value = server_mac(b"Nonce", body, user="Bruce2", secret="OhBehave")
    assert value.endswith('username="Bruce2", mac=A9eE1Vs1T6HSl6hBFZEHaQ==')
    assert PROVIDER in server_mac(b"", body)
