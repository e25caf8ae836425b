"""A probe for people, for machines, and as rows: from one run that is put together by hand."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime

from mdmcore.phone import Failure, Refusal, Step
from mdmcore.report.explanation import Explanation, explain
from mdmcore.report.probe import Outcome, ProbeRun, ProbeStep, other_findings, probe_capture
from mdmcore.report.probe_ci import junit_suite, rule_name, sarif_results
from mdmcore.report.probe_text import ProbeText, closing_line
from mdmcore.rules import Severity
from tests.report.test_explanation import finding, seen

LIFE = [
    seen(4, finding("cert-subject-not-printable", exchange="probe:4", field="subject")),
    seen(5, finding("hub-no-attempt", Severity.WARNING, exchange="probe:5")),
]
TOLD = explain(
    Refusal(
        "no certificate found \x1b[31m",
        step=Step.HUB,
        place="/wap-provisioningdoc/x/parm[@name='CertificateSearchCriteria']",
        evidence="CN%3dX",
        hresult=0x80180001,
    ),
    LIFE,
    begin=2,
    profile="wp8",
)
UNKNOWN = explain(
    Refusal("strange", step=Step.POLICY, place="/Odd", evidence="odd"),
    [seen(3)],
    begin=0,
    profile="wp8",
)
LIKELY = explain(
    Refusal("no answer", step=Step.DISCOVERY, place="url"),
    [seen(1, status=None, failure=Failure.TLS_ISSUER)],
    begin=0,
    profile="wp8",
)
ENROLL = ProbeStep(
    name="enroll", title="Enrolment", outcome=Outcome.DONE, detail="OnPremise; CN=X", seconds=1.0
)
HUB = ProbeStep(
    name="hub",
    title="Company Hub",
    outcome=Outcome.REFUSED,
    detail=TOLD.reason,
    explanation=TOLD,
)
RENEW = ProbeStep(name="renew", title="Renewal", outcome=Outcome.SKIPPED, detail="not asked for")
RUN = ProbeRun(
    name="probe",
    asked={"profile": "wp8", "device": "Windows Phone 8.0", "email": "demo@acme.test"},
    began=datetime(2026, 11, 26, tzinfo=UTC),
    steps=(ENROLL, HUB, RENEW),
    exchanges=5,
    findings=tuple(one for seen_one in LIFE for one in seen_one.findings),
)


def refusal_text(told: Explanation) -> str:
    out = io.StringIO()
    ProbeText(out, width=100).refusal("Step", told)
    return out.getvalue()


def test_who_goes_where() -> None:
    out = io.StringIO()
    ProbeText(out).begin("probe", {**RUN.asked, "proxy": "http://p:1", "server": "mdm.test"})
    assert out.getvalue() == (
        "probe: a simulated Windows Phone 8.0 enrols as demo@acme.test, server mdm.test, through "
        "http://p:1.\n"
    )


def test_how_steps_end() -> None:
    out = io.StringIO()
    text = ProbeText(out, width=100)
    for step in RUN.steps:
        text.step_ended(step)
    text.step_begins("Unenrolment")
    assert out.getvalue().splitlines() == [
        "  ok: OnPremise; CN=X",
        "  REFUSED: no certificate found \\x1b[31m (0x80180001)",
        "",
        "Left out, not asked for: Renewal",
        "",
        "Unenrolment",
    ]


def test_a_refusal_has_everything() -> None:
    lines = refusal_text(TOLD).splitlines()
    assert lines[0] == "REFUSED Step: cert-subject-not-printable"
    labels = [line[2:13].strip() for line in lines[1:] if line[2:3].strip()]
    assert labels == [
        "gave up:",
        "at:",
        "it saw:",
        "found:",
        "in:",
        "expected:",
        "shows:",
        "device:",
        "effect:",
        "fix:",
        "AD CS:",
        "OpenSSL:",
        ".NET:",
        "Go:",
        "Python:",
        "source:",
    ]
    assert "  in:        exchange 4, response, field subject" in lines
    assert all(len(line) <= 100 for line in lines)


def test_nothing_known_is_said() -> None:
    text = refusal_text(UNKNOWN)
    assert text.startswith("REFUSED Step: no rule\n  No rule of mdmproxy is known to mean this;")
    assert "at:        exchange 3, step policy, /Odd\n" in text
    assert "it saw:    odd\n" in text


def test_what_is_only_likely_is_said() -> None:
    text = refusal_text(LIKELY)
    assert "Nothing that was sent shows it, but this is what devices give up for here." in text
    assert text.startswith("REFUSED Step: tls-root-not-on-device\n")
    assert "  or:        tls-chain-incomplete\n" in text


def test_other_findings_stand_below_and_a_line_closes() -> None:
    out = io.StringIO()
    ProbeText(out).end(RUN)
    text = out.getvalue()
    assert "REFUSED Company Hub: cert-subject-not-printable\n" in text
    assert "ERROR cert-subject-not-printable" not in text
    assert "WARNING hub-no-attempt, life-1\n" in text
    assert text.endswith(
        "The phone gives up at: Company Hub (cert-subject-not-printable); 1 error, 1 warning, "
        "0 info.\n"
    )


def test_the_closing_line_of_what_went_well() -> None:
    run = replace(RUN, steps=(ENROLL, RENEW), findings=())
    assert closing_line(run) == (
        "Every step that was taken succeeded, 1 of 2; 0 errors, 0 warnings, 0 info."
    )


def test_a_symptom_of_the_refusal_is_not_told_twice() -> None:
    symptom = finding("enrollment-refused", exchange="probe:3")
    step = replace(HUB, explanation=UNKNOWN)
    run = replace(RUN, steps=(step,), findings=(symptom, LIFE[1].findings[0]))
    assert [one.rule for one in other_findings(run)] == ["hub-no-attempt"]


def test_the_rows_are_plain_json() -> None:
    row = probe_capture(RUN)
    assert (row.path, row.format, row.exchanges) == ("probe", "flows", 5)
    probe = json.loads(json.dumps(row.decoded))["probe"]
    assert probe["began"] == "2026-11-26T00:00:00+00:00"
    refusal = probe["steps"][1]["refusal"]
    assert (refusal["rule"], refusal["hresult"]) == ("cert-subject-not-printable", "0x80180001")
    assert refusal["how"]["OpenSSL"].startswith("string_mask")
    assert "refusal" not in probe["steps"][0]


def test_a_case_for_each_step() -> None:
    suite = junit_suite(RUN)
    done, refused, skipped = suite.cases
    assert (done.failure, done.skipped, done.seconds) == (None, None, 1.0)
    assert refused.failure is not None
    assert refused.failure.type == "cert-subject-not-printable"
    assert "expected:  Each value of the subject" in refused.failure.text
    assert skipped.skipped == "not asked for"


def test_a_result_for_each_refusal_and_each_other_finding() -> None:
    results = list(sarif_results([RUN]))
    assert [(one.rule_id, one.severity) for one in results] == [
        ("cert-subject-not-printable", Severity.ERROR),
        ("hub-no-attempt", Severity.WARNING),
    ]
    assert "\nFix: Encode the subject's values" in results[0].message
    assert [place.exchange for place in results[0].places] == ["probe", "probe:4"]
    assert rule_name(UNKNOWN) == "refused-at-policy"
