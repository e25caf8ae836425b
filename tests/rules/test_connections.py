"""Rules on connections that leave no HTTP: each with what it speaks of and what it lets pass."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mdmcore.connection import Connection, HandshakeEnd
from mdmcore.http import TlsFacts
from mdmcore.rules import Finding
from tests.support.server_certificates import server_certificate
from tests.support.story import Story, device_cred, package1

DISCOVERY_HOST, DM_HOST = "enterpriseenrollment.example.test", "mdm.example.test"
OFFER: dict[str, Any] = {"versions": ("TLS 1.0",), "suites": ("TLS_RSA_WITH_RC4_128_MD5",)}


def found(story: Story, host: str = DISCOVERY_HOST, **facts: Any) -> list[Finding]:
    """The findings on the next connection of the story's device."""
    opened = story.now + timedelta(seconds=30)
    values = {"end": HandshakeEnd.OK, "peer": story.peer, "opened": opened} | facts
    connection = Connection(host=host, **values)
    return list(
        story.inspector.observe(connection, id="story:99", index=99, capture="story").findings
    )


def rules(story: Story, host: str = DISCOVERY_HOST, **facts: Any) -> list[str]:
    return [finding.rule for finding in found(story, host, **facts)]


def enrolled(profile: str = "wp8") -> Story:
    story = Story(profile)
    story.discover()
    story.policies()
    story.enroll()
    return story


# --- tls-root-not-on-device


@pytest.mark.parametrize("alert", ["unknown_ca", "bad_certificate", "certificate_unknown"])
@pytest.mark.parametrize("profile", ["wp8", "wp81", "win81", "win10"])
def test_a_device_that_refuses_the_certificate(alert: str, profile: str) -> None:
    (one,) = found(Story(profile), end=HandshakeEnd.ALERT, alert=alert)
    assert (one.rule, one.severity) == ("tls-root-not-on-device", "error")
    assert one.places[0].where == {"part": "tls", "field": "handshake"}
    assert one.places[0].evidence == f"alert {alert}"


def test_a_device_that_leaves_inside_the_handshake() -> None:
    (one,) = found(Story(), end=HandshakeEnd.CLOSED)
    assert one.rule == "tls-root-not-on-device"
    assert "likely, not certain" in one.message


@pytest.mark.parametrize(
    "facts",
    [
        {"end": HandshakeEnd.ALERT, "alert": "user_canceled"},
        {"end": HandshakeEnd.CLOSED_EARLY},
        {"end": HandshakeEnd.FAILED, "detail": "OpenSSL Error"},
        {"end": HandshakeEnd.CLOSED, "is_passed_through": True},
        {},
        {"requests": 3},
    ],
)
def test_what_is_no_distrust(facts: dict[str, Any]) -> None:
    assert rules(Story(), **facts) == []


def test_hosts_of_nobody_here_are_let_alone() -> None:
    facts = {"end": HandshakeEnd.ALERT, "alert": "unknown_ca"}
    assert rules(enrolled(), "store.other.test", **facts) == []
    assert rules(Story(), "store.other.test", is_served=True, **facts) == ["tls-root-not-on-device"]


# --- tls-closed-by-device


@pytest.mark.parametrize("alert", ["certificate_expired", "certificate_revoked", "access_denied"])
def test_a_device_that_ends_tls_with_another_alert(alert: str) -> None:
    (one,) = found(Story(), end=HandshakeEnd.ALERT, alert=alert)
    assert (one.rule, one.severity) == ("tls-closed-by-device", "warning")
    assert one.places[0].evidence == f"alert {alert}"


def test_an_enrolled_device_that_leaves_inside_the_handshake() -> None:
    story = enrolled("win10")
    closed: dict[str, Any] = {"end": HandshakeEnd.CLOSED}
    assert rules(story, DM_HOST, **closed) == ["tls-closed-by-device"]
    assert rules(story, "store.other.test", **closed) == []
    assert rules(story, DM_HOST, **closed, is_passed_through=True) == []
    assert rules(story, DM_HOST, **closed, is_asked_by_server=True) == ["proxy-breaks-client-tls"]


