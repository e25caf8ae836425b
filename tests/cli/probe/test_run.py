"""A probe of the emulated server in memory: the steps, what a refusal is called, where it stops."""

from __future__ import annotations

import pytest

from mdmcore.cli.probe.choices import StepName
from mdmcore.cli.probe.run import Audience
from mdmcore.http import Headers, Request, Response
from mdmcore.namespaces import SYNCML_WBXML_MEDIA_TYPE, SYNCML_XML_MEDIA_TYPE
from mdmcore.report import Row
from mdmcore.report.explanation import Certainty
from mdmcore.report.probe import Outcome, ProbeStep
from tests.support.probes import MemoryCarrier, probe_in_memory, step

DONE, REFUSED, SKIPPED = Outcome.DONE, Outcome.REFUSED, Outcome.SKIPPED


@pytest.mark.parametrize("profile", ["wp8", "wp81", "win81", "win10"])
def test_a_right_server_is_told_nothing(profile: str) -> None:
    run = probe_in_memory(profile)
    assert [one.name for one in run.steps if one.outcome is REFUSED] == []
    assert [one.rule for one in run.findings if one.severity.value != "info"] == []
    assert {"enroll", "session", "session-2", "unenroll"} <= {
        one.name for one in run.steps if one.outcome is DONE
    }
    assert (step(run, "hub").outcome is DONE) == profile.startswith("wp")


def test_renewal_waits_for_its_window() -> None:
    run = probe_in_memory("wp8")
    assert step(run, "renew").outcome is SKIPPED
    assert step(run, "renew").detail.startswith("as its window opens on 20")
    assert step(run, "session-3").detail == "as there is no new certificate"


def test_renewal_is_tried_when_it_is_asked_for() -> None:
    run = probe_in_memory("wp8", renews_now=True)
    told = step(run, "renew").explanation
    assert told is not None
    assert "the renewal period begins on" in told.evidence
    assert step(run, "unenroll").outcome is DONE


def test_steps_that_are_not_asked_for() -> None:
    run = probe_in_memory("wp8", skip=frozenset({StepName.SESSION, StepName.HUB}))
    assert [one.name for one in run.steps if one.outcome is DONE] == ["enroll", "unenroll"]
    assert step(run, "hub").detail == "not asked for"


@pytest.mark.parametrize(
    ("profile", "fault", "stopped"),
    [
        ("wp8", "cert-subject-not-printable", "hub"),
        ("wp81", "cert-default-subject", "hub"),
        ("wp8", "discovery-get-not-200", "enroll"),
        ("win10", "discover-version-allowlist", "enroll"),
        ("wp8", "host-name-unresolved", "enroll"),
        ("wp8", "policy-key-length-mismatch", "enroll"),
        ("win81", "wap-thumbprint-mismatch", "enroll"),
        ("win10", "poll-all-zero", "enroll"),
        ("wp8", "w7-addr-not-https", "session"),
        ("wp81", "digest-inner-hash-hex", "session"),
        ("win10", "msgref-mismatch", "session"),
        ("wp8", "http-401-instead-of-syncml", "session"),
        ("win10", "user-agent-gate", "session"),
        ("wp8", "hub-206-no-content-range", "hub"),
    ],
)
def test_a_mistake_is_called_by_its_name(profile: str, fault: str, stopped: str) -> None:
    run = probe_in_memory(profile, fault)
    first = run.refusals[0]
    assert first.name == stopped
    assert first.explanation is not None
    assert first.explanation.rule is not None
    assert first.explanation.rule.id == fault
    assert first.explanation.expected


def test_a_device_stops_after_a_refused_session() -> None:
    run = probe_in_memory("wp8", "msgref-mismatch")
    assert [one.outcome for one in run.steps] == [DONE, REFUSED, *[SKIPPED] * 7]
    assert step(run, "hub").detail == "as the device stops at First session"


def test_the_rest_behind_a_refusal() -> None:
    run = probe_in_memory("wp8", "msgref-mismatch", keeps_going=True)
    assert [one.name for one in run.refusals] == ["session", "session-2"]
    assert step(run, "hub").outcome is DONE
    assert step(run, "unenroll").outcome is DONE


