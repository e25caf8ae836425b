"""User tokens, incomplete dumps and sign-in pages."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from mdmcore.inspector import ArtifactReport, ArtifactSettings, inspect_artifact
from mdmcore.inspector.masking import Mask
from tests.inspector.artifact.test_certutil_dump import INSIDE, NO_OFFSETS
from tests.inspector.artifact.test_certutil_text import CERTIFICATE, REQUEST
from tests.support.artifacts import all_artifacts, jwt
from tests.support.asn_dump import certutil_asn
from tests.support.story import certificate, phone_csr, rules_of


def lint(data: bytes | str, **settings: object) -> ArtifactReport:
    raw = data if isinstance(data, bytes) else data.encode()
    (report,) = inspect_artifact(raw, name="x", settings=ArtifactSettings(**settings))  # type: ignore[arg-type]
    return report


def test_a_user_token() -> None:
    token = jwt(upn="anna@example.test", iss="https://sts.example.test/", exp=1_700_000_000)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    report = lint(base64.b64encode(token), now=now)
    assert report.layers == ("base64", "JWT")
    assert report.facts["state"] == "expired"
    assert report.summary == "JWT of anna@example.test from https://sts.example.test/"
    assert (report.findings, report.problem) == ((), None)


def test_the_whole_token_is_shown_only_with_secrets() -> None:
    token = jwt(upn="anna@example.test")
    assert lint(token, is_shown=True).shown == ""
    mask = Mask(show_secrets=True)
    assert lint(token, is_shown=True, mask=mask).shown == token.decode()


def test_a_token_that_cannot_be_read_is_a_problem_with_its_place() -> None:
    report = lint(b"eyJhbGciOiJSUzI1NiJ9.AAAA.x")
    assert report.problem is not None
    assert report.problem.where == "offset 21"


def test_the_dump_of_a_readers_certificate() -> None:
    report = lint(INSIDE)
    assert report.kind == "certificate"
    assert rules_of(report.findings) == {"cert-subject-has-nul"}
    assert report.facts["subject_values"] == [
        "CN=DEVICE-1\\x00 (PrintableString, tag 13, 9 bytes with NUL, the last byte is 00)"
    ]
    assert report.facts["complete"] is False
    assert any("not whole" in note for note in report.notes)
    assert any("normal" in note for note in report.notes)


def test_a_good_name_in_a_dump() -> None:
    report = lint(NO_OFFSETS)
    assert (report.kind, report.findings, report.problem) == ("certificate", (), None)


def test_only_the_subject_of_an_incomplete_dump_is_judged() -> None:
    text = certutil_asn(certificate(b"B1C43CD0-1624-5FBB-8E54-34CF17DFD3A1\0"))
    report = lint("\n".join(text.splitlines()[:-30]))
    assert rules_of(report.findings) == {"cert-default-subject", "cert-subject-has-nul"}
    assert report.facts["issuer"] == "CN=Story CA"
    assert len(report.facts["times"]) == 2


def test_a_phones_csr_in_a_dump_is_not_judged_by_its_subject() -> None:
    report = lint("\n".join(certutil_asn(phone_csr()).splitlines()[:30]))
    assert (report.kind, report.findings) == ("csr", ())
    assert report.facts["subject_has_nul"] is True


def test_a_whole_dump_is_the_thing_itself() -> None:
    report = lint(certutil_asn(phone_csr()))
    assert report.layers == ("certutil -asn dump", "DER CSR")
    assert report.facts["self_signature"] == "valid"


def test_a_dump_without_a_name_shows_its_elements() -> None:
    report = lint("0000: 02 01 05   ; INTEGER\n0003: 05 00 ; NULL\n")
    assert report.facts["elements"] == ["INTEGER (1 bytes) 05", "NULL (0 bytes) "]
    assert report.findings == ()


@pytest.mark.parametrize(("text", "kind"), [(CERTIFICATE, "certificate"), (REQUEST, "csr")])
def test_a_description_has_facts_and_says_that_nothing_is_judged(text: str, kind: str) -> None:
    report = lint(text)
    assert (report.kind, report.findings) == (kind, ())
    assert report.facts["subject"].startswith("CN=")
    assert "not judged" in report.notes[0]


def test_a_sign_in_page() -> None:
    _, data = all_artifacts()["page"]
    report = lint(data)
    assert (report.kind, report.layers) == ("sign-in-page", ("HTML",))
    assert report.facts["has_wresult"] is True
    assert report.facts["posts_to_app"] is True
