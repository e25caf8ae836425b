"""How results are laid out."""

from __future__ import annotations

import io
import json

import pytest

from mdmcore.cli.doctor.report import write_json, write_text
from mdmcore.cli.doctor.result import Check, ok, problem, warning


def check(name: str, group: str) -> Check:
    return Check(name=name, group=group, function=lambda setup: None)


OUTCOMES = [
    (check("one", "first"), ok("fine")),
    (check("two", "first"), warning("word " * 40, "mend it " * 20, rule="tls-too-modern")),
    (check("three", "second"), problem("bad\x1b[31m", "do", {"a": [1]})),
]


@pytest.mark.parametrize("width", [60, 80, 140])
def test_groups_levels_and_remedies(width: int) -> None:
    out = io.StringIO()
    write_text(out, OUTCOMES, width=width, colour=False)
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    assert lines[:2] == ["first", "  ok       one: fine"]
    assert "second" in lines
    assert any("(tls-too-modern)" in line for line in lines)
    assert any(line.startswith("           fix: mend it") for line in lines)
    assert lines[-1] == "1 ok, 1 warning, 1 problem"
    assert "\x1b" not in out.getvalue()


def test_colour_only_when_asked() -> None:
    out = io.StringIO()
    write_text(out, OUTCOMES, width=80, colour=True)
    assert "\x1b[1mfirst" in out.getvalue()


def test_json_has_facts_and_rules() -> None:
    out = io.StringIO()
    write_json(out, OUTCOMES)
    checks = json.loads(out.getvalue())["checks"]
    assert checks[0]["rule"] is None
    assert checks[1]["rule"] == "tls-too-modern"
    assert checks[2]["facts"] == {"a": [1]}
