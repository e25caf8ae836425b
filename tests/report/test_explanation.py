"""Weighing a refusal against what was found."""

from __future__ import annotations

from mdmcore.phone import Failure, Refusal, Step
from mdmcore.report.explanation import Certainty, Explanation, Seen, explain
from mdmcore.rules import Finding, Place, Severity, entry

CRED = "/SyncML/SyncHdr/Cred/Data"


def finding(
    rule: str,
    severity: Severity = Severity.ERROR,
    *,
    exchange: str = "probe:1",
    causes: tuple[str, ...] = (),
    **where: str,
) -> Finding:
    known = entry(rule)
    return Finding(
        rule=rule,
        severity=severity,
        message=f"about {rule}",
        effect=known.effect,
        fix=known.fix,
        sources=known.sources,
        life="life-1",
        count=1,
        places=(Place(exchange=exchange, where={"part": "response", **where}, evidence=""),),
        caused_by=causes,
    )


def seen(
    number: int, *findings: Finding, status: int | None = 200, failure: Failure | None = None
) -> Seen:
    return Seen(exchange=f"probe:{number}", status=status, findings=findings, failure=failure)


def refusal(step: Step, place: str, *, hresult: int | None = None) -> Refusal:
    return Refusal("why", step=step, place=place, evidence="what", hresult=hresult)


def told(
    given_up: Refusal, *life: Seen, begin: int = 0, profile: str = "wp8"
) -> tuple[str | None, Certainty]:
    found = explain(given_up, life, begin=begin, profile=profile)
    return (None if found.rule is None else found.rule.id), found.certainty


def test_the_finding_of_the_exchange_that_fits_the_place() -> None:
    life = [
        seen(1, finding("digest-inner-hash-hex"), finding("resend-loop", Severity.WARNING)),
    ]
    assert told(refusal(Step.MANAGEMENT, CRED), *life) == (
        "digest-inner-hash-hex",
        Certainty.FOUND,
    )


def test_the_finding_of_this_exchange_before_older_ones() -> None:
    life = [seen(1, finding("nonce-used-too-early")), seen(2, finding("nonce-used-too-late"))]
    assert told(refusal(Step.MANAGEMENT, CRED), *life)[0] == "nonce-used-too-late"


def test_what_was_handed_out_long_ago() -> None:
    place = "/wap-provisioningdoc/x/parm[@name='CertificateSearchCriteria']"
    life = [seen(4, finding("cert-subject-not-printable", exchange="probe:4")), seen(5)]
    found = explain(refusal(Step.HUB, place), life, begin=2, profile="wp8")
    assert found.rule is not None
    assert (found.rule.id, found.exchange) == ("cert-subject-not-printable", None)
    assert found.expected.startswith("Each value of the subject encoded as PrintableString")


def test_a_symptom_gives_way_to_a_cause() -> None:
    place = "/Envelope/Body/Fault/Code/Subcode/Value"
    life = [
        seen(3, finding("enrollment-refused"), finding("fault-subcode-unknown", Severity.WARNING))
    ]
    assert told(refusal(Step.POLICY, place), *life)[0] == "fault-subcode-unknown"


def test_a_symptom_alone_names_what_may_be_behind_it() -> None:
    place = "/Envelope/Body/Fault/Code/Subcode/Value"
    life = [seen(2, finding("enrollment-refused"))]
    found = explain(refusal(Step.DISCOVERY, place), life, begin=0, profile="win10")
    assert found.rule is not None
    assert found.rule.id == "enrollment-refused"
    assert found.others == ("discover-version-allowlist",)
    caused = [seen(2, finding("enrollment-refused", causes=("csr-edited",)))]
    found = explain(refusal(Step.ENROLLMENT, place), caused, begin=0, profile="win10")
    assert found.others == ("csr-edited",)


def test_a_finding_at_the_very_place_without_a_row_for_it() -> None:
    life = [seen(1, finding("missing-final", xpath="/Somewhere[2]/Else"))]
    place = "/Somewhere/Else"
    assert told(refusal(Step.PROVISIONING, place), *life) == ("missing-final", Certainty.FOUND)


def test_an_error_of_the_exchange_before_nothing() -> None:
    life = [seen(1, finding("missing-final"))]
    assert told(refusal(Step.PROVISIONING, "x"), *life) == ("missing-final", Certainty.FOUND)
    life = [seen(1, finding("missing-final", Severity.INFO))]
    assert told(refusal(Step.PROVISIONING, "x"), *life) == (None, Certainty.UNKNOWN)


def test_what_is_likely_where_nothing_was_found() -> None:
    found = explain(
        refusal(Step.MANAGEMENT, "status"), [seen(5, status=404)], begin=0, profile="wp8"
    )
    assert found.certainty is Certainty.LIKELY
    assert found.rule is not None
    assert found.rule.id == "user-agent-gate"
    leaving = ("unenroll-by-code-only", "unenroll-endpoint-closed")
    assert found.others == ("query-gate", *leaving)


def test_the_first_connection_that_failed_tells() -> None:
    life = [
        seen(1, status=None, failure=Failure.TLS_NAME),
        seen(2, status=None, failure=Failure.UNREACHABLE),
    ]
    found = explain(refusal(Step.DISCOVERY, "url"), life, begin=0, profile="wp8")
    assert found.rule is not None
    assert (found.rule.id, found.exchange) == ("tls-name-mismatch", "probe:1")


def test_a_connection_that_no_rule_knows() -> None:
    life = [seen(1, status=None, failure=Failure.OTHER)]
    assert told(refusal(Step.DISCOVERY, "url"), *life) == (None, Certainty.UNKNOWN)


def test_a_server_that_is_not_there() -> None:
    life = [seen(1, status=None, failure=Failure.UNREACHABLE)]
    named = told(refusal(Step.DISCOVERY, "url"), *life)
    assert named == ("server-unreachable", Certainty.LIKELY)


def test_what_the_device_shows() -> None:
    def shown(hresult: int | None) -> str:
        found: Explanation = explain(
            refusal(Step.POLICY, "x", hresult=hresult), [], begin=0, profile="wp8"
        )
        return found.shown

    assert shown(None) == ""
    assert shown(0x80180001).startswith("0x80180001 MENROLL_E_DEVICE_MESSAGE_FORMAT_ERROR: the ")
    assert shown(0x8FFFFFFF) == "0x8FFFFFFF"
