"""Rules on credentials that more than one message must be seen for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdmcore.records import AuthScheme
from mdmcore.syncml.credentials import basic_cred
from mdmcore.syncml.model import Chal, SyncML
from tests.support.story import (
    CERT_CN,
    DEVICE_ID,
    DEVICE_SECRET,
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
)

N1, N2 = b"1" * 16, b"2" * 16


def test_the_server_challenges_twice() -> None:
    for again, speaks in (("401", True), ("212", False)):
        story = Story("win10").enrolled()
        story.sync(package1(), answer("1", "407", next_nonce=N1))
        second = answer("2", again, "2", *package1_statuses("2"), next_nonce=N2)
        found = story.sync(package1("2", cred=device_cred(N1)), second)
        assert ("challenge-loop" in rules_of(found.findings)) is speaks


def test_the_device_challenges_twice() -> None:
    story = Story("win10").enrolled()
    story.sync(package1(cred=device_cred()), answer("2", "212", "1", is_proved=False))
    for number, speaks in (("2", False), ("3", True)):
        found = story.sync(
            package(number, header_status("401", number, next_nonce=bytes([int(number)]) * 16)),
            answer(str(int(number) + 1), "200", number),
        )
        assert ("challenge-loop" in rules_of(found.findings)) is speaks


def with_chal(message: SyncML, kind: str) -> SyncML:
    status, *rest = message.commands
    assert status.name == "Status"
    changed = replace(status, chal=Chal(type=kind, format="b64"))  # type: ignore[arg-type]
    return replace(message, commands=(changed, *rest))


@pytest.mark.parametrize(
    ("kind", "speaks"), [("syncml:auth-basic", True), ("syncml:auth-md5", False)]
)
def test_another_type_is_asked_for_behind_an_accepted_one(kind: str, speaks: bool) -> None:
    back = with_chal(answer("2", "200"), kind)
    found = Story("win10").enrolled().sync(package1(cred=device_cred()), back)
    assert ("auth-type-changed" in rules_of(found.findings)) is speaks


def test_another_type_than_was_asked_for() -> None:
    basic = document(dm_account=account(scheme=AuthScheme.BASIC))
    for kind, speaks in (("syncml:auth-md5", True), ("syncml:auth-basic", False)):
        story = Story("win10").enrolled(basic)
        story.sync(package1(), with_chal(answer("1", "407"), kind))
        found = story.sync(
            package1("2", cred=basic_cred(CERT_CN, DEVICE_SECRET)), answer("2", "212", "2")
        )
        assert ("auth-type-changed" in rules_of(found.findings)) is speaks


def test_a_nonce_of_an_answer_that_was_perhaps_refused_counts_as_not_given() -> None:
    story = Story("win10").enrolled()
    get = answer("2", "212", "1", next_nonce=N1)
    story.sync(package1(cred=device_cred()), replace(get, is_final=False))
    for nonce in (N1, None):
        cred = device_cred() if nonce is None else device_cred(nonce)
        again = package1(session_id="2", cred=cred)
        found = story.sync(again, answer("2", "212", "1", session_id="2"))
        assert rules_of(found.findings) == set()


# --- retry-changed-session, basic-over-digest, re-enrolled-state-kept


@pytest.mark.parametrize(
    ("session_id", "msg_id", "speaks"),
    [("1", "2", False), ("1", "3", True), ("9", "2", True), ("9", "1", False)],
)
def test_a_challenge_is_answered_elsewhere(session_id: str, msg_id: str, speaks: bool) -> None:
    story = Story("win10").enrolled()
    story.sync(package1(), answer("1", "407", next_nonce=N1))
    found = story.sync(
        package1(msg_id, session_id=session_id, cred=device_cred(N1)),
        answer("2", "212", msg_id, *package1_statuses(msg_id), session_id=session_id),
    )
    assert ("retry-changed-session" in rules_of(found.findings)) is speaks


@pytest.mark.parametrize(("scheme", "speaks"), [(AuthScheme.MD5, True), (AuthScheme.BASIC, False)])
def test_basic_where_a_digest_was_provisioned(scheme: AuthScheme, speaks: bool) -> None:
    story = Story("wp8").enrolled(document(dm_account=account(scheme=scheme)))
    found = story.sync(package1(cred=basic_cred(CERT_CN, DEVICE_SECRET)), answer("2", "212"))
    assert ("basic-over-digest" in rules_of(found.findings)) is speaks


def test_the_account_before_of_a_device_that_tells_its_id_when_it_enrols() -> None:
    story = Story("win10")
    context = (("DeviceID", DEVICE_ID), ("DeviceType", "CIMClient_Windows"))
    story.discover()
    story.enroll(context=context)
    story.sync(package1(cred=device_cred()), answer("2", "212"))
    story.discover()
    story.enroll(document(dm_account=replace(account(), secret="new-secret")), context=context)
    found = story.sync(package1(session_id="2", cred=device_cred()), answer("1", "401"))
    assert "re-enrolled-state-kept" in rules_of(found.findings)


def test_the_account_of_the_enrolment_before() -> None:
    for old, speaks in ((True, True), (False, False)):
        story = Story("wp8").enrolled()
        story.sync(package1(cred=device_cred()), answer("2", "212"))
        new = replace(account(), secret="new-secret", nonce_c2s=N1)
        story.enrolled(document(dm_account=new))
        story.sync(package1(session_id="2"), answer("2", "407", session_id="2", next_nonce=N1))
        cred = device_cred() if old else device_cred(N1, "new-secret")
        found = story.sync(
            package1("2", session_id="2", cred=cred), answer("3", "401", "2", session_id="2")
        )
        assert ("re-enrolled-state-kept" in rules_of(found.findings)) is speaks
