"""The differences of two lives as text for people."""

from __future__ import annotations

from typing import TextIO

from mdmcore.report.diff.compare import OUTCOME, WHOLE_STEP
from mdmcore.report.diff.document import DiffDocument, Difference, Side
from mdmcore.report.plain import DEFAULT_WIDTH, LineWriter, plain


def write_diff_text(
    out: TextIO, diff: DiffDocument, *, width: int = DEFAULT_WIDTH, colour: bool = False
) -> None:
    """Who is compared, the differences step by step, and one closing line."""
    lines = LineWriter(out, width=width, colour=colour)
    for mark, side in (("A", diff.a), ("B", diff.b)):
        lines.wrapped(f"{mark}: {_side(side)}", style="title")
    step = ""
    for one in diff.differences:
        if one.step != step:
            step = one.step
            lines.line("")
            lines.wrapped(f"{plain(step)}{_exchanges(one)}", style="title")
        for depth, text in _lines(one):
            lines.wrapped(text, indent=depth)
    lines.line("")
    lines.wrapped(_closing(diff))


def _side(side: Side) -> str:
    known = [side.device.get(name, "") for name in ("email", "device_id", "model")]
    device = ", ".join(plain(text) for text in known if text) or "device unknown"
    return (
        f"{plain(side.capture)}#{side.life}: {device}; {side.profile}, {side.outcome}, "
        f"{len(side.steps)} steps"
    )


def _exchanges(one: Difference) -> str:
    if one.step in ("findings", OUTCOME):
        return ""
    shown = [text for text in (one.a_exchange, one.b_exchange) if text]
    return f" ({' and '.join(plain(text) for text in shown)})" if shown else ""


def _lines(one: Difference) -> list[tuple[int, str]]:
    """Each with its indentation."""
    return [*_own_lines(one), *([(4, f"also in {'; '.join(one.also)}")] if one.also else [])]


def _own_lines(one: Difference) -> list[tuple[int, str]]:
    what = plain(one.what)
    if one.what == WHOLE_STEP:
        return [(2, f"only in {'A' if one.b is None else 'B'}")]
    if one.kind == "only-in-a":
        return [(2, f"{what}: only in A{_value(one.a)}")]
    if one.kind == "only-in-b":
        return [(2, f"{what}: only in B{_value(one.b)}")]
    both = (("A", one.a), ("B", one.b))
    return [(2, f"{what}:"), *((4, f"{mark} {plain(text or '(empty)')}") for mark, text in both)]


def _value(value: str | None) -> str:
    return f": {plain(value)}" if value else ""


def _closing(diff: DiffDocument) -> str:
    number = len(diff.differences)
    if not number:
        return "no difference but in names, ids, times, keys and nonces"
    first = diff.differences[0]
    return f"{number} difference{'s' if number > 1 else ''}, the first in {plain(first.step)}"
