"""The two lists: what analysing the real Windows 10 log must and must not report."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from mdmcore.capture import open_capture
from mdmcore.report import Analysis, analyze, write_json
from mdmcore.rules import catalogue
from tests.support.requirements import shared_file

REPORTED = {
    "xml-not-wellformed": 3,
    "appauth-nonce-not-base64": 4,
    "appauth-nonce-reused": 4,
    "entdmid-missing": 4,
    "provider-id-needs-escaping": 4,
    "dm-post-not-to-addr": 5,
    "wrong-namespace": 5,
    "empty-response-body": 6,
    "uncredentialed-package-not-challenged": 5,
}
"""Rule -> the exchange where it is seen first."""

NOT_REPORTED = {
    "wap-thumbprint-mismatch": "the stores are named by the right thumbprints",
    "cert-public-key-mismatch": "the certificate has the key of the CSR",
    "cert-subject-not-printable": "the leaf's subject is a PrintableString",
    "wap-root-not-issuer": "the root that is sent signed the leaf",
    "wap-cert-formatting": "each certificate stands in one line",
    "wap-private-key-container-missing": "there is one beside the leaf",
    "w7-name-case": "ServerList is a PC's and in mixed case",
    "provider-id-mismatch": "both places have the same name, blank and all",
    "poll-counts-zero": "one value is given, the others have defaults",
    "cert-expired": "the log tells no time",
    "relates-to-mismatch": "each answer relates to its request",
    "content-length-wrong": "the bodies were printed anew",
    "content-length-counts-characters": "the bodies were printed anew",
    "bst-linebreaks": "the bodies were printed anew",
    "enrollment-host-unexpected": "the host is that of the mail domain",
    "action-value-wrong": "each answer has the action of its step",
    "action-not-addressing": "each Action is a:Action and must be understood",
    "soap-content-type-wrong": "each answer is application/soap+xml in UTF-8",
    "bst-valuetype-wrong": "the token is said to be a provisioning document",
    "rstr-count": "there is one response",
    "cert-no-client-auth-eku": "the leaf has clientAuth",
    "cert-leaf-is-root": "the leaf is issued by another name",
    "cert-lifetime-shorter-than-renew-period": "it lives a year",
    "policy-oid-dangling": "the reference to a digest is nil",
    "policy-schema-not-3": "the schema is 3",
    "policy-element-order": "the answer is broken, what was recovered proves no order",
}
"""Rules that the log does not break, or whose mistake its print cannot show."""


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return analyze([open_capture(shared_file("captures", "win10-enrollment-log.md"))]).run()


def test_reports_each_true_finding_where_it_is(analysis: Analysis) -> None:
    found = {finding.rule: finding for finding in analysis.findings}
    assert set(found) >= set(REPORTED)
    (capture,) = analysis.captures
    for rule, index in REPORTED.items():
        assert found[rule].places[0].exchange == f"{capture.path}:{index}", rule


def test_is_silent_about_what_is_right_or_cannot_be_seen(analysis: Analysis) -> None:
    found = {finding.rule for finding in analysis.findings}
    assert set(NOT_REPORTED) <= {entry.id for entry in catalogue()}
    assert not found & set(NOT_REPORTED)
    assert not any("leading" in rule or "whitespace" in rule for rule in found)


def test_all_six_exchanges_are_one_devices_life(analysis: Analysis) -> None:
    (capture,) = analysis.captures
    assert (capture.exchanges, capture.errors) == (6, ())
    (life,) = analysis.lives
    assert (life.exchanges, life.profile) == (6, "win10")


def test_no_secret_of_the_log_is_in_the_document() -> None:
    out = io.BytesIO()
    write_json(out, analyze([open_capture(shared_file("captures", "win10-enrollment-log.md"))]))
    document = json.loads(out.getvalue())
    texts = set(_texts(document["exchanges"]))
    assert "demo@pocmdmserver.com" in texts
    assert "demo" not in texts  # the password
    parms = [each for each in _objects(document["exchanges"]) if each.get("name") == "AAUTHSECRET"]
    assert [parm["value"] for parm in parms] == ["***", "***"]


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _objects(inner)


def _texts(value: Any) -> Iterator[str]:
    for each in _objects(value):
        yield from (inner for inner in each.values() if isinstance(inner, str))
