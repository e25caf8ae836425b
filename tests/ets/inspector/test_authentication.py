"""What the inspector finds in credentials, challenges and nonces (ets.md 3)."""

from __future__ import annotations

import pytest

from mdmcore.records import AuthScheme
from tests.ets import text as t
from tests.ets import wbxml
from tests.ets.exchange import (
    C2S_2,
    C2S_3,
    FIRST,
    GET,
    GOT,
    PACKAGE_1,
    S2C_2,
    Seen,
    accepted,
    asked,
    closing,
    device_cred,
    right_session,
    server_cred,
    statuses,
    told,
)
from tests.support.ets import INSPECTOR
from tests.support.story import (
    CERT_CN,
    DEVICE_SECRET,
    NONCE_C2S,
    NONCE_S2C,
    PROVIDER,
    SERVER_SECRET,
    account,
    document,
)

ets = pytest.mark.ets

BARE = asked(PACKAGE_1)


def challenge(code: str, *, nonce: bytes = C2S_2, body: str = "", msg_id: str = "2") -> bytes:
    """401 or 407 with a Chal, and nothing else but ``body``."""
    return told(statuses(code, rest=code, chal=t.chal(nonce)) + body, msg_id)


def again(cred: str, *, ref: str = "2", msg_id: str = "2", session_id: str = "1A") -> bytes:
    """Package 1 once more, after a challenge."""
    body = t.status("1", ref, "0", "SyncHdr", "200") + PACKAGE_1
    return asked(body, msg_id, cred=cred, name=CERT_CN, session_id=session_id)


def taken(ref: str = "2", msg_id: str = "3", *, nonce: bytes = C2S_3, body: str = GET) -> bytes:
    """The server takes the credentials of that message."""
    answer = statuses("212", ref, chal=t.chal(nonce)) + body
    return told(answer, msg_id, cred=server_cred(), name=PROVIDER)


@ets("DMS-101", INSPECTOR)
@ets("DMS-102", INSPECTOR)
@ets("DMC-108", INSPECTOR)
@ets("DMX-117", INSPECTOR)
@ets("DMX-119", INSPECTOR)
@pytest.mark.parametrize("code", ["401", "407"])
def test_a_right_challenge_and_its_answer(code: str) -> None:
    seen = Seen()
    opening = BARE if code == "407" else asked(PACKAGE_1, cred=device_cred(b"x"), name=CERT_CN)
    found = seen.sync(opening, challenge(code))
    refused = {"dm-credentials-refused", "stale-nonce", "digest-from-unknown-values"}
    assert found <= refused, "only that they were refused"
    assert seen.sync(again(device_cred(C2S_2)), taken()) == set()


@ets("DMS-101", INSPECTOR)
@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        (accepted(GET), "uncredentialed-package-not-challenged"),
        (told(statuses("407", rest="407")), "challenge-without-chal"),
        (challenge("407", body=GET), "challenge-with-commands"),
        (told(t.status("1", "1", "0", "SyncHdr", "407", t.chal(C2S_2))
              + t.status("2", "1", "2", "Alert", "407")), "challenge-incomplete-status"),
    ],
)  # fmt: skip
def test_a_package_without_credentials(answer: bytes, rule: str) -> None:
    assert rule in Seen().sync(BARE, answer)


@ets("DMS-102", INSPECTOR)
@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        (told(statuses("401", rest="401")), "challenge-without-chal"),
        (challenge("401", body=GET), "challenge-with-commands"),
    ],
)
def test_a_refusal_of_credentials(answer: bytes, rule: str) -> None:
    wrong = asked(PACKAGE_1, cred=device_cred(b"wrong"), name=CERT_CN)
    assert rule in Seen().sync(wrong, answer)


BASIC = document(dm_account=account(scheme=AuthScheme.BASIC))


@ets("DMS-104", INSPECTOR)
def test_basic() -> None:
    opening = asked(PACKAGE_1, cred=t.basic_cred(CERT_CN, DEVICE_SECRET), name=CERT_CN)
    right = told(statuses("212") + GET, cred=server_cred(), name=PROVIDER)
    assert Seen(wap=BASIC).sync(opening, right) == set()
    wrong = told(statuses("200") + GET, cred=server_cred(), name=PROVIDER)
    assert "missing-212" in Seen(wap=BASIC).sync(opening, wrong)


