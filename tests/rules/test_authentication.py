"""Rules on credentials, challenges and nonces."""

from __future__ import annotations

import pytest

from mdmcore.http import TlsFacts
from mdmcore.records import AuthScheme
from mdmcore.syncml.credentials import basic_cred
from tests.support.story import (
    CERT_CN,
    DEVICE_SECRET,
    GET,
    NONCE_C2S,
    NONCE_S2C,
    Story,
    account,
    answer,
    device_cred,
    document,
    header_status,
    package,
    package1,
    package1_statuses,
    rules_of,
    server_cred,
)

N1, N2, N3, N4 = (bytes([value] * 16) for value in (0x31, 0x32, 0x33, 0x34))


def enrolled() -> Story:
    return Story("win10").enrolled()


# --- missing-212


def test_right_credentials_answered_with_212() -> None:
    assert enrolled().sync(package1(cred=device_cred()), answer("1", "212")).findings == ()


def test_right_credentials_answered_with_200() -> None:
    found = enrolled().sync(package1(cred=device_cred()), answer("1", "200"))
    assert rules_of(found.findings) == {"missing-212"}
    assert found.findings[0].places[0].where["xpath"].endswith("/Status[1]/Data")


def test_200_with_a_challenge_asks_for_credentials_each_time() -> None:
    found = enrolled().sync(package1(cred=device_cred()), answer("1", "200", next_nonce=N1))
    assert found.findings == ()


def test_200_to_wrong_credentials_is_another_matter() -> None:
    wrong = device_cred(secret="wrong")
    found = enrolled().sync(package1(cred=wrong), answer("1", "200"))
    assert rules_of(found.findings) == {"digest-from-unknown-values"}


def test_basic_credentials_want_212_too() -> None:
    story = Story("win10").enrolled(document(dm_account=account(scheme=AuthScheme.BASIC)))
    cred = basic_cred(CERT_CN, DEVICE_SECRET)
    assert rules_of(story.sync(package1(cred=cred), answer("1", "200")).findings) == {"missing-212"}


def test_an_unknown_account_is_judged_by_the_servers_own_word() -> None:
    found = Story("win10").sync(package1(cred=device_cred()), answer("1", "200"))
    assert rules_of(found.findings) == {"missing-212"}


# --- uncredentialed-package-not-challenged


@pytest.mark.parametrize("code", ["407", "401"])
def test_a_first_message_without_credentials_is_challenged(code: str) -> None:
    assert enrolled().sync(package1(), answer("1", code, next_nonce=N1)).findings == ()


@pytest.mark.parametrize("code", ["200", "212"])
def test_a_first_message_without_credentials_is_taken(code: str) -> None:
    found = enrolled().sync(package1(), answer("1", code))
    assert rules_of(found.findings) == {"uncredentialed-package-not-challenged"}
    assert f"Status {code}" in found.findings[0].message


def test_an_http_error_is_no_challenge() -> None:
    found = enrolled().sync(package1(), b"", status=500)
    assert rules_of(found.findings) == {"uncredentialed-package-not-challenged"}


def test_http_401_is_another_rule() -> None:
    found = enrolled().sync(package1(), b"", status=401)
    assert rules_of(found.findings) == {"http-401-instead-of-syncml"}


def test_a_client_certificate_is_proof_enough() -> None:
    tls = TlsFacts(client_certificates=(b"\x30\x00",))
    assert enrolled().sync(package1(), answer("1", "200"), tls=tls).findings == ()


def test_later_messages_need_no_credentials() -> None:
    story = enrolled()
    story.sync(package1(cred=device_cred()), answer("1", "212", "1", GET))
    second = package("2", header_status("212"))
    assert story.sync(second, answer("2", "200", "2")).findings == ()


# --- nonces


def test_right_nonces_through_three_sessions() -> None:
    story = enrolled().first_session(next_c2s=N1, next_s2c=N2)
    for number, nonce, following in (("2", N1, N3), ("3", N3, N4)):
        found = story.sync(
            package1(session_id=number, cred=device_cred(nonce)),
            answer("1", "212", next_nonce=following, session_id=number, cred=server_cred(N2)),
        )
        assert found.findings == ()


def test_the_first_nonce_for_ever_is_not_stored() -> None:
    story = enrolled().first_session(next_c2s=N1, next_s2c=N2)
    found = story.sync(
        package1(session_id="2", cred=device_cred(NONCE_C2S)),
        answer("1", "401", next_nonce=N3, session_id="2"),
    )
    assert rules_of(found.findings) == {"nextnonce-not-stored", "dm-credentials-refused"}
    assert found.findings[0].severity == "error"


