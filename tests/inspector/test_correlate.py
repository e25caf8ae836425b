"""Exchanges joined into lives."""

from __future__ import annotations

from mdmcore.http import Headers, Request, Response, TlsFacts
from mdmcore.pki.request import build_phone_csr
from mdmcore.rules.life import Outcome
from mdmcore.syncml.credentials import digest_cred
from tests.support.keys import load_key
from tests.support.renewal import renew, renew_message, renewal_pkcs7
from tests.support.story import (
    CERT_CN,
    EMAIL,
    ENROLLMENT_URL,
    GET,
    NONCE_C2S,
    STORE_URL,
    Story,
    account,
    answer,
    certificate,
    device_cred,
    document,
    header_status,
    package,
    package1,
    package1_statuses,
)

OTHER = "bert@example.test"


def lives(story: Story) -> list[tuple[str | None, str, int]]:
    return [(life.id, life.email, life.exchanges) for life in story.inspector.lives()]


def hub_get(story: Story):
    return story.tell(Request(method="GET", url=STORE_URL), Response(status=200, body=b"PK"))


def test_a_whole_life() -> None:
    story = Story()
    story.probe()
    story.enrolled()
    story.sync(package1(cred=device_cred()), answer("2", "212"))
    hub_get(story)
    assert lives(story) == [("life-1", EMAIL, 6)]
    life = story.inspector.lives()[0]
    assert (life.profile, life.outcome) == ("wp8", Outcome.COMPLETE)
    assert life.device["certificate"] == f"CN={CERT_CN}"
    assert life.device["manufacturer"] == "NOKIA"
    assert life.hub_bytes == 2


def test_a_life_is_told_without_knowing_the_peer() -> None:
    story = Story(peer=None)
    story.probe()
    story.enrolled()
    story.sync(package1(cred=device_cred()), answer("2", "212"))
    hub_get(story)
    assert lives(story) == [("life-1", EMAIL, 6)]


def test_two_devices_at_once() -> None:
    story = Story(peer=None)
    key2 = build_phone_csr(load_key("device2"))
    wap2 = document(client=certificate(b"BERT", key="device2"), dm_account=account("BERT"))
    story.discover()
    story.discover(email=OTHER)
    story.policies(username=OTHER)
    story.policies()
    story.enroll(wap2, csr=key2, username=OTHER)
    story.enroll()
    assert lives(story) == [("life-1", EMAIL, 3), ("life-2", OTHER, 3)]
    bert = digest_cred("BERT", "device-secret", NONCE_C2S)
    second = story.sync(package1(cred=bert, source="bert-phone"), answer("2", "212"))
    first = story.sync(package1(cred=device_cred()), answer("2", "212"))
    assert (second.life, first.life) == ("life-2", "life-1")


def test_a_discover_after_a_finished_enrolment_is_a_new_life() -> None:
    story = Story().enrolled()
    story.sync(package1(cred=device_cred()), answer("2", "212"))
    story.enrolled()
    assert lives(story) == [("life-1", EMAIL, 4), ("life-2", EMAIL, 3)]
    found = story.sync(package1(cred=device_cred()), answer("2", "212"))
    assert found.life == "life-2"


def test_a_second_device_of_one_user_leaves_the_first_where_it_is() -> None:
    story = Story().enrolled()
    story.sync(package1(cred=device_cred()), answer("2", "212"))
    story.discover()
    csr = build_phone_csr(load_key("device2"))
    wap = document(client=certificate(b"B", key="device2"), dm_account=account("B"))
    assert story.enroll(wap, csr=csr).life == "life-2"
    first = story.sync(package1(session_id="2", cred=device_cred()), answer("2", "212"))
    cred = digest_cred("B", "device-secret", NONCE_C2S)
    second = story.sync(package1(cred=cred, source="device-b"), answer("2", "212"))
    assert (first.life, second.life) == ("life-1", "life-2")


def test_a_new_enrolment_is_used_from_its_first_message_without_credentials() -> None:
    story = Story().enrolled()
    story.sync(package1(cred=device_cred()), answer("2", "212"))
    story.enrolled()
    nonce = b"n" * 16
    story.sync(package1(), answer("2", "407", next_nonce=nonce))
    taken = answer("3", "212", "2", *package1_statuses("2"))
    found = story.sync(package1("2", cred=device_cred(nonce)), taken)
    assert (found.life, found.findings) == ("life-2", ())


def test_a_second_attempt_belongs_to_the_same_life() -> None:
    story = Story()
    for _ in range(3):
        story.discover()
    story.enroll()
    story.enroll()
    assert lives(story) == [("life-1", EMAIL, 5)]


def test_a_new_enrolment_with_the_old_key_is_a_new_life() -> None:
    story = Story().enrolled()
    story.discover(email=OTHER)
    assert story.enroll(username="somebody").life == "life-2"


def test_the_device_id_of_windows_10_leads_to_its_life() -> None:
    story = Story(peer=None)
    story.discover()
    story.enroll(context=(("DeviceID", "ABCDEF"), ("DeviceType", "CIMClient_Windows")))
    found = story.sync(
        package1(source="ABCDEF"),
        answer("1", "407", next_nonce=b"n" * 16),
        url="https://elsewhere.test/dm",
    )
    assert found.life == "life-1"