def test_at_the_hub_it_is_the_hub_that_is_missed() -> None:
    assert rules(enrolled(), DM_HOST, end=HandshakeEnd.CLOSED) == ["hub-tls-no-request"]


def test_a_device_that_ends_tls_is_explained_by_the_servers_certificate() -> None:
    story = enrolled("win10")
    tls = TlsFacts(server_certificates=(server_certificate("other.test"),))
    story.sync(package1(cred=device_cred()), None, tls=tls)
    rules(story, DM_HOST, end=HandshakeEnd.CLOSED)
    (kept,) = [one for one in story.inspector.findings() if one.rule == "tls-closed-by-device"]
    assert kept.caused_by == ("tls-name-mismatch",)


# --- tls-too-modern


@pytest.mark.parametrize(
    "facts",
    [
        {"end": HandshakeEnd.NO_VERSION},
        {"end": HandshakeEnd.NO_SUITE},
        {"end": HandshakeEnd.ALERT, "alert": "protocol_version"},
    ],
)
def test_nothing_in_common(facts: dict[str, Any]) -> None:
    (one,) = found(Story("wp8"), **OFFER, **facts)
    assert (one.rule, one.severity) == ("tls-too-modern", "error")
    assert "the device offers TLS 1.0 with TLS_RSA_WITH_RC4_128_MD5" in one.message
    assert [each.severity for each in found(Story("wp81"), **OFFER, **facts)] == ["warning"]
    assert rules(Story("win10"), **OFFER, **facts) == []


def test_a_handshake_that_ended_well_is_not_too_modern() -> None:
    assert rules(Story(), **OFFER) == []


# --- tls-too-old


def test_a_server_that_knows_old_versions_only() -> None:
    new: dict[str, Any] = {"end": HandshakeEnd.NO_VERSION, "versions": ("TLS 1.2", "TLS 1.3")}
    assert rules(Story("win10"), **new) == ["tls-too-old"]
    assert "tls-too-old" not in rules(Story("wp8"), **new)
    some: dict[str, Any] = {"end": HandshakeEnd.NO_VERSION, "versions": ("TLS 1.0", "TLS 1.2")}
    assert rules(Story("win10"), **some) == []
    assert rules(Story("win10"), **{**new, "end": HandshakeEnd.OK}, requests=1) == []


# --- tls-client-cert-asked-early


@pytest.mark.parametrize("who", ["is_asked", "is_asked_by_server"])
def test_a_certificate_asked_for_before_there_is_one(who: str) -> None:
    severities = []
    for profile in ("wp8", "wp81", "win81", "win10"):
        story = Story(profile)
        story.discover()
        facts: dict[str, Any] = {"requests": 1, who: True}
        (one,) = found(story, **facts)
        assert one.rule == "tls-client-cert-asked-early"
        severities.append(str(one.severity))
    assert severities == ["info", "warning", "warning", "error"]


def test_the_handshake_counts_not_when_it_is_told() -> None:
    story = enrolled("win10")
    before = story.now - timedelta(minutes=2)
    early = "tls-client-cert-asked-early"
    assert rules(story, DM_HOST, is_asked=True, is_given=True, requests=3, opened=before) == [early]
    assert rules(story, DM_HOST, is_asked=True, is_given=True, requests=3) == []


# --- proxy-breaks-client-tls and tls-client-cert-not-sent


def test_the_proxy_stands_between() -> None:
    (one,) = found(enrolled(), DM_HOST, is_asked_by_server=True, requests=1)
    assert (one.rule, one.severity) == ("proxy-breaks-client-tls", "warning")
    both: dict[str, Any] = {"is_asked_by_server": True, "is_asked": True}
    assert rules(enrolled(), DM_HOST, **both, requests=1) == ["proxy-breaks-client-tls"]


def test_the_three_ways_past_the_proxy_are_named() -> None:
    (one,) = found(enrolled(), DM_HOST, is_asked_by_server=True, requests=1)
    for option in ("--pass-client-tls", "--forward-client-cert", "--client-certs"):
        assert option in one.fix