def test_the_server_did_not_store_its_nonce() -> None:
    story = enrolled().first_session(next_c2s=N1, next_s2c=N2)
    found = story.sync(
        package1(session_id="2", cred=device_cred(N1)),
        answer("1", "212", session_id="2", cred=server_cred(NONCE_S2C)),
    )
    assert rules_of(found.findings) == {"nextnonce-not-stored"}
    assert found.findings[0].places[0].where["part"] == "response"


def test_a_nonce_of_two_sessions_ago_is_stale() -> None:
    story = enrolled().first_session(next_c2s=N1, next_s2c=N2)
    story.sync(
        package1(session_id="2", cred=device_cred(N1)),
        answer("1", "212", next_nonce=N3, session_id="2", cred=server_cred(N2)),
    )
    found = story.sync(
        package1(session_id="3", cred=device_cred(NONCE_C2S)),
        answer("1", "401", next_nonce=N2, session_id="3"),
    )
    assert rules_of(found.findings) == {"stale-nonce", "dm-credentials-refused"}


def test_the_nonce_of_a_challenge_is_used_at_once() -> None:
    story = enrolled()
    story.sync(package1(), answer("1", "407", next_nonce=N1))
    taken = answer("2", "212", "2", *package1_statuses("2"))
    found = story.sync(package1("2", cred=device_cred(N1)), taken)
    assert found.findings == ()


def test_the_nonce_of_a_challenge_is_not_used() -> None:
    story = enrolled()
    story.sync(package1(), answer("1", "407", next_nonce=N1))
    found = story.sync(
        package1("2", cred=device_cred(NONCE_C2S)),
        answer("2", "401", "2", *package1_statuses("2", "401")),
    )
    assert rules_of(found.findings) == {"nonce-used-too-late", "dm-credentials-refused"}


def test_the_nonce_for_the_next_session_is_used_in_this_one() -> None:
    story = enrolled()
    story.sync(package1(cred=device_cred()), answer("1", "212", "1", GET, next_nonce=N1))
    found = story.sync(
        package("2", header_status("212"), cred=device_cred(N1)), answer("2", "212", "2")
    )
    assert rules_of(found.findings) == {"nonce-used-too-early"}
    assert found.findings[0].severity == "warning"


def test_no_nonce_at_all() -> None:
    found = enrolled().sync(
        package1(cred=device_cred()), answer("1", "212", "1", GET, cred=server_cred(b""))
    )
    assert rules_of(found.findings) == {"digest-nonce-ignored"}


def test_a_digest_that_nothing_explains_names_no_nonce() -> None:
    found = enrolled().sync(
        package1(cred=device_cred(secret="wrong")), answer("1", "401", next_nonce=N1)
    )
    assert rules_of(found.findings) == {"dm-credentials-refused", "digest-from-unknown-values"}


# --- nonce-reused-by-server


def test_a_nonce_that_comes_again_is_reused() -> None:
    story = enrolled().first_session(next_c2s=N1, next_s2c=N2)
    for number, again in (("2", N1), ("3", NONCE_C2S)):
        found = story.sync(
            package1(session_id=number, cred=device_cred(N1)),
            answer("1", "212", next_nonce=again, session_id=number, cred=server_cred(N2)),
        )
        assert rules_of(found.findings) == {"nonce-reused-by-server"}
        assert found.findings[0].severity == "warning"
        assert found.findings[0].places[0].where["xpath"].endswith("/Chal/Meta/NextNonce")


def test_the_provisioned_nonce_is_not_handed_out_again() -> None:
    found = enrolled().sync(package1(), answer("1", "407", next_nonce=NONCE_C2S))
    assert rules_of(found.findings) == {"nonce-reused-by-server"}


def test_a_message_sent_again_gets_the_same_nonce() -> None:
    story = enrolled()
    for _ in range(2):
        found = story.sync(package1(), answer("1", "407", next_nonce=N1))
        assert not rules_of(found.findings) & {"nonce-reused-by-server"}


def test_a_nonce_nobody_knows_is_not_judged() -> None:
    story = Story("win10")
    for _ in range(2):
        found = story.sync(package1(cred=device_cred()), answer("1", "401", next_nonce=N1))
        assert "nonce-reused-by-server" not in rules_of(found.findings)
