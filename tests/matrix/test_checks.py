"""The matrix itself is held to account: what is wrong on purpose in it must turn a row red."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mdmcore.http import Response
from mdmcore.phone import authentication
from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import RULES
from mdmcore.rules.scene import Scene
from mdmcore.server.faults.model import FAULTS, Answered
from tests.matrix.rows import Row
from tests.matrix.verdict import run

ROW = Row(fault="digest-inner-hash-hex", profile="wp8")
COMMAND_ROW = Row(fault="locuri-backslash", profile="wp8")


def problems(folder: Path, row: Row = ROW) -> tuple[str, ...]:
    return run(row, folder).problems


@pytest.mark.parametrize("row", [ROW, COMMAND_ROW], ids=str)
def test_it_is_green_where_all_is_well(row: Row, tmp_path: Path) -> None:
    assert problems(tmp_path, row) == ()


@pytest.mark.parametrize(
    "rule_id", ["criteria-subject-mismatch", "basic-over-digest", "nonce-short"]
)
def test_a_wrong_rule_turns_it_red(
    rule_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def speaks_of_every_session(scene: Scene) -> Iterator[Hit]:
        yield scene.hit("not so", part="request", xpath="/SyncML")

    wrong = replace(
        RULES[rule_id],
        check=speaks_of_every_session,
        kinds=frozenset({Kind.SYNCML}),
        cap=None,
    )
    monkeypatch.setitem(RULES, rule_id, wrong)
    expected = {
        "criteria-subject-mismatch": ("criteria-subject-mismatch speaks beside it, as error",),
        "nonce-short": ("nonce-short speaks beside it, as warning",),
        "basic-over-digest": (),  # info is no complaint
    }
    assert problems(tmp_path) == expected[rule_id]


def test_a_silent_rule_turns_it_red(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def says_nothing(_scene: Scene) -> Iterator[Hit]:
        return iter(())

    monkeypatch.setitem(RULES, ROW.fault, replace(RULES[ROW.fault], check=says_nothing))
    assert problems(tmp_path) == ("the rule speaks as none, the catalogue says error",)


def test_a_deaf_phone_turns_it_red(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authentication, "verify_digest", lambda *_: True)
    assert "the phone should give up, and does not do it there" in problems(tmp_path)


@pytest.mark.parametrize("row", [ROW, COMMAND_ROW], ids=str)
def test_a_fault_that_does_nothing_turns_it_red(
    row: Row, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def right(answered: Answered) -> Response:
        return answered.response

    idle = replace(FAULTS[row.fault], change=right)
    monkeypatch.setitem(FAULTS, row.fault, idle)
    found = problems(tmp_path, row)
    assert "the rule speaks as none, the catalogue says error" in found
    assert len(found) == 2, found


def test_a_status_to_a_right_command_is_no_answer_to_the_wrong_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The usual life has a Status 200; this mistake is to be answered with 404.
    same = replace(FAULTS["csp-node-unknown"], id=COMMAND_ROW.fault)
    other = replace(FAULTS["cdata-in-data"], id=COMMAND_ROW.fault)
    monkeypatch.setitem(FAULTS, COMMAND_ROW.fault, same)
    assert not any(
        "answers none of" in one for one in problems(_made(tmp_path / "same"), COMMAND_ROW)
    )
    monkeypatch.setitem(FAULTS, COMMAND_ROW.fault, other)
    found = problems(_made(tmp_path / "other"), COMMAND_ROW)
    assert "the device answers none of 404, but 200" in found


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
