"""Rules on challenges and what stands beside them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdmcore.inspector import Inspection
from mdmcore.inspector.artifact import ArtifactSettings, inspect_artifact
from mdmcore.rules import Finding
from mdmcore.syncml.model import Alert, Chal, Status, SyncML
from mdmcore.syncml.xml import serialize_syncml
from tests.support.story import (
    GET,
    NOW,
    Story,
    answer,
    device_cred,
    header_status,
    package,
    package1,
    package1_statuses,
    rules_of,
)

NONCE = bytes([0x31] * 16)
RIGHT = Chal(type="syncml:auth-md5", format="b64", next_nonce=NONCE)


def with_chal(chal: Chal | None, code: str = "407", msg_ref: str = "1") -> SyncML:
    """The answer whose Status for SyncHdr has that Chal."""
    told = answer(msg_ref, code, msg_ref, next_nonce=NONCE)
    status = told.commands[0]
    assert isinstance(status, Status)
    return replace(told, commands=(replace(status, chal=chal), *told.commands[1:]))


def challenged(answered: SyncML, asked: SyncML | None = None) -> Inspection:
    return Story("win10").enrolled().sync(asked or package1(), answered)


def lint(message: SyncML) -> tuple[Finding, ...]:
    data = serialize_syncml(message)
    (report,) = inspect_artifact(data, name="x", settings=ArtifactSettings(now=NOW))
    return report.findings


def only(findings: tuple[Finding, ...], rule: str) -> tuple[str, str]:
    """Where the one finding is, which is of that rule, and its evidence."""
    (finding,) = findings
    assert finding.rule == rule
    (place,) = finding.places
    assert place.where["part"] == "response"
    return place.where["xpath"], place.evidence


@pytest.mark.parametrize("code", ["401", "407"])
def test_a_right_challenge(code: str) -> None:
    told = with_chal(RIGHT, code)
    assert challenged(told).findings == ()
    assert lint(told) == ()


def test_a_right_challenge_for_basic_has_no_nonce() -> None:
    told = with_chal(Chal(type="syncml:auth-basic", format="b64"))
    assert challenged(told).findings == ()
    assert lint(told) == ()


# --- challenge-without-chal


@pytest.mark.parametrize("code", ["401", "407"])
def test_a_challenge_without_chal(code: str) -> None:
    told = with_chal(None, code)
    for found in (challenged(told).findings, lint(told)):
        where, evidence = only(found, "challenge-without-chal")
        assert where == "/SyncML/SyncBody/Status[1]"
        assert evidence == code
        assert found[0].severity == "error"


def test_the_last_refusal_needs_no_chal() -> None:
    story = Story("win10").enrolled()
    story.sync(package1(), with_chal(RIGHT))
    told = with_chal(None, "401", msg_ref="2")
    told = replace(told, commands=(*told.commands, *package1_statuses("2", "401")))
    found = story.sync(package1("2", cred=device_cred(NONCE, secret="wrong")), told)
    assert rules_of(found.findings) == {"dm-credentials-refused", "digest-from-unknown-values"}
    assert lint(told) == ()


# --- chal-missing-format-or-type


@pytest.mark.parametrize(
    ("chal", "said"),
    [
        (replace(RIGHT, type=""), "no Type"),
        (replace(RIGHT, format=""), "no Format"),
        (replace(RIGHT, format="chr"), "Format chr"),
        (Chal(type="syncml:auth-md5", format="b64"), "no NextNonce"),
        (Chal(), "no Type, no Format"),
    ],
)
def test_a_chal_that_lacks_something(chal: Chal, said: str) -> None:
    told = with_chal(chal)
    for found in (challenged(told).findings, lint(told)):
        where, evidence = only(found, "chal-missing-format-or-type")
        assert where == "/SyncML/SyncBody/Status[1]/Chal"
        assert evidence == said


# --- challenge-with-commands


def test_commands_beside_a_challenge() -> None:
    told = with_chal(RIGHT)
    told = replace(told, commands=(*told.commands, GET))
    for found in (challenged(told).findings, lint(told)):
        where, evidence = only(found, "challenge-with-commands")
        assert where.startswith("/SyncML/SyncBody/Get")
        assert evidence == "Get"


def test_many_commands_are_counted() -> None:
    told = with_chal(RIGHT)
    gets = tuple(replace(GET, cmd_id=str(number)) for number in range(5, 12))
    found = lint(replace(told, commands=(*told.commands, *gets)))
    assert only(found, "challenge-with-commands")[1] == "Get, Get, Get, Get, Get and 2 more"


def test_an_abort_is_no_command() -> None:
    told = with_chal(RIGHT)
    assert lint(replace(told, commands=(*told.commands, Alert(cmd_id="9", code="1223")))) == ()


def test_commands_beside_212() -> None:
    assert lint(answer("1", "212", "1", GET)) == ()


# --- challenge-incomplete-status


@pytest.mark.parametrize(("kept", "said"), [(1, "Alert 2, Replace 3"), (2, "Replace 3")])
def test_a_challenge_without_a_status_for_each_command(kept: int, said: str) -> None:
    told = with_chal(RIGHT)
    found = challenged(replace(told, commands=told.commands[:kept])).findings
    where, evidence = only(found, "challenge-incomplete-status")
    assert (where, evidence) == ("/SyncML/SyncBody", said)
    assert found[0].severity == "warning"


def test_a_status_for_another_message_answers_nothing() -> None:
    told = with_chal(RIGHT)
    moved = tuple(replace(s, msg_ref="7") for s in told.statuses[1:])
    found = challenged(replace(told, commands=(told.commands[0], *moved)))
    assert "challenge-incomplete-status" in rules_of(found.findings)


def test_a_command_that_wants_no_answer_gets_none() -> None:
    asked = package1()
    quiet = tuple(replace(c, no_resp=True) for c in asked.commands)  # type: ignore[arg-type]
    told = with_chal(RIGHT)
    found = challenged(replace(told, commands=told.commands[:1]), replace(asked, commands=quiet))
    assert found.findings == ()


# --- unsupported-challenge-type


@pytest.mark.parametrize(("code", "is_found"), [("406", True), ("401", False), ("212", False)])
def test_the_device_refuses_the_scheme(code: str, is_found: bool) -> None:
    story = Story("win10").enrolled()
    story.sync(package1(), with_chal(replace(RIGHT, type="syncml:auth-MAC")))
    found = story.sync(package("2", header_status(code)), None)
    hits = [f for f in found.findings if f.rule == "unsupported-challenge-type"]
    assert bool(hits) is is_found
    if hits:
        (place,) = hits[0].places
        assert place.where["part"] == "request"
        assert place.where["xpath"].endswith("/Status/Data")
        assert place.evidence == "406"