def test_nothing_is_behind_a_refused_enrolment() -> None:
    run = probe_in_memory("wp8", "bst-not-base64", keeps_going=True)
    assert [one.outcome for one in run.steps] == [REFUSED, *[SKIPPED] * 8]


def test_without_its_hub_a_device_lives_on() -> None:
    run = probe_in_memory("wp8", "hub-206-no-content-range")
    assert [one.name for one in run.refusals] == ["hub"]
    assert step(run, "unenroll").outcome is DONE


@pytest.mark.parametrize("profile", ["wp8", "win10"])
def test_a_gate_for_agents_is_found_by_asking(profile: str) -> None:
    run = probe_in_memory(profile, "user-agent-gate")
    told = step(run, "session").explanation
    assert told is not None
    assert told.rule is not None
    assert (told.rule.id, told.certainty) == ("user-agent-gate", Certainty.FOUND)
    assert step(run, "forms").detail.endswith("with the User-Agent of the enrolment: taken")
    assert step(run, "stranger").outcome is SKIPPED
    assert step(run, "unenroll").detail == "as the device stops at First session"


def test_a_gate_for_queries_is_found_though_the_device_sends_none() -> None:
    run = probe_in_memory("wp8", "query-gate")
    assert run.refusals == ()
    (found,) = [one for one in run.findings if one.severity == "error"]
    assert (found.rule, found.places[0].evidence) == (
        "query-gate",
        "mode=Maintenance&Platform=WoA",
    )


def test_strangers_that_are_told_apart() -> None:
    run = probe_in_memory("wp8", "challenge-differs-by-device")
    assert [one.rule for one in run.findings if one.severity != "info"] == []
    assert "challenge-differs-by-device" in [one.rule for one in run.findings]
    assert step(run, "stranger").detail == "the device: taken; a stranger: HTTP 404"
    assert step(run, "session-2").outcome is DONE


def test_questions_can_be_left_out() -> None:
    for skip in (StepName.QUESTIONS, StepName.SESSION):
        run = probe_in_memory("wp8", "query-gate", skip=frozenset({skip}))
        assert {step(run, name).outcome for name in ("forms", "stranger")} == {SKIPPED}
        assert "query-gate" not in [one.rule for one in run.findings]


class Watching:
    """Notes the media types of what is sent."""

    tls = None

    def __init__(self, carrier: MemoryCarrier, sent: list[str]) -> None:
        self._carrier = carrier
        self._sent = sent

    def __call__(self, request: Request) -> Response:
        self._sent.append(request.media_type)
        return self._carrier(request)


def test_an_encoding_of_our_choice() -> None:
    sent: list[str] = []
    run = probe_in_memory(
        "wp8",
        encoding=SYNCML_WBXML_MEDIA_TYPE,
        wrap=lambda carrier: Watching(carrier, sent),
    )
    assert run.refusals == ()
    assert SYNCML_WBXML_MEDIA_TYPE in sent
    assert SYNCML_XML_MEDIA_TYPE not in sent


class Teapot:
    """Answers every message with something else."""

    tls = None

    def __call__(self, request: Request) -> Response:
        headers = [("Content-Type", "application/soap+xml"), ("Content-Length", "9")]
        if request.method == "GET":
            return Response(status=200)
        return Response(status=200, headers=Headers(headers), body=b"<Teapot/>")


def test_what_no_rule_knows_is_said_to_be_unknown() -> None:
    run = probe_in_memory("wp8", wrap=lambda _carrier: Teapot())
    told = run.refusals[0].explanation
    assert told is not None
    assert told.place == "/Teapot"
    assert (told.certainty, told.rule) == (Certainty.UNKNOWN, None)


def test_everybody_is_told_while_it_happens() -> None:
    titles: list[str] = []
    rows: list[Row] = []
    ended: list[ProbeStep] = []
    audience = Audience(step_begins=titles.append, row=rows.append, step_ended=ended.append)
    run = probe_in_memory("wp8", audience=audience)
    assert titles[:2] == ["Enrolment", "First session"]
    assert len(rows) == run.exchanges
    assert tuple(ended) == run.steps
    assert [row.exchange.id for row in rows[:4]] == list(run.steps[0].exchanges)
