"""Causes: which findings of a life explain a symptom, and each mistake inside a server is named.

``NAMING`` has a life for each cause that no rule can see; the test of the whole catalogue holds it
against the entries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType

import pytest

from mdmcore.enrollment.fault import serialize_fault
from mdmcore.http import Exchange, Headers, Request, Response
from mdmcore.inspector import Inspector
from mdmcore.namespaces import SYNCML_XML_MEDIA_TYPE
from mdmcore.pki.asn1.name import UTF8_STRING
from mdmcore.rules import RULES, Finding, Severity, catalogue, entry
from mdmcore.rules.causes import SYMPTOMS, Sighting, probable_causes
from mdmcore.syncml.xml import serialize_syncml
from tests.rules.test_refusals import refused
from tests.support.story import (
    DM_URL,
    GET,
    MESSAGE_ID,
    Story,
    answer,
    certificate,
    device_cred,
    document,
    package1,
)


def _fault(subcode: str) -> bytes:
    return serialize_fault(subcode, "no", MESSAGE_ID)


def _csr() -> tuple[Finding, ...]:
    return Story("wp8").enroll(response=_fault("CertificateRequest"), status=500).findings


def _federated() -> tuple[Finding, ...]:
    return refused("federated", _fault("Authentication"), 500).findings


def _manual_renewal() -> tuple[Finding, ...]:
    return refused("manual", b"no", 500).findings


def _silent_renewal() -> tuple[Finding, ...]:
    return refused("renewal", b"no", 500).findings


def logged(*remarks: str, code: str = "212") -> tuple[Finding, ...]:
    """What is found in a server's log of one session with these lines behind it."""
    headers = Headers([("Content-Type", SYNCML_XML_MEDIA_TYPE)])
    asked = serialize_syncml(package1(cred=device_cred()))
    answered = serialize_syncml(answer("1", code))
    exchange = Exchange(
        id="log:1",
        index=1,
        capture="log",
        request=Request(method="POST", url=DM_URL, headers=headers, body=asked),
        response=Response(status=200, headers=headers, body=answered),
        verbatim=False,
        remarks=remarks,
    )
    return Inspector("win10").inspect(exchange).findings


SILENCE = "2026/11/24 10:00:02 ERROR session 1 failed: no further message from the device"

NAMING: Mapping[str, tuple[str, Callable[[], tuple[Finding, ...]]]] = MappingProxyType(
    {
        "csr-strict-parser": ("enrollment-refused", _csr),
        "csr-sha1-flagged-invalid": ("enrollment-refused", _csr),
        "csr-edited": ("enrollment-refused", _csr),
        "security-token-picked-wrong": ("enrollment-refused", _federated),
        "user-token-not-decoded": ("enrollment-refused", _federated),
        "renew-pkcs7-valuetype-strict": ("enroll-http-error", _silent_renewal),
        "renew-double-base64": ("enroll-http-error", _manual_renewal),
        "renew-requires-user-token": ("enroll-http-error", _silent_renewal),
        "silence-misread-as-failure": ("session-called-failed", lambda: logged(SILENCE)),
    }
)
"""Cause -> the symptom it is offered for, and a life in which it is."""


@pytest.mark.parametrize("cause", NAMING)
def test_a_mistake_inside_a_server_is_named_as_a_cause(cause: str) -> None:
    symptom, life = NAMING[cause]
    (found,) = [one for one in life() if one.rule == symptom]
    assert cause in found.caused_by
    assert cause in entry(symptom).causes


@pytest.mark.parametrize("rule_id", [item.id for item in catalogue()])
def test_each_entry_can_be_found_or_named(rule_id: str) -> None:
    if entry(rule_id).scope == ("cause",):
        assert rule_id in NAMING
        assert rule_id not in RULES
    else:
        assert rule_id in RULES


def test_a_symptom_has_candidates() -> None:
    for symptom in SYMPTOMS:
        assert entry(symptom).causes


# --- a server's own words


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ((), "212"),
        (("2026/11/24 10:00:02 session 1 complete",), "212"),
        (("2026/11/24 10:00:02 cannot write the disk: failed",), "212"),
        ((SILENCE,), "401"),
    ],
    ids=["none", "no failure", "no session", "refused indeed"],
)
def test_a_log_that_says_nothing_wrong(lines: tuple[str, ...], code: str) -> None:
    assert "session-called-failed" not in {one.rule for one in logged(*lines, code=code)}


# --- the order


def sighting(
    rule: str,
    step: str = "syncml",
    first: int = 1,
    severity: Severity = Severity.ERROR,
    *,
    last: int | None = None,
    exchanges: frozenset[str] = frozenset(),
    named: tuple[str, ...] = (),
) -> Sighting:
    return Sighting(
        rule=rule,
        severity=severity,
        step=step,
        first=first,
        last=first if last is None else last,
        exchanges=exchanges,
        named=named,
    )


