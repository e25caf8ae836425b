"""The matrix is worth something: a wrong or silent rule, a deaf or touchy phone and an idle fault
each turn a row red that is green without them, and the row says which of them it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mdmcore.http import Response
from mdmcore.phone import answers, authentication, channel, commands, download, policies
from mdmcore.phone.answered import answer_of
from mdmcore.phone.policies import DEFAULT_DIGEST
from mdmcore.phone.refusal import Refusal, Step
from mdmcore.rules import RULES, Hit, Severity
from mdmcore.rules.registry import ALL_KINDS, Check
from mdmcore.rules.scene import Scene
from mdmcore.server.faults import FAULTS, Answered
from mdmcore.syncml.model import Status, SyncML
from tests.matrix.material import PACKAGE
from tests.matrix.play import play
from tests.matrix.rows import Row
from tests.matrix.verdict import run

ACTION = Row(fault="action-value-wrong", profile="wp8")
DIGEST = Row(fault="digest-inner-hash-hex", profile="wp8")
MSG_REF = Row(fault="msgref-mismatch", profile="win10")
NESTED = Row(fault="nested-atomic", profile="win10")
POLICY = Row(fault="policy-oid-dangling", profile="wp8")
RANGE = Row(fault="hub-206-no-content-range", profile="wp81")

ROWS = (ACTION, POLICY, DIGEST, MSG_REF, NESTED, RANGE)
"""Rows of every leg of a life; in all but one the phone gives up."""

DEAF = "the phone should give up, and does not do it there"
BYSTANDER = "bst-not-base64"
"""A rule whose mistake none of these lives holds."""

each_row = pytest.mark.parametrize("row", ROWS, ids=str)


def silent(_scene: Scene) -> Iterator[Hit]:
    """Sees nothing."""
    return iter(())


def alarmed(scene: Scene) -> Iterator[Hit]:
    """Sees a mistake in every exchange."""
    yield scene.hit("this is wrong", part="response", xpath="/")


def with_check(patch: pytest.MonkeyPatch, rule: str, check: Check) -> None:
    """Let that function decide the rule, whatever kind of exchange it is."""
    patch.setitem(RULES, rule, replace(RULES[rule], check=check, kinds=ALL_KINDS))


def with_change(
    patch: pytest.MonkeyPatch, fault: str, change: Callable[[Answered], Response | None]
) -> None:
    """Let that function make the mistake."""
    patch.setitem(FAULTS, fault, replace(FAULTS[fault], change=change))


@each_row
def test_a_row_is_green_where_all_is_well(row: Row, tmp_path: Path) -> None:
    assert run(row, tmp_path).problems == ()


# --- rules ---


@each_row
def test_a_silent_rule_turns_it_red(
    row: Row, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_check(monkeypatch, row.fault, silent)
    assert "the rule speaks as none, the catalogue says error" in run(row, tmp_path).problems


@each_row
def test_a_rule_that_speaks_on_right_traffic_turns_it_red(
    row: Row, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_check(monkeypatch, BYSTANDER, alarmed)
    assert f"{BYSTANDER} speaks beside it, as error" in run(row, tmp_path).problems


def test_such_a_rule_speaks_in_a_life_without_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_check(monkeypatch, BYSTANDER, alarmed)
    assert play(tmp_path, "wp8").rules("error", "warning") == {BYSTANDER}


def test_a_rule_that_speaks_too_softly_turns_it_red(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    soft = replace(RULES[DIGEST.fault], cap=lambda _life: Severity.WARNING)
    monkeypatch.setitem(RULES, DIGEST.fault, soft)
    assert run(DIGEST, tmp_path).problems == (
        "the rule speaks as warning, the catalogue says error",
    )


def test_rules_that_take_each_other_s_mistake_turn_it_red(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = "digest-inner-hash-raw"
    hex_check, raw_check = RULES[DIGEST.fault].check, RULES[other].check
    with_check(monkeypatch, DIGEST.fault, raw_check)
    with_check(monkeypatch, other, hex_check)
    assert run(DIGEST, tmp_path).problems == (
        "the rule speaks as none, the catalogue says error",
        f"{other} speaks beside it, as error",
    )


# --- the phone ---


def accept_range(_self: object, _response: Response, _start: int, _length: int) -> int:
    """Every part is a fitting part of the hub."""
    return len(PACKAGE)


def any_status(message: SyncML, _sent: object) -> Status:
    """The first Status for a SyncHdr, of whichever message."""
    return next(status for status in message.statuses if status.is_for_header)


DEAFNESS: tuple[tuple[Row, object, str, Callable[..., Any]], ...] = (
    (ACTION, answers, "_check_header", lambda *_: None),
    (POLICY, policies, "_digest", lambda *_: DEFAULT_DIGEST),
    (DIGEST, authentication, "verify_digest", lambda *_: True),
    (MSG_REF, channel, "header_status", any_status),
    (RANGE, download._Fetching, "_checked_range", accept_range),
)
"""Row, and the one check of the phone that is switched off in it."""


@pytest.mark.parametrize(
    ("row", "where", "name", "deaf"), DEAFNESS, ids=[str(row) for row, *_ in DEAFNESS]
)
def test_a_deaf_phone_turns_it_red(
    row: Row,
    where: object,
    name: str,
    deaf: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(where, name, deaf)
    verdict = run(row, tmp_path)
    assert verdict.problems == (DEAF,)
    assert verdict.reaction == "goes on"


def test_a_phone_that_does_what_it_should_not_turns_it_red(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "_nested_atomic", lambda command: [answer_of(command, 200)])
    assert "the device answers none of 500, 507, but 200" in run(NESTED, tmp_path).problems


def test_a_phone_that_refuses_what_is_right_turns_it_red(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> str:
        raise Refusal("no digest pleases", step=Step.POLICY, place="/Envelope/Body")

    monkeypatch.setattr(policies, "_digest", refuse)
    problems = run(DIGEST, tmp_path).problems
    assert "the phone gives up beside it, in enroll at /Envelope/Body" in problems
    assert DEAF in problems


# --- faults ---


@pytest.mark.parametrize(
    "change",
    [lambda _answered: None, lambda answered: answered.response],
    ids=["finds no room", "gives the right answer"],
)
@each_row
def test_an_idle_fault_turns_it_red(
    row: Row,
    change: Callable[[Answered], Response | None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with_change(monkeypatch, row.fault, change)
    problems = run(row, tmp_path).problems
    assert "the rule speaks as none, the catalogue says error" in problems
    felt = "the device answers none of 500, 507, but nothing" if row is NESTED else DEAF
    assert felt in problems


def test_a_fault_that_makes_another_mistake_turns_it_red(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_change(monkeypatch, DIGEST.fault, FAULTS[MSG_REF.fault].change)
    problems = run(DIGEST, tmp_path).problems
    assert f"{MSG_REF.fault} speaks beside it, as error" in problems
    assert DEAF in problems