@pytest.mark.parametrize(
    "facts",
    [
        {"is_given_to_server": True},
        {"is_given_to_server": True, "is_passed_through": True},
        {"host": "x.other.test"},
    ],
)
def test_the_proxy_breaks_nothing(facts: dict[str, Any]) -> None:
    host = facts.pop("host", DM_HOST)
    assert rules(enrolled(), host, is_asked_by_server=True, requests=1, **facts) == []


def test_an_enrolled_device_gives_no_certificate() -> None:
    (one,) = found(enrolled(), DM_HOST, is_asked=True, requests=1)
    assert (one.rule, one.severity) == ("tls-client-cert-not-sent", "error")
    assert "criteria-store" in one.caused_by
    assert rules(enrolled(), DM_HOST, is_asked=True, is_given=True, requests=1) == []
    assert rules(enrolled(), DM_HOST, requests=1) == []


# --- legs that pass untouched

PASSED: dict[str, Any] = {"is_passed_through": True, "server_version": "TLS 1.2"}


def test_a_device_refuses_the_servers_own_certificate() -> None:
    (one,) = found(Story(), **PASSED, end=HandshakeEnd.ALERT, alert="unknown_ca")
    assert one.rule == "tls-root-not-on-device"
    assert "the certificate that the server showed it" in one.message
    (one,) = found(Story(), **PASSED, end=HandshakeEnd.CLOSED)
    assert "the certificate of the server" in one.message
    assert rules(Story(), **PASSED, is_resumed=True, end=HandshakeEnd.CLOSED) == []


def test_the_server_itself_asks_too_early() -> None:
    (one,) = found(Story("win10"), **PASSED, is_asked_by_server=True)
    assert (one.rule, one.severity) == ("tls-client-cert-asked-early", "error")
    assert (
        rules(enrolled("win10"), **PASSED, is_asked_by_server=True, is_given_to_server=True) == []
    )


@pytest.mark.parametrize("end", [HandshakeEnd.OK, HandshakeEnd.SERVER_ALERT])
def test_an_enrolled_device_gives_the_server_no_certificate(end: HandshakeEnd) -> None:
    facts = PASSED | {"is_asked_by_server": True, "end": end, "alert": "certificate_required"}
    assert rules(enrolled(), DM_HOST, **facts) == ["tls-client-cert-not-sent"]
    assert rules(enrolled(), DM_HOST, **facts | {"is_given_to_server": True}) == []


@pytest.mark.parametrize(
    ("facts", "is_mismatch"),
    [
        ({"alert": "protocol_version"}, True),
        ({"alert": "handshake_failure"}, True),
        ({"alert": "handshake_failure", "server_version": "TLS 1.2"}, False),
        ({"alert": "unrecognized_name"}, False),
    ],
)
def test_the_server_has_nothing_in_common(facts: dict[str, Any], is_mismatch: bool) -> None:
    passed: dict[str, Any] = {"is_passed_through": True, "end": HandshakeEnd.SERVER_ALERT}
    expected = ["tls-too-modern"] if is_mismatch else []
    assert rules(Story("wp8"), **OFFER, **passed, **facts) == expected


# --- hub-tls-no-request


def test_a_hub_that_is_not_asked_for() -> None:
    (one,) = found(enrolled(), DM_HOST)
    assert (one.rule, one.severity) == ("hub-tls-no-request", "warning")
    assert "tls-name-mismatch" in one.caused_by
    assert rules(enrolled("win10"), DM_HOST) == []
    assert rules(Story("wp8"), DM_HOST) == []
    assert rules(enrolled(), DM_HOST, requests=1) == []
    assert rules(enrolled(), "other.example.test") == []


def test_a_silent_end_at_the_hub_is_one_finding() -> None:
    assert rules(enrolled(), DM_HOST, end=HandshakeEnd.CLOSED) == ["hub-tls-no-request"]


def test_the_cause_at_the_hub_is_named() -> None:
    by_rule = {
        one.rule: one
        for one in found(enrolled(), DM_HOST, end=HandshakeEnd.ALERT, alert="unknown_ca")
    }
    assert set(by_rule) == {"tls-root-not-on-device", "hub-tls-no-request"}
    assert by_rule["hub-tls-no-request"].caused_by == ("tls-root-not-on-device",)