NEVER = sighting("first-session-never-completed", first=9)


def test_the_same_step_comes_first_then_the_earlier_then_the_graver() -> None:
    found = [
        sighting("digest-user-not-provider-id", "rst", first=1),
        sighting("missing-server-cred", first=5, severity=Severity.WARNING),
        sighting("missing-synchdr-status", first=5),
        sighting("missing-212", first=6),
        sighting("server-msgid-not-increasing", first=3),
    ]
    assert probable_causes(NEVER, found) == (
        "server-msgid-not-increasing",
        "missing-synchdr-status",
        "missing-server-cred",
        "missing-212",
        "digest-user-not-provider-id",
    )


def test_what_came_later_or_is_no_candidate_is_no_cause() -> None:
    found = [sighting("missing-212", first=10), sighting("locuri-backslash", first=1), NEVER]
    assert probable_causes(NEVER, found) == ()


def test_what_the_rule_names_stands_between_its_step_and_the_others() -> None:
    symptom = sighting("renew-attempts-failing", "renew", 9, named=("renew-double-base64",))
    found = [
        sighting("renew-wrong-request-type", "renew", 4),
        sighting("robo-advertised-not-implemented", "rst", 1),
    ]
    assert probable_causes(symptom, found) == (
        "renew-wrong-request-type",
        "renew-double-base64",
        "robo-advertised-not-implemented",
    )


def test_a_command_that_fails_again_is_explained_by_its_own_exchange() -> None:
    symptom = sighting("resend-loop", first=9, exchanges=frozenset({"a:9"}))
    here = sighting("add-existing-418", first=3, exchanges=frozenset({"a:3", "a:9"}))
    elsewhere = sighting("replace-missing-404", first=2, exchanges=frozenset({"a:2"}))
    assert probable_causes(symptom, [here, elsewhere]) == ("add-existing-418",)


def test_other_rules_keep_what_they_named() -> None:
    found = sighting("xml-not-wellformed", named=("wrong-charset",))
    cause = sighting("content-length-counts-characters")
    assert probable_causes(found, [cause]) == ("wrong-charset",)


@pytest.mark.parametrize("symptom", ["tls-client-cert-not-sent", "hub-tls-no-request"])
def test_connections_without_a_request_are_explained_too(symptom: str) -> None:
    cause = entry(symptom).causes[0]
    assert probable_causes(sighting(symptom, "tls", 5), [sighting(cause, "rst")]) == (cause,)


# --- in lives


def hub_missed(wap: bytes) -> Finding:
    """The finding of a hub that is never asked for."""
    story = Story("wp8").enrolled(wap)
    asked = package1(cred=device_cred())
    story.sync(asked, answer("2", "212"))
    story.now += timedelta(minutes=70)
    here = story.sync(
        package1(session_id="2", cred=device_cred()), answer("2", "212", session_id="2")
    )
    (said,) = [one for one in here.findings if one.rule == "hub-no-attempt"]
    (kept,) = [one for one in story.inspector.findings() if one.rule == "hub-no-attempt"]
    assert said.caused_by == kept.caused_by
    return kept


@pytest.mark.parametrize(
    ("wap", "causes"),
    [
        (document(), ()),
        (document(client=certificate(tag=UTF8_STRING)), ("cert-subject-not-printable",)),
        (
            document(client=certificate(tag=UTF8_STRING, key="device2")),
            ("cert-public-key-mismatch", "cert-subject-not-printable"),
        ),
    ],
    ids=["nothing", "subject", "subject and key"],
)
def test_a_hub_is_missed_for_what_was_wrong_with_the_certificate(
    wap: bytes, causes: tuple[str, ...]
) -> None:
    assert hub_missed(wap).caused_by == causes


def test_sessions_that_never_end_are_explained_by_what_was_wrong_in_them() -> None:
    story = Story("win10").enrolled(document(profile="win10"))
    for number in ("1", "2", "3"):
        asked = package1(session_id=number, cred=device_cred())
        story.sync(asked, answer("1", "212", "1", GET, session_id=number, is_proved=False))
    found = {one.rule: one for one in story.inspector.findings()}
    assert found["first-session-never-completed"].caused_by == ("missing-server-cred",)


def test_attempts_to_enrol_are_explained_by_how_they_end() -> None:
    story = Story("wp8")
    for _ in range(5):
        story.discover()
        story.enroll(response=_fault("CertificateRequest"), status=500)
    (found,) = [one for one in story.inspector.findings() if one.rule == "enroll-attempt-loop"]
    assert found.caused_by == ("enrollment-refused",)
