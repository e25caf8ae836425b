"""The phone's proof and the server's, as the phone sees them (ets.md 3)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdmcore.http import Request, Response
from mdmcore.phone import EnrolledPhone, Refusal, run, sync
from tests.ets import text as t
from tests.ets import wbxml
from tests.ets.scripted import (
    LAST,
    NEXT_NONCE,
    PROFILES,
    Script,
    device_digest,
    enrolled,
    enrolled_with,
    first,
    hold,
    server_cred,
    turn,
)
from tests.ets.text import Message
from tests.phone.scripted import (
    DEVICE_NONCE,
    DEVICE_SECRET,
    DEVICE_USER,
    PROVIDER,
    SERVER_NONCE,
    SERVER_SECRET,
    answer,
)
from tests.support.ets import PHONE
from tests.support.server import FixedClock, counted_random

ets = pytest.mark.ets

SWV = "./DevDetail/SwV"
GET = t.get("g", SWV)
FRESH = b"fresh for once.."
NONCES = [bytes.fromhex("003aff00ff3a0a0d00c32800feff2000"), b"\x00" * 16, b":" * 16]


def talk(script: Script, phone: EnrolledPhone | None = None) -> None:
    run(sync(phone or enrolled(), random=counted_random(), clock=FixedClock()), script)


@ets("DMX-106", PHONE)
def test_the_published_digest() -> None:
    phone = enrolled_with(
        (DEVICE_USER, "Bruce2"),
        (DEVICE_SECRET, "OhBehave"),
        (t.b64(DEVICE_NONCE), "Tm9uY2U="),
    )
    (opening, *_), _ = hold(first(GET), LAST, phone=phone)
    assert opening.header("Cred/Data") == "Zz6EivR3yeaaENcRN6lpAQ=="
    assert opening.header("Source/LocName") == "Bruce2"


@ets("DMX-107", PHONE)
@pytest.mark.parametrize("nonce", NONCES)
def test_nonces_are_bytes_in_both_directions(nonce: bytes) -> None:
    phone = enrolled_with((t.b64(SERVER_NONCE), t.b64(nonce)))
    _, outcome = hold(first(GET, chal=t.chal(nonce), cred=server_cred(nonce)), LAST, phone=phone)
    assert outcome.is_server_authenticated
    following = Script((first(GET), LAST, LAST))
    with pytest.raises((Refusal, AssertionError)):  # the server's part is not of interest
        talk(following, outcome.phone)
    assert following.received[0].header("Cred/Data") == device_digest(nonce)


@ets("DMC-108", PHONE)
@pytest.mark.parametrize("code", ["401", "407"])
@pytest.mark.parametrize("profile", PROFILES)
def test_a_challenged_phone_begins_again_in_the_same_session(code: str, profile: str) -> None:
    said, outcome = hold(turn(code=code, chal=t.chal(FRESH)), first(GET), LAST, profile=profile)
    before, after = said[0], said[1]
    assert after.header("SessionID") == before.header("SessionID")
    assert (before.msg_id, after.msg_id) == ("1", "2")
    assert after.header("Cred/Data") == device_digest(FRESH)
    assert after.names[0] == "Status"
    assert after.statuses[0].cmd == "SyncHdr"
    assert "1201" in after.alerts
    assert outcome.is_client_authenticated


@ets("DMC-108", PHONE)
def test_the_requested_scheme_is_used() -> None:
    said, _ = hold(turn(code="407", chal=t.BASIC_CHAL), first(GET, chal=""), LAST)
    assert said[0].header("Cred/Meta/Type") == "syncml:auth-md5"
    assert said[1].header("Cred/Meta/Type") == "syncml:auth-basic"
    assert said[1].header("Cred/Data") == t.b64(f"{DEVICE_USER}:{DEVICE_SECRET}".encode())


@ets("DMC-108", PHONE)
def test_a_phone_that_waits_to_be_asked() -> None:
    phone = enrolled("wp8", sends_cred_first=False)
    said, _ = hold(turn(code="407", chal=t.chal(FRESH)), first(GET), LAST, phone=phone)
    assert not said[0].has("Cred")
    assert said[1].header("Cred/Data") == device_digest(FRESH)


@ets("DMC-108", PHONE)
def test_one_challenge_and_no_more() -> None:
    script = Script((turn(code="401", chal=t.chal(FRESH)), turn(code="401", chal=t.chal(FRESH))))
    with pytest.raises(Refusal, match="challenge"):
        talk(script)
    assert len(script.received) == 2


@ets("DMC-109", PHONE)
@pytest.mark.parametrize("profile", PROFILES)
def test_the_nonce_of_212_is_for_the_next_session(profile: str) -> None:
    said, outcome = hold(first(GET), turn(t.get("h", SWV)), LAST, profile=profile)
    assert not any(message.has("Cred") for message in said[1:])
    assert outcome.phone.nonce_s2c is not None
    again, _ = hold(
        first(GET, cred=server_cred(outcome.phone.nonce_s2c)), LAST, phone=outcome.phone
    )
    assert again[0].header("Cred/Data") == device_digest(NEXT_NONCE)


@ets("DMC-110", PHONE)
def test_200_with_a_challenge_wants_a_digest_in_the_next_message() -> None:
    nonces = [bytes([number]) * 16 for number in (1, 2, 3)]
    said, _ = hold(
        first(GET, code="200", chal=t.chal(nonces[0])),
        turn(t.get("h", SWV), chal=t.chal(nonces[1])),
        turn(chal=t.chal(nonces[2])),
    )
    assert [message.header("Cred/Data") for message in said] == [
        device_digest(),
        device_digest(nonces[0]),
        device_digest(nonces[1]),
    ]


@ets("DMS-111", PHONE)
def test_a_stale_nonce_recovers_in_one_step() -> None:
    stale = replace(enrolled(), nonce_c2s=b"long gone")
    said, outcome = hold(turn(code="401", chal=t.chal(FRESH)), first(GET), LAST, phone=stale)
    assert said[1].header("Cred/Data") == device_digest(FRESH)
    assert outcome.phone.nonce_c2s == NEXT_NONCE


@ets("DMS-112", PHONE)
@pytest.mark.parametrize("profile", PROFILES)
def test_a_right_server_is_told_212_with_a_nonce(profile: str) -> None:
    said, outcome = hold(first(GET), turn(t.get("h", SWV)), LAST, profile=profile)
    assert said[1].header_code == "212"
    assert len(said[1].next_nonce) >= 8
    assert said[1].chal("Type") == "syncml:auth-md5"
    assert said[1].code("g") == "200"
    assert said[2].code("h") == "200"
    assert outcome.is_server_authenticated
    assert outcome.phone.nonce_s2c == said[1].next_nonce


WRONG = [
    pytest.param(server_cred(b"another nonce"), "401", id="nonce"),
    pytest.param(server_cred(secret=DEVICE_SECRET), "401", id="secret"),
    pytest.param("", "407", id="missing"),
    pytest.param(t.md5_cred(DEVICE_USER, SERVER_SECRET, SERVER_NONCE), "401", id="user"),
]


@ets("DMS-113", PHONE)
@pytest.mark.parametrize(("cred", "code"), WRONG)
def test_a_wrong_server_is_challenged_and_nothing_is_done(cred: str, code: str) -> None:
    uri = "./Vendor/MSFT/DMClient/Provider/ExampleMDM/EntDMID"
    work = t.replace("r", uri, "CHANGED")

    def proves(received: Message, request: Request) -> Response:
        nonce = received.next_nonce
        assert nonce
        return turn(work + t.get("k", uri), cred=server_cred(nonce))(received, request)

    said, outcome = hold(first(work, cred=cred), proves, LAST)
    refused = said[1]
    assert refused.header_code == code
    assert refused.chal("Type") == "syncml:auth-md5"
    assert refused.code("r") not in {"200", "202"}
    assert said[2].code("r") == "200"
    assert said[2].values == {uri: "CHANGED"}
    assert outcome.is_server_authenticated


@ets("DMS-113", PHONE)
def test_a_server_that_is_wrong_twice_is_left() -> None:
    wrong = server_cred(b"another nonce")
    script = Script((first(GET, cred=wrong), turn(GET, cred=wrong)))
    with pytest.raises(Refusal):
        talk(script)
    assert len(script.received) == 2


@ets("DMC-115", PHONE)
@pytest.mark.parametrize("cred", ["", server_cred(b"another nonce")])
def test_a_bare_answer_without_a_right_proof_is_not_challenged(cred: str) -> None:
    bare = first("", cred=cred)
    script = Script((bare, bare, bare))
    with pytest.raises(Refusal):
        talk(script)
    assert not any(message.has_chal for message in script.received)
    assert not any(one.code in {"401", "407"} for m in script.received for one in m.statuses)


class HmacServer:
    """Asks for HMAC with a new nonce in each answer, and proves each of its own messages so."""

    def __init__(self, *, is_wbxml: bool) -> None:
        self.is_wbxml = is_wbxml
        self.nonces = [bytes([number]) * 16 for number in range(1, 9)]
        self.own_nonce = SERVER_NONCE
        self.seen: list[tuple[str, bytes]] = []
        self.received: list[Message] = []

    def __call__(self, request: Request) -> Response:
        body = request.body or b""
        self.seen.append((request.headers.get(t.HMAC) or "", body))
        self.received.append(Message(wbxml.decode(body) if self.is_wbxml else body))
        number = len(self.received)
        assert number < 5, "a message too many"
        self.own_nonce = self.received[-1].next_nonce or self.own_nonce
        chal = t.chal(self.nonces[number - 1], "MAC")
        if number == 1:
            say = turn(code="407", chal=chal)
        else:
            say = turn({2: GET, 3: t.get("h", SWV)}.get(number, ""), chal=chal)
        told = say(self.received[-1], request)
        if self.is_wbxml:
            told = answer(wbxml.encode(told.body or b""), t.WBXML_TYPE)
        if number == 1:
            return told
        proof = t.mac_header(PROVIDER, SERVER_SECRET, self.own_nonce, told.body or b"")
        return replace(told, headers=told.headers.replaced(t.HMAC, proof))


@ets("DMX-120", PHONE)
@pytest.mark.parametrize("is_wbxml", [False, True])
def test_a_challenge_for_hmac_is_followed(is_wbxml: bool) -> None:
    phone = enrolled_with((t.XML_TYPE, t.WBXML_TYPE)) if is_wbxml else enrolled()
    server = HmacServer(is_wbxml=is_wbxml)
    run(sync(phone, random=counted_random(), clock=FixedClock()), server)
    assert len(server.received) == 4
    assert server.seen[0][0] == ""
    for (header, body), message, nonce in zip(
        server.seen[1:], server.received[1:], server.nonces, strict=False
    ):
        assert not message.has("Cred"), "no Cred beside the header"
        assert message.header("Source/LocName") == DEVICE_USER
        assert f'username="{DEVICE_USER}"' in header
        mac = t.mac(DEVICE_USER, DEVICE_SECRET, nonce, body)
        assert header.rpartition("mac=")[2].strip('"') == mac
    assert server.received[2].code("g") == "200"
    assert server.received[2].header_code == "200"


@ets("DMX-120", PHONE)
def test_a_changed_body_does_not_go_with_the_servers_mac() -> None:
    server = HmacServer(is_wbxml=False)

    def changed(request: Request) -> Response:
        told = server(request)
        if len(server.received) != 2:
            return told
        body = (told.body or b"").replace(b"SwV", b"HwV")
        return replace(told, body=body)

    with pytest.raises(Refusal):
        run(sync(enrolled(), random=counted_random(), clock=FixedClock()), changed)
    assert not any(message.values for message in server.received)


@ets("DMX-120", PHONE)
def test_212_to_an_hmac_is_refused() -> None:
    script = Script(
        (turn(code="407", chal=t.chal(FRESH, "MAC")), first(GET, chal=t.chal(FRESH, "MAC")), LAST)
    )
    with pytest.raises(Refusal):
        talk(script)


@ets("DMX-122", PHONE)
@pytest.mark.parametrize("profile", PROFILES)
def test_loc_name_is_the_user_of_the_digest(profile: str) -> None:
    (opening, *_), _ = hold(first(GET), LAST, profile=profile)
    user = opening.header("Source/LocName")
    assert opening.header("Cred/Data") == t.digest(user, DEVICE_SECRET, DEVICE_NONCE)
