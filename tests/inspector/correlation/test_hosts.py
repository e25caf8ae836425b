"""One life over many hosts and addresses, and the keys that hold it together."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

import pytest

from mdmcore.base64_text import encode_base64
from mdmcore.enrollment.discovery import DiscoverResponse, serialize_discover_response
from mdmcore.enrollment.policies import serialize_get_policies
from mdmcore.enrollment.security import user_token
from mdmcore.enrollment.token import serialize_rst, serialize_rstrc
from mdmcore.http import Headers, Request, Response
from mdmcore.inspector import Inspection
from mdmcore.namespaces import VALUE_TYPE_JWT
from mdmcore.pki.request import build_phone_csr
from mdmcore.syncml.credentials import digest_cred
from tests.support.keys import load_key
from tests.support.renewal import renew
from tests.support.story import (
    DM_URL,
    EMAIL,
    ENROLLMENT_URL,
    HUB,
    MESSAGE_ID,
    NONCE_C2S,
    NOW,
    POLICY_URL,
    STORE_URL,
    Story,
    account,
    answer,
    certificate,
    device_cred,
    document,
    package1,
    package1_statuses,
)

BERT = "bert@example.test"
SIGN_IN = "https://sts.example.test/adfs/login"
APPRU = "ms-app://windows.immersivecontrolpanel"


def bert_document() -> bytes:
    return document(client=certificate(b"BERT", key="device2"), dm_account=account("BERT"))


def get(story: Story, url: str, **fields: str) -> Inspection:
    headers = Headers([(name.replace("_", "-"), value) for name, value in fields.items()])
    return story.tell(Request(method="GET", url=url, headers=headers), Response(status=200))


def two_enrolled(peer: str | None) -> Story:
    """Two users, and nothing seen of their devices yet."""
    story = Story(peer=peer).enrolled()
    story.discover(email=BERT)
    csr = build_phone_csr(load_key("device2"))
    story.enroll(bert_document(), csr=csr, username=BERT)
    return story


# --- hosts and addresses


@pytest.mark.parametrize("peer", ["192.0.2.7", None])
def test_each_step_at_a_host_of_its_own(peer: str | None) -> None:
    dm, store = "https://dm.other.test/tee", "https://cdn.third.test/hub.xap"
    wap = document(hub=replace(HUB, store_uri=store))
    wap = wap.replace(DM_URL.encode(), dm.encode())
    story = Story(peer=peer)
    story.probe()
    story.enrolled(wap)
    story.sync(package1(cred=device_cred()), answer("2", "212"), url=dm)
    get(story, store)
    (life,) = story.inspector.lives()
    assert (life.exchanges, life.hub_requests, life.session_count) == (6, 1, 1)


def test_a_device_that_comes_from_elsewhere() -> None:
    """Wi-Fi at the enrolment, the mobile network afterwards."""
    story = two_enrolled("192.0.2.7")
    story.peer = "198.51.100.1"
    found = story.sync(package1(cred=device_cred()), answer("2", "212"))
    story.peer = "198.51.100.2"
    renewed = renew(story)
    assert (found.life, renewed.life) == ("life-1", "life-1")
    assert len(story.inspector.lives()) == 2


# --- two devices behind one address


def test_one_users_devices_are_told_apart_by_their_kind() -> None:
    story = Story()
    csr = build_phone_csr(load_key("device2"))
    newer = (("DeviceType", "WindowsPhone"), ("ApplicationVersion", "8.10.14219.0"))
    first = story.discover()
    second = story.discover(version="2.0", application_version="8.10.14219.0")
    older = story.enroll()
    other = story.enroll(bert_document(), csr=csr, context=newer)
    assert (first.life, second.life) == ("life-1", "life-2")
    assert (older.life, other.life) == ("life-1", "life-2")


def test_nonces_of_a_challenge_count_for_whose_they_turn_out_to_be() -> None:
    story = two_enrolled(None)
    # Nobody can tell whose message this is: both have this ADDR.
    fresh = b"challenge nonce!"
    first = story.sync(package1(), answer("1", "407", next_nonce=fresh))
    cred = digest_cred("BERT", "device-secret", fresh)
    taken = answer("2", "212", "2", *package1_statuses("2"))
    second = story.sync(package1("2", cred=cred), taken)
    assert (first.life, second.life) == ("life-3", "life-2")
    (life,) = [one for one in story.inspector.lives() if one.id == "life-2"]
    assert (life.parts, life.session_count) == (("life-2", "life-3"), 1)
    assert life.account is not None
    assert life.account.device is not None
    nonces = life.account.device.nonces
    assert (nonces.current, nonces.older) == (fresh, (NONCE_C2S,))
    assert not [one for one in second.findings if "nonce" in one.rule or "digest" in one.rule]


def test_a_hub_is_loaded_on_by_who_has_its_beginning() -> None:
    story = two_enrolled("192.0.2.7")
    beginning = Response(status=200, body=b"x" * 100)
    got = story.tell(Request(method="GET", url=STORE_URL), beginning).life
    other = story.tell(Request(method="GET", url=STORE_URL), Response(status=200, body=b"x")).life
    assert {got, other} == {"life-1", "life-2"}
    assert get(story, STORE_URL, Range="bytes=100-").life == got


def test_a_device_that_enrolled_anew_does_not_load_the_hub_of_its_old_life() -> None:
    story = Story().enrolled().enrolled()
    lives = [get(story, STORE_URL).life for _ in range(3)]
    assert lives == ["life-2"] * 3


# --- signing in


def discovered(story: Story, email: str) -> str | None:
    answered = DiscoverResponse(
        auth_policy="Federated",
        policy_url=POLICY_URL,
        enrollment_url=ENROLLMENT_URL,
        authentication_url=SIGN_IN,
    )
    response = serialize_discover_response(answered, relates_to=MESSAGE_ID)
    return story.discover(email=email, version="2.0", response=response).life


def page(story: Story, request: Request, body: str = "", *fields: tuple[str, str]) -> str | None:
    headers = Headers([("Content-Type", "text/html"), *fields])
    return story.tell(request, Response(status=200, headers=headers, body=body.encode())).life


def opened(story: Story, email: str, *fields: tuple[str, str]) -> str | None:
    query = urlencode({"appru": APPRU, "login_hint": email})
    return page(story, Request(method="GET", url=f"{SIGN_IN}?{query}"), "", *fields)


def posted(story: Story, body: str, answered: str, *fields: tuple[str, str]) -> str | None:
    form = ("Content-Type", "application/x-www-form-urlencoded")
    headers = Headers([form, *fields])
    request = Request(method="POST", url=SIGN_IN, headers=headers, body=body.encode())
    return page(story, request, answered)


def end_page(token: str) -> str:
    return (
        f'<html><body><form method="post" action="{APPRU}">'
        f'<input type="hidden" name="wresult" value="{token}"/></form></body></html>'
    )


def with_token(story: Story, token: str, value_type: str | None = None) -> list[str | None]:
    """GetPolicies and RST with that token; no user's name stands in them."""
    header = user_token(token) if value_type is None else user_token(token, value_type)
    asked = serialize_get_policies(security=header, message_id=MESSAGE_ID, to=POLICY_URL)
    rst = serialize_rst(
        build_phone_csr(load_key("device")),
        security=header,
        message_id=MESSAGE_ID,
        to=ENROLLMENT_URL,
        context=(),
    )
    answered = serialize_rstrc(document(), relates_to=MESSAGE_ID, created=NOW, expires=NOW)
    policies = story.post(POLICY_URL, asked, b"")
    return [policies.life, story.post(ENROLLMENT_URL, rst, answered).life]