def test_a_session_without_enrolment_is_a_life_of_its_own() -> None:
    story = Story()
    found = story.sync(package1(cred=device_cred()), answer("2", "212"))
    assert found.life == "life-1"
    assert story.inspector.lives()[0].device_id


def test_lives_that_turn_out_to_be_one_are_merged() -> None:
    story = Story(peer=None)
    for number, user in enumerate((EMAIL, OTHER)):
        name = (CERT_CN, "BERT")[number]
        csr = build_phone_csr(load_key(("device", "device2")[number]))
        wap = document(
            client=certificate(name.encode(), key=("device", "device2")[number]),
            dm_account=account(name),
        )
        story.discover(email=user)
        story.enroll(wap, csr=csr, username=user)
    # Nobody can tell whose first message this is: both have this ADDR.
    first = story.sync(package1(), answer("1", "407", next_nonce=NONCE_C2S))
    assert first.life == "life-3"
    bert = digest_cred("BERT", "device-secret", NONCE_C2S)
    second = story.sync(package1("2", cred=bert), answer("2", "212", "2"))
    assert second.life == "life-2"
    parts = {life.id: life.parts for life in story.inspector.lives()}
    assert parts == {"life-1": ("life-1",), "life-2": ("life-2", "life-3")}
    assert {f.life for f in story.inspector.findings() if f.rule == "dm-post-not-to-addr"} == set()


def test_findings_follow_a_merged_life() -> None:
    story = Story(peer=None)
    story.discover()
    story.enroll()
    story.discover(email=OTHER)
    story.enroll(csr=build_phone_csr(load_key("device2")), username=OTHER)
    story.sync(package1(), answer("1", "200"))
    assert {f.life for f in story.inspector.findings() if f.rule.startswith("uncred")} == {"life-3"}
    story.sync(package1("2", cred=device_cred()), answer("2", "212", "2"))
    found = {f.life for f in story.inspector.findings() if f.rule.startswith("uncred")}
    assert found <= {"life-1", "life-2"}


def test_a_client_certificate_leads_to_its_life() -> None:
    story = Story(peer=None).enrolled()
    story.discover(email=OTHER)
    csr = build_phone_csr(load_key("device2"))
    story.enroll(document(client=certificate(key="device2")), csr=csr, username=OTHER)
    tls = TlsFacts(client_certificates=(certificate(),))
    found = story.sync(package1(), answer("1", "200"), tls=tls)
    assert found.life == "life-1"


def test_other_traffic_belongs_to_nobody() -> None:
    story = Story().enrolled()
    request = Request(method="GET", url="https://news.test/", headers=Headers())
    assert story.tell(request, Response(status=200)).life is None
    assert len(story.inspector.lives()) == 1


def test_a_stopped_and_a_refused_life() -> None:
    story = Story()
    story.discover()
    story.tell(Request(method="GET", url=STORE_URL), None)
    assert story.inspector.lives()[0].outcome is Outcome.RUNNING
    story.discover(status=503)
    assert story.inspector.lives()[0].outcome is Outcome.REFUSED
    request = Request(
        method="POST",
        url="https://enterpriseenrollment.example.test/EnrollmentServer/Discovery.svc",
    )
    story.tell(request, None, error="connection closed")
    life = story.inspector.lives()[0]
    assert (life.outcome, life.stop) == (Outcome.STOPPED, "discover: connection closed")
    story.enrolled()
    assert story.inspector.lives()[0].outcome is Outcome.RUNNING


def test_a_forced_profile_stands() -> None:
    story = Story("win10").enrolled()
    assert story.inspector.lives()[0].profile == "win10"


def test_many_exchanges_do_not_grow_a_life() -> None:
    story = Story().enrolled()
    for number in range(50):
        session = str(number)
        story.sync(
            package1(session_id=session, cred=device_cred()),
            answer("2", "212", "1", GET, session_id=session),
        )
        story.sync(
            package("2", header_status("212", "2"), session_id=session),
            answer("3", "200", "2", session_id=session),
        )
    assert len(story.inspector.lives()) == 1
    assert story.inspector.lives()[0].exchanges == 103


def test_whether_the_kind_of_device_is_known() -> None:
    told = Story("auto")
    told.enroll(context=())
    assert not told.inspector.lives()[0].is_profile_known
    told.sync(package1(cred=device_cred()), None)
    assert not told.inspector.lives()[0].is_profile_known
    for story in (Story("wp81"), Story("auto")):
        story.discover()
        assert story.inspector.lives()[0].is_profile_known


def test_a_renewal_belongs_to_the_life_of_its_signer() -> None:
    story = Story(peer=None).enrolled()
    story.discover(email=OTHER)
    csr = build_phone_csr(load_key("device2"))
    story.enroll(document(client=certificate(key="device2")), csr=csr, username=OTHER)
    other = renewal_pkcs7(signer=certificate(key="device2"), key="device2")
    assert renew(story, renew_message(other)).life == "life-2"
    assert renew(story).life == "life-1"


def test_a_request_that_says_nothing_is_of_the_device_that_is_known_there() -> None:
    story = Story().enrolled()
    assert story.post(ENROLLMENT_URL, b"", b"", status=500).life == "life-1"
    story.peer = "192.0.2.99"
    assert story.post(ENROLLMENT_URL, b"", b"", status=500).life == "life-2"
