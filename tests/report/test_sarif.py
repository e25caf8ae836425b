"""SARIF, judged by the published schema of 2.1.0."""

from __future__ import annotations

import json

import jsonschema

from mdmcore.report.sarif import SarifResult, result_of, sarif_document
from mdmcore.rules import Severity
from tests.report.test_explanation import finding
from tests.support.requirements import shared_file

FOUND = result_of(
    finding("cert-subject-not-printable", exchange="probe:4", field="subject"), capture="my file"
)
UNKNOWN = SarifResult(
    rule_id="refused-at-hub", rule=None, severity=Severity.WARNING, message="two\nlines\x1b"
)


def test_the_document_is_valid() -> None:
    path = shared_file("schemas", "json", "sarif-schema-2.1.0.json")
    schema = json.loads(path.read_text("utf-8"))
    document = sarif_document([FOUND, UNKNOWN, FOUND])
    jsonschema.Draft7Validator(schema).validate(document)
    jsonschema.Draft7Validator(schema).validate(sarif_document([]))


def test_a_rule_stands_once_and_results_point_to_it() -> None:
    (run,) = sarif_document([FOUND, UNKNOWN, FOUND])["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [
        "cert-subject-not-printable",
        "refused-at-hub",
    ]
    assert [(one["ruleIndex"], one["level"]) for one in run["results"]] == [
        (0, "error"),
        (1, "warning"),
        (0, "error"),
    ]


def test_the_rule_says_how_to_fix_it() -> None:
    (run,) = sarif_document([FOUND])["runs"]
    help_text = run["tool"]["driver"]["rules"][0]["help"]["text"]
    assert help_text.startswith("Encode the subject's values as PrintableString (tag 0x13)")
    assert "\n\nOpenSSL: string_mask = pkix" in help_text


def test_a_place_is_a_message_of_the_capture() -> None:
    (run,) = sarif_document([FOUND, UNKNOWN])["runs"]
    (location,) = run["results"][0]["locations"]
    assert location["physicalLocation"] == {"artifactLocation": {"uri": "my%20file"}}
    assert location["logicalLocations"] == [
        {"fullyQualifiedName": "probe:4 response field subject", "kind": "message"}
    ]
    assert run["results"][1]["locations"] == []
    assert run["results"][1]["message"] == {"text": "two\nlines\\x1b"}