@pytest.mark.parametrize("peer", ["192.0.2.7", None])
def test_the_token_of_the_sign_in_leads_to_who_got_it(peer: str | None) -> None:
    story = Story(peer=peer)
    assert [discovered(story, EMAIL), discovered(story, BERT)] == ["life-1", "life-2"]
    assert [opened(story, EMAIL), opened(story, BERT)] == ["life-1", "life-2"]
    user = urlencode({"username": EMAIL, "password": "p"})
    assert posted(story, user, end_page("token of anna at this server")) == "life-1"
    assert posted(story, urlencode({"user": BERT}), end_page("token of bert")) == "life-2"
    assert with_token(story, "token of anna at this server") == ["life-1", "life-1"]


@pytest.mark.parametrize("peer", ["192.0.2.7", None])
def test_a_cookie_leads_to_who_got_it(peer: str | None) -> None:
    story = Story(peer=peer)
    for email, cookie in ((EMAIL, "session-of-anna-0001"), (BERT, "session-of-bert-0002")):
        discovered(story, email)
        opened(story, email, ("Set-Cookie", f"sid={cookie}; Path=/; Secure"))
    kept = ("Cookie", "sid=session-of-anna-0001; theme=plain")
    assert posted(story, "password=p", end_page("t"), kept) == "life-1"


def test_a_redirect_leads_to_who_was_sent_there() -> None:
    story = Story()
    for email, where in ((EMAIL, "flow=anna-and-nobody-else"), (BERT, "flow=bert-and-nobody")):
        discovered(story, email)
        query = urlencode({"appru": APPRU, "login_hint": email})
        headers = Headers([("Location", f"https://idp.test/start?{where}")])
        request = Request(method="GET", url=f"{SIGN_IN}?{query}")
        story.tell(request, Response(status=302, headers=headers))
    there = Request(method="GET", url="https://idp.test/start?flow=anna-and-nobody-else")
    assert page(story, there) == "life-1"


def test_a_hidden_field_leads_to_who_got_it() -> None:
    story = Story()
    for email, flow in ((EMAIL, "flow of anna, no other"), (BERT, "flow of bert, no other")):
        discovered(story, email)
        query = urlencode({"appru": APPRU, "login_hint": email})
        form = f'<form method="post"><input type="hidden" name="ctx" value="{flow}"></form>'
        page(story, Request(method="GET", url=f"{SIGN_IN}?{query}"), form)
    typed = urlencode({"ctx": "flow of anna, no other", "appru": APPRU})
    assert posted(story, typed, end_page("t")) == "life-1"


def test_the_names_in_a_jwt_lead_to_its_user() -> None:
    story = Story(peer=None)
    discovered(story, EMAIL)
    discovered(story, BERT)
    parts = (b'{"alg":"RS256"}', b'{"upn":"Anna@example.test"}', b"signature")
    jwt = ".".join(encode_base64(part).rstrip("=") for part in parts)
    assert with_token(story, jwt, VALUE_TYPE_JWT) == ["life-1", "life-1"]


def test_a_token_that_nobody_saw_is_of_who_signs_in() -> None:
    story = Story()
    discovered(story, EMAIL)
    story.discover(email=BERT)
    assert with_token(story, "token from nowhere") == ["life-1", "life-1"]