@ets("DMS-105", INSPECTOR)
def test_a_digest_and_212() -> None:
    assert Seen().sync(FIRST, accepted(GET)) == set()
    wrong = told(statuses("200") + GET, cred=server_cred(), name=PROVIDER)
    assert Seen().sync(FIRST, wrong) == {"missing-212"}


@ets("DMC-108", INSPECTOR)
def test_a_retry_with_the_old_nonce() -> None:
    seen = Seen()
    seen.sync(BARE, challenge("407"))
    assert "nonce-used-too-late" in seen.sync(again(device_cred(NONCE_C2S)), challenge("401"))


def second_session(seen: Seen, nonce: bytes, server_nonce: bytes = S2C_2) -> set[str]:
    """The first exchange of the next session."""
    opening = asked(PACKAGE_1, cred=device_cred(nonce), name=CERT_CN, session_id="1B")
    answer = accepted(GET, nonce=C2S_3, cred=server_cred(server_nonce), session_id="1B")
    return seen.sync(opening, answer)


@ets("DMC-109", INSPECTOR)
def test_the_nonce_of_212_in_the_next_session() -> None:
    assert second_session(right_session(), C2S_2) == set()


@ets("DMC-109", INSPECTOR)
def test_the_nonce_of_the_session_before() -> None:
    seen = right_session()
    opening = asked(PACKAGE_1, cred=device_cred(NONCE_C2S), name=CERT_CN, session_id="1B")
    answer = challenge("401").replace(b">1A<", b">1B<")
    assert "nextnonce-not-stored" in seen.sync(opening, answer)


@ets("DMC-109", INSPECTOR)
def test_the_servers_nonce_of_the_session_before() -> None:
    assert "nextnonce-not-stored" in second_session(right_session(), C2S_2, NONCE_S2C)


@ets("DMC-110", INSPECTOR)
@pytest.mark.parametrize(("nonce", "found"), [(C2S_2, set()), (NONCE_C2S, {"nonce-used-too-late"})])
def test_the_nonce_of_200_in_the_next_message(nonce: bytes, found: set[str]) -> None:
    seen = Seen()
    each = told(statuses("200", chal=t.chal(C2S_2)) + GET, cred=server_cred(), name=PROVIDER)
    assert seen.sync(FIRST, each) == set()
    body = t.status("1", "2", "0", "SyncHdr", "212", t.chal(S2C_2)) + GOT
    following = asked(body, "2", cred=device_cred(nonce), name=CERT_CN)
    answer = told(t.status("1", "2", "0", "SyncHdr", "200", t.chal(C2S_3)), "3")
    assert seen.sync(following, answer) == found


@ets("DMC-110", INSPECTOR)
def test_the_nonce_of_212_used_at_once() -> None:
    seen = Seen()
    assert seen.sync(FIRST, accepted(GET)) == set()
    body = t.status("1", "2", "0", "SyncHdr", "212", t.chal(S2C_2)) + GOT
    early = asked(body, "2", cred=device_cred(C2S_2), name=CERT_CN)
    assert "nonce-used-too-early" in seen.sync(early, closing())


def digest_of(inner: bytes, joint: bytes, nonce: bytes) -> str:
    return t.cred("md5", t.b64(t.md5(inner + joint + nonce)))


PAIR = t.md5(f"{PROVIDER}:{SERVER_SECRET}".encode())
INNER = t.b64(PAIR).encode()


@ets("DMS-112", INSPECTOR)
@pytest.mark.parametrize(
    ("cred", "rule"),
    [
        ("", "missing-server-cred"),
        (device_cred(), "server-cred-copied-from-client"),
        (t.cred("md5", t.b64(t.md5(INNER + b":" + NONCE_S2C).hex().encode())),
         "digest-hex-then-base64"),
        (t.md5_cred(PROVIDER, SERVER_SECRET, b""), "digest-nonce-ignored"),
        (f"<Cred><Data>{t.digest(PROVIDER, SERVER_SECRET, NONCE_S2C)}</Data></Cred>",
         "cred-missing-meta"),
    ],
)  # fmt: skip
def test_the_servers_proof(cred: str, rule: str) -> None:
    assert rule in Seen().sync(FIRST, accepted(GET, cred=cred))


