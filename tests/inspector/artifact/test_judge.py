"""Rules over loose artifacts: each that needs no more than the artifact, and no other."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime

import pytest

from mdmcore.enrollment.aetx import parse_aetx
from mdmcore.http import Response
from mdmcore.inspector import ArtifactSettings, inspect_artifact
from mdmcore.inspector.artifact import judge as judging
from mdmcore.inspector.artifact.judge import exchange_of, judge, scene_of
from mdmcore.inspector.artifact.profile import NOTHING_TELLS, ChosenProfile
from mdmcore.pki.asn1.name import UTF8_STRING
from mdmcore.rules import RULES
from mdmcore.rules.decoded import Decoded, Kind
from mdmcore.syncml.xml import serialize_syncml
from tests.support.artifacts import aetx, all_artifacts, rstrc
from tests.support.story import (
    NONCE_C2S,
    NONCE_S2C,
    answer,
    certificate,
    document,
    phone_csr,
    rules_of,
)

ARTIFACTS = {name: data for name, (_, data) in all_artifacts().items()}
S2C, C2S = base64.b64encode(NONCE_S2C), base64.b64encode(NONCE_C2S)
DISCOVERED = ARTIFACTS["discover response"]
WAP = document()
ROOT_NAME = re.search(rb'type="System"><characteristic type="([0-9A-F]{40})"', WAP)
assert ROOT_NAME is not None
FEDERATED = DISCOVERED.replace(b">OnPremise<", b">Federated<")

BROKEN: dict[str, bytes] = {
    # discovery
    "mandatory-discovery-field-missing": DISCOVERED.replace(b">OnPremise<", b"><"),
    "federated-url-missing": FEDERATED,
    "policy-enroll-host-mismatch": DISCOVERED.replace(
        b"https://mdm.example.test/EnrollmentServer/Policy", b"https://other.example.test/Policy"
    ),
    # any message
    "xml-not-wellformed": ARTIFACTS["policies response"].replace(b"</s:Body>", b""),
    "xml-declaration-not-first": b'\n<?xml version="1.0"?>' + ARTIFACTS["rst"],
    "namespace-whitespace": ARTIFACTS["discover"].replace(b'enrollment"', b'enrollment "', 1),
    "wrong-namespace": serialize_syncml(answer("2", "212", next_nonce=NONCE_S2C)).replace(
        b'xmlns="syncml:metinf"', b'xmlns="syncml:other"'
    ),
    "enrollment-refused": ARTIFACTS["fault"],
    # CSR and certificate
    "csr-signature-invalid": phone_csr()[:-1] + bytes([phone_csr()[-1] ^ 1]),
    "cert-default-subject": certificate(b"B1C43CD0-1624-5FBB-8E54-34CF17DFD3A1"),
    "cert-subject-not-printable": certificate(tag=UTF8_STRING),
    "cert-subject-has-nul": certificate(b"DEVICE\0"),
    # the document
    "wap-not-wellformed": WAP.replace(b"&amp;Stores", b"&Stores"),
    "wap-thumbprint-mismatch": WAP.replace(ROOT_NAME[1], b"01" * 20),
    "provider-id-needs-escaping": document(provider_id="DEMO MDM"),
    "appauth-entry-missing": WAP.replace(b'"APPSRV"', b'"OTHER"'),
    "appauth-client-not-digest": WAP.replace(b'"DIGEST"', b'"BASIC"', 1),
    "appauth-nonce-not-base64": WAP.replace(S2C, b"nonce"),
    "appauth-nonce-missing": WAP.replace(b'<parm name="AAUTHDATA" value="' + C2S + b'"/>', b""),
    "appauth-nonce-reused": WAP.replace(C2S, S2C),
    "appauth-secret-missing": WAP.replace(b'value="server-secret"', b'value=""'),
    "w7-missing-parm": WAP.replace(b'name="ADDR"', b'name="ADDRESS"'),
    "w7-addr-not-https": WAP.replace(b'"ADDR" value="https://', b'"ADDR" value="http://'),
    "criteria-prefix": WAP.replace(b'"Subject=CN', b'"CN'),
    "criteria-store": WAP.replace(b"&amp;Stores=My%5CUser", b""),
    "criteria-subject-mismatch": WAP.replace(b"Subject=CN%3D", b"Subject=CN%3DX"),
    "omadmretry-first-set-zero": WAP.replace(
        b'name="AuxNumRetries" value="10"', b'name="AuxNumRetries" value="0"'
    ),
    "entdmid-missing": WAP.replace(b'"EntDMID"', b'"Other"'),
}


PROFILES = {"federated-url-missing": "wp81"}
"""Where the device of the example would not mind."""


DEFAULT = ChosenProfile(profile="wp8", reason=NOTHING_TELLS)


def found(data: bytes, settings: ArtifactSettings | None = None) -> set[str]:
    (report,) = inspect_artifact(data, name="x", settings=settings)
    return rules_of(report.findings)


@pytest.mark.parametrize("rule", BROKEN)
def test_each_rule_speaks_about_the_loose_artifact(rule: str) -> None:
    assert rule in RULES
    settings = ArtifactSettings(profile=PROFILES.get(rule, "auto"))
    assert rule in found(BROKEN[rule], settings)


@pytest.mark.parametrize(
    "rule", [r for r in BROKEN if BROKEN[r].startswith(b"<wap") and r != "csr-signature-invalid"]
)
def test_each_rule_on_documents_speaks_about_the_answer_around_it(rule: str) -> None:
    assert rule in found(rstrc(BROKEN[rule]))


def test_the_examples_are_of_rules_for_artifacts() -> None:
    least = {rule.id for rule in RULES.values() if "artifact" in rule.entry.scope}
    assert BROKEN.keys() - least == judging._ALSO


def test_rules_that_need_more_are_silent() -> None:
    # An answer without headers, of a server that nothing else is known of.
    for data in [*ARTIFACTS.values(), *BROKEN.values()]:
        for rule in found(data):
            assert "artifact" in RULES[rule].entry.scope or rule in judging._ALSO


def test_an_empty_answer_to_syncml_is_not_imagined() -> None:
    settings = ArtifactSettings()
    exchange = exchange_of("x", settings, request=b"", response=Response(status=200, body=b""))
    decoded = Decoded(kind=Kind.SYNCML)
    assert judge(exchange, decoded, DEFAULT, settings) == ()
    assert "empty-response-body" in RULES


def test_the_scene_knows_the_moment_and_the_profile() -> None:
    now = datetime(2026, 1, 2, tzinfo=UTC)
    settings = ArtifactSettings(now=now, aetx=parse_aetx(aetx()))
    exchange = exchange_of("x", settings, request=ARTIFACTS["rst"], is_verbatim=False)
    assert (exchange.started, exchange.verbatim, exchange.response) == (now, False, None)
    assert (exchange.request.url, len(exchange.request.headers)) == ("", 0)
    told = ChosenProfile(profile="wp81", reason="told")
    scene = scene_of(exchange, Decoded(kind=Kind.RST), told, settings)
    assert (scene.profile, scene.life.profile, scene.life.id) == ("wp81", "wp81", None)
    scene = scene_of(exchange, Decoded(kind=Kind.RST), DEFAULT, settings)
    assert (scene.profile, scene.life.profile) == ("wp8", "wp8")


def test_an_old_document_alone_may_still_get_its_entdmid() -> None:
    settings = ArtifactSettings(now=datetime(2040, 1, 1, tzinfo=UTC))
    (report,) = inspect_artifact(BROKEN["entdmid-missing"], name="x", settings=settings)
    severities = {finding.rule: finding.severity for finding in report.findings}
    assert severities["entdmid-missing"] == "warning"


def test_a_subject_is_less_grave_without_a_hub() -> None:
    bad = certificate(tag=UTF8_STRING)
    with_hub = inspect_artifact(document(client=bad), name="x")[0].findings
    without = inspect_artifact(document(client=bad, hub=None), name="x")[0].findings
    assert [f.severity for f in with_hub if f.rule == "cert-subject-not-printable"] == ["error"]
    assert [f.severity for f in without if f.rule == "cert-subject-not-printable"] == ["warning"]


def test_findings_belong_to_no_life() -> None:
    (report,) = inspect_artifact(BROKEN["criteria-store"], name="a.xml")
    assert {finding.life for finding in report.findings} == {None}
    assert report.findings[0].places[0].exchange == "a.xml"
