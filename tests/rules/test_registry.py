"""Registering rules and running them over a scene."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mdmcore.http import Exchange, Request, Response
from mdmcore.rules import RULES, Hit, rule, run_rules
from mdmcore.rules.decoded import Decoded, Kind
from mdmcore.rules.scene import Scene


def scene(kind: Kind = Kind.HUB, profile: str = "wp8") -> Scene:
    exchange = Exchange(
        id="c:1",
        index=1,
        capture="c",
        request=Request(method="GET", url="https://h.test/a.xap"),
        response=Response(status=206),
    )
    return Scene(exchange=exchange, decoded=Decoded(kind=kind), profile=profile)


def test_a_rule_speaks_with_the_letter_of_its_profile() -> None:
    (found,) = run_rules(scene())
    assert (found.rule.id, found.severity) == ("hub-206-no-content-range", "error")


def test_a_rule_that_does_not_apply_is_silent() -> None:
    assert run_rules(scene(profile="win10")) == ()


def test_a_rule_looks_at_its_kinds_only() -> None:
    assert Kind.HUB not in RULES["wrong-namespace"].kinds
    assert Kind.SYNCML in RULES["wrong-namespace"].kinds


def test_an_id_is_registered_once() -> None:
    with pytest.raises(ValueError, match="hub-206-no-content-range is registered twice"):

        @rule("hub-206-no-content-range")
        def twice(scene: Scene) -> Iterator[Hit]:
            """Never registered."""
            yield from ()


@pytest.mark.parametrize("rule_id", sorted(RULES))
def test_a_rule_tells_people_cause_consequence_and_remedy(rule_id: str) -> None:
    text = RULES[rule_id].text
    assert text.count(".") >= 2
    assert 80 <= len(text) <= 400


def test_every_rule_stands_in_the_module_of_its_phase() -> None:
    homes = {
        "provisioning": {
            "provisioning",
            "provisioning_certificates",
            "provisioning_account",
            "appauth",
            "provisioning_settings",
            "criteria",
            "digest_mistakes",
            "life_enrollment",
        },
        "schedule": {
            *("schedule", "poll", "life_commands", "life_session", "life_setup", "first_sync"),
        },
        "tls-http": {
            *("tls_http", "http_answers", "endpoints", "tls_certificate", "life_enrollment"),
            "connections",
        },
        "discovery-wab-policy": {
            *("discovery", "discovery_answer", "wab", "policies", "soap_action", "soap_fault"),
            "life_enrollment",
        },
        "enrollment-certificate": {
            *("enrollment_certificate", "rstrc", "certificate_dates", "life_enrollment"),
        },
        "session": {
            *("session", "command_ids", "header_status", "session_final", "session_header"),
            *("command_statuses", "package1", "life_session", "life_symptoms"),
        },
        "authentication": {
            *("authentication", "cred_form", "challenges", "hmac_sessions", "appauth"),
            *("message_signatures", "digest_mistakes", "life_authentication", "greetings"),
        },
        "transport-dm": {"transport_dm", "gates", "connections"},
        "commands-csp": {
            *("locuri", "atomic", "item_data", "command_status", "known_nodes", "devicelock"),
            *("command_order", "wlan_profile", "admx", "app_restrictions", "scep"),
            *("life_commands", "life_jobs", "life_setup"),
        },
        "hub": {"hub", "hub_ranges", "life_setup", "revocation", "connections"},
        "aet": {"aet"},
        "renewal": {"renewal", "renewal_answer", "renewal_exchange", "life_symptoms"},
        "unenrollment": {"unenrollment", "life_unenrollment"},
        "observed": {"observed", "tls_certificate", "connections", "device_reports"},
        "capture-tool": {"capture_tool"},
    }
    for item in RULES.values():
        module = item.check.__module__.rpartition(".")[2]
        assert module in homes[item.entry.phase], item.id