@ets("DMS-113", INSPECTOR)
@pytest.mark.parametrize(("nonce", "found"), [(S2C_2, set()), (NONCE_S2C, {"nonce-used-too-late"})])
def test_a_challenged_server_uses_the_new_nonce(nonce: bytes, found: set[str]) -> None:
    seen = Seen()
    seen.sync(FIRST, accepted(GET))
    refused = asked(
        t.status("1", "2", "0", "SyncHdr", "401", t.chal(S2C_2))
        + t.status("2", "2", "5", "Get", "401"),
        "2",
    )
    answer = closing(body=GET, cred=server_cred(nonce), name=PROVIDER)
    rules = seen.sync(refused, answer) - {"dm-credentials-refused", "command-failed-under-200"}
    assert rules == found


@ets("DMC-115", INSPECTOR)
def test_a_bare_answer_without_proof() -> None:
    """Nothing follows it: the mistake that can be seen is the server's."""
    found = Seen().sync(FIRST, accepted("", cred=""))
    assert found == {"missing-server-cred"}


@ets("DMC-115", INSPECTOR)
def test_a_device_that_challenges_a_bare_answer() -> None:
    """A Status for SyncHdr alone is never sent; what comes after it is a message too many."""
    seen = Seen()
    seen.sync(FIRST, accepted("", cred=""))
    lone = asked(t.status("1", "2", "0", "SyncHdr", "407", t.chal(S2C_2)), "2")
    found = seen.sync(lone, closing(cred=server_cred(S2C_2), name=PROVIDER))
    assert found == set(), "a server that proves itself then makes no mistake"


@ets("DMX-118", INSPECTOR)
def test_credentials_in_a_command() -> None:
    inside = f"<Get><CmdID>5</CmdID>{server_cred()}{t.item('./DevDetail/SwV')}</Get>"
    assert Seen().sync(FIRST, accepted(inside)) == {"cred-in-command"}


@ets("DMX-119", INSPECTOR)
@pytest.mark.parametrize("name", ["Format", "Type", "NextNonce"])
def test_a_challenge_with_a_part_missing(name: str) -> None:
    parts = {"Format": "b64", "Type": "syncml:auth-md5", "NextNonce": t.b64(C2S_2)}
    del parts[name]
    answer = told(statuses("407", rest="407", chal=f"<Chal>{t.meta(**parts)}</Chal>"))
    assert "chal-missing-format-or-type" in Seen().sync(BARE, answer)


MAC_CHAL = t.chal(C2S_2, "MAC")


def proved(body: bytes, nonce: bytes = NONCE_C2S) -> tuple[tuple[str, str], ...]:
    """The header of a right MAC."""
    return ((t.HMAC, t.mac_header(CERT_CN, DEVICE_SECRET, nonce, body)),)


@ets("DMX-120", INSPECTOR)
@ets("DMX-121", INSPECTOR)
@pytest.mark.parametrize("is_wbxml", [False, True])
def test_a_right_mac(is_wbxml: bool) -> None:
    opening = asked(PACKAGE_1, name=CERT_CN)
    answer = told(statuses("200", chal=MAC_CHAL) + GET, cred=server_cred(), name=PROVIDER)
    kind = t.XML_TYPE
    if is_wbxml:
        opening, answer, kind = wbxml.encode(opening), wbxml.encode(answer), t.WBXML_TYPE
    found = Seen().post(
        opening, answer, sent_as=kind, answered_as=kind, request_headers=proved(opening)
    )
    assert found == set()


@ets("DMX-120", INSPECTOR)
def test_a_mac_beside_a_cred() -> None:
    answer = told(statuses("200", chal=MAC_CHAL) + GET, cred=server_cred(), name=PROVIDER)
    assert Seen().post(FIRST, answer, request_headers=proved(FIRST)) == {"hmac-with-cred"}


@ets("DMX-121", INSPECTOR)
@pytest.mark.parametrize(
    ("code", "chal", "rule"), [("212", MAC_CHAL, "hmac-212"), ("200", "", "hmac-no-nextnonce")]
)
def test_a_mac_answered_wrongly(code: str, chal: str, rule: str) -> None:
    opening = asked(PACKAGE_1, name=CERT_CN)
    answer = told(statuses(code, chal=chal) + GET, cred=server_cred(), name=PROVIDER)
    assert Seen().post(opening, answer, request_headers=proved(opening)) == {rule}


@ets("DMX-122", INSPECTOR)
@pytest.mark.parametrize("name", [CERT_CN, ""])
def test_the_user_stands_in_loc_name_or_nowhere(name: str) -> None:
    opening = asked(PACKAGE_1, cred=device_cred(), name=name)
    assert Seen().sync(opening, accepted(GET)) == set()
