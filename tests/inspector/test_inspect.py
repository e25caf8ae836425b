"""The inspector as a whole: inspections, gathered findings, secrets."""

from __future__ import annotations

import json

import pytest

from mdmcore.errors import ConfigError
from mdmcore.http import Exchange, Headers, Request, Response
from mdmcore.inspector import Inspector
from mdmcore.rules import MAX_PLACES
from tests.support.story import (
    CERT_CN,
    DEVICE_SECRET,
    DISCOVERY_URL,
    EMAIL,
    HUB,
    SERVER_SECRET,
    STORE_URL,
    Story,
    answer,
    device_cred,
    document,
    header_status,
    package,
    package1,
    server_cred,
)

FIRST = package1(cred=device_cred())
SECRETS = (
    "secret-password",
    DEVICE_SECRET,
    SERVER_SECRET,
    HUB.enrollment_token or "",
    "AAECAwQFBgcICQoLDA0ODw==",
    device_cred().data,
    server_cred().data,
)


def everything_said(story: Story) -> str:
    found = [
        story.probe(),
        story.discover(),
        story.policies(),
        story.enroll(document(provider_id="A B")),
        story.sync(FIRST, answer("1", "212", next_nonce=bytes(range(16)), cred=server_cred())),
    ]
    decoded = json.dumps([dict(item.decoded) for item in found])
    summaries = "\n".join(item.summary for item in found)
    places = [
        (f.message, [(p.evidence, dict(p.where)) for p in f.places])
        for f in story.inspector.findings()
    ]
    return f"{decoded}\n{summaries}\n{json.dumps(places)}"


def test_nothing_said_holds_a_secret() -> None:
    text = everything_said(Story("wp8"))
    assert [secret for secret in SECRETS if secret in text] == []
    assert "***" in text


def test_secrets_are_shown_when_asked_for() -> None:
    text = everything_said(Story("wp8", show_secrets=True))
    assert [secret for secret in SECRETS if secret not in text] == []


def test_decoded_parts_are_there() -> None:
    story = Story("wp8")
    story.discover()
    found = story.enroll()
    request, response = found.decoded["request"], found.decoded["response"]
    assert request["csr"]["subject_has_nul"] is True
    assert request["csr"]["digest"] == "SHA-1"
    assert request["soap"]["username"] == EMAIL
    assert response["provisioning"]["certificates"][1]["subject"] == f"CN={CERT_CN}"
    session = story.sync(FIRST, answer("2", "212"))
    commands = session.decoded["response"]["syncml"]["commands"]
    assert commands[0]["data"] == "212"


def test_places_are_counted_and_bounded() -> None:
    story = Story("wp8").enrolled(document(hub=None))
    for number in range(MAX_PLACES + 20):
        asked = package1(session_id=str(number), cred=device_cred())
        story.sync(asked, answer("2", "212", session_id=str(number)), url="https://other.test/dm")
    (found,) = story.inspector.findings()
    assert (found.rule, found.count, len(found.places)) == (
        "dm-post-not-to-addr",
        MAX_PLACES + 20,
        MAX_PLACES,
    )
    assert found.life == "life-1"
    assert found.fix
    assert found.effect
    assert found.sources


def test_one_finding_for_each_rule_and_life() -> None:
    story = Story("wp8")
    for email in (EMAIL, "bert@example.test"):
        story.discover(email=email)
        story.enroll(document(provider_id="A B"), username=email)
    found = [f for f in story.inspector.findings() if f.rule == "provider-id-needs-escaping"]
    assert [(f.life, f.count) for f in found] == [("life-1", 1), ("life-2", 1)]


def test_the_gravest_finding_comes_first() -> None:
    story = Story("wp8")
    story.enroll(document(provider_id="A B", criteria="nonsense"))
    ranks = [finding.severity.rank for finding in story.inspector.findings()]
    assert ranks == sorted(ranks, reverse=True)
    assert len(set(ranks)) > 1


def test_severity_goes_by_what_is_known_at_the_end() -> None:
    story = Story()
    story.sync(package1(), answer("1", "200"))
    story.sync(package("2", header_status("200")), answer("2", "200", "2"))
    mirrored = [f for f in story.inspector.findings() if f.rule == "server-msgid-mirrored"]
    assert [f.severity for f in mirrored] == ["info"]


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(ConfigError, match="unknown profile 'wp7'"):
        Inspector("wp7")


@pytest.mark.parametrize(
    ("method", "url", "status", "fields", "expected"),
    [
        ("GET", STORE_URL, 200, {}, True),
        ("GET", "https://x.test/file", 200, {}, False),
        ("GET", "https://x.test/file", 206, {}, True),
        ("GET", "https://x.test/file", 200, {"Content-Type": "application/x-msi"}, True),
        ("GET", "https://x.test/a.appxbundle", 200, {}, True),
        ("GET", DISCOVERY_URL, 200, {}, False),
    ],
)
def test_a_package_is_known_by_the_head_of_its_answer(
    method: str, url: str, status: int, fields: dict[str, str], expected: bool
) -> None:
    story = Story("wp8").enrolled()
    head = Response(status=status, headers=Headers(fields.items()), body=None)
    exchange = Exchange(
        id="x", index=1, capture="x", request=Request(method=method, url=url), response=head
    )
    lives = story.inspector.lives()
    assert story.inspector.is_package(exchange) is expected
    assert story.inspector.lives() == lives  # it was only asked
