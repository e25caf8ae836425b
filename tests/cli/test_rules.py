"""``mdmproxy rules``: the catalogue as a list, one rule whole, JSON by the contract, Markdown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mdmcore.cli.main import run
from mdmcore.cli.rules import PROFILES as NAMED_PROFILES
from mdmcore.rules import PHASES, catalogue
from mdmcore.rules.model import PROFILES

KEYS = [
    *("id", "aliases", "phase", "severity", "looks_at", "effect", "fix", "sources"),
    *("fault", "fault_note", "reaction", "consequences"),
]


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["rules", *arguments]) == 0
    return capsys.readouterr().out


def test_every_rule_has_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys).splitlines()
    assert [line for line in lines if line in PHASES] == list(PHASES)
    listed = [line.split()[1] for line in lines if line.startswith("  ")]
    assert listed == [entry.id for entry in catalogue()]
    assert all(len(line) <= 140 for line in lines)


def test_help_names_every_phase_and_profile() -> None:
    assert {entry.phase for entry in catalogue()} == set(PHASES)
    assert NAMED_PROFILES == PROFILES


def test_json_is_as_others_rely_on(capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(printed(capsys, "--format", "json"))
    assert list(document) == ["schema", "rules"]
    assert document["schema"] == "mdmproxy-rules/1"
    assert len(document["rules"]) == len(catalogue())
    for rule in document["rules"]:
        assert list(rule) == KEYS
        assert list(rule["severity"]) == ["wp8", "wp81", "win81", "win10"]
        assert set(rule["severity"].values()) <= {"error", "warning", "info", "none"}
        assert isinstance(rule["fault"], bool)
    by_id = {rule["id"]: rule for rule in document["rules"]}
    subject = by_id["cert-subject-not-printable"]
    assert subject["severity"] == {
        "wp8": "error",
        "wp81": "warning",
        "win81": "none",
        "win10": "none",
    }
    assert subject["fault"]
    assert by_id["server-msgid-not-increasing"]["sources"][0].endswith("comment 18")
    assert by_id["csr-strict-parser"]["fault"] is False
    assert by_id["csr-strict-parser"]["fault_note"] == "inside the server"


def test_a_rule_is_told_whole_by_id_or_alias(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "wildcard-cert", "tls-wildcard-certificate")
    assert text.count("tls-wildcard-certificate") == 1
    assert "aliases:   wildcard-cert" in text
    assert "severity:  wp8 error, wp81 error, win81 info, win10 info" in text
    for label in ("phase:", "looks at:", "effect:", "device:", "fix:", "fault:", "sources:"):
        assert f"\n  {label}" in text
    both = printed(capsys, "search-criteria-format")
    assert [line for line in both.splitlines() if line and not line.startswith(" ")] == [
        *("criteria-prefix", "criteria-store")
    ]


def test_phase_and_profile_choose(capsys: pytest.CaptureFixture[str]) -> None:
    chosen = ("--phase", "hub", "--profile", "win10", "--format", "json")
    rules = json.loads(printed(capsys, *chosen))["rules"]
    assert rules == [rule for rule in rules if rule["severity"]["win10"] != "none"]
    assert {rule["phase"] for rule in rules} <= {"hub"}
    everywhere = json.loads(printed(capsys, "--phase", "hub", "--format", "json"))["rules"]
    assert len(everywhere) > len(rules)


def test_markdown_escapes_its_cells(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "enrollment-host-unexpected", "--format", "markdown")
    (row,) = (line for line in text.splitlines() if line.startswith("| `"))
    assert "enterpriseenrollment.&lt;suffix" in row
    assert row.count("|") - row.count("\\|") == 7


def test_the_result_goes_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "rules.json"
    assert printed(capsys, "--format", "json", "-o", str(target)) == ""
    assert len(json.loads(target.read_text(encoding="utf-8"))["rules"]) == len(catalogue())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no-such-rule"], "no rule is called 'no-such-rule'"),
        (["--phase", "q"], "no 'q'; there is: tls-http"),
        (["--profile", "wp7"], "no 'wp7'; there is: wp8"),
        (["--format", "xml"], "xml"),
    ],
)
def test_a_name_that_does_not_exist(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["rules", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("cert-subject-not-printable", "in the emulator's answer"),
        ("tls-too-modern", "by the emulator's own TLS listener: TLS 1.3 and nothing older"),
        ("content-length-wrong", "in the steps discover, policy, enroll, renew, manage"),
        ("hub-no-attempt", "cannot be made by a server"),
    ],
)
def test_it_is_said_how_a_mistake_is_made(
    capsys: pytest.CaptureFixture[str], rule: str, said: str
) -> None:
    text = " ".join(printed(capsys, rule).split())
    assert said in text.partition(" fault: ")[2]


def test_a_mistake_inside_a_server_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "csr-edited"]) == 0
    assert "seen in:   (server) nothing that is sent" in capsys.readouterr().out
