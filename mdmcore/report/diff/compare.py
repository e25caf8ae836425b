"""Comparing two lives: the steps of the same name, the facts of the same place.

What follows from another difference is left out: the parts of a branch that one side lacks, the
facts of a step that one side never came to, and a session behind the message at which the device
goes another way. What comes again in a later step is said once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from msgspec.structs import replace

from mdmcore.report.diff.document import (
    DIFF_SCHEMA_NAME,
    DiffDocument,
    Difference,
    Side,
)
from mdmcore.report.diff.facts import Fact
from mdmcore.report.diff.gather import GatheredLife, Step
from mdmcore.report.rows import TOOL
from mdmcore.rules.life import Life

OUTCOME = "outcome"
WHOLE_STEP = "step"
_INSIDE = ("/", " (", ": ")
"""What stands between a place and what is inside it."""
FINDINGS = "findings"
_OPTIONAL = ("connection", "other request")
"""Steps that come or do not come by chance; they are compared where both have them."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A difference, and what it is told again by."""

    shown: Difference
    keys: tuple[str, ...]


def compare_lives(a: GatheredLife, b: GatheredLife) -> DiffDocument:
    """Everything that is not the same, in the order of the life."""
    found = [*_steps(a.steps, b.steps), *_findings(a, b), *_outcomes(a.life, b.life)]
    return DiffDocument(
        schema=DIFF_SCHEMA_NAME,
        tool=TOOL,
        a=_side(a),
        b=_side(b),
        differences=tuple(found),
    )


def _side(one: GatheredLife) -> Side:
    return Side(
        capture=one.capture,
        life=one.life.id or "",
        device=dict(one.life.device),
        profile=one.life.profile,  # type: ignore[arg-type]
        outcome=one.life.outcome.value,
        steps=tuple(step.name for step in one.steps),
    )


def _steps(a: tuple[Step, ...], b: tuple[Step, ...]) -> Iterator[Difference]:
    of_a, of_b = {one.name: one for one in a}, {one.name: one for one in b}
    found: list[_Found] = []
    parted: set[str] = set()
    for name in _merged([one.name for one in a], [one.name for one in b]):
        left, right = of_a.get(name), of_b.get(name)
        session = name.partition(",")[0] if "," in name else ""
        if session and session in parted:
            continue
        if left is None or right is None:
            if not name.startswith(_OPTIONAL):
                found.append(_lacking(name, left, right))
            continue
        here = list(_without_consequences(list(_facts(left, right))))
        goes_on = bool(session) and any(one.shown.step.startswith(session) for one in found)
        if goes_on and any(one.shown.what.startswith("device:") for one in here):
            # The device answers what was different before.
            parted.add(session)
            here = [_parted(left, right)]
        found += here
    yield from _folded(found)


def _lacking(name: str, left: Step | None, right: Step | None) -> _Found:
    return _Found(
        Difference(
            step=name,
            what=WHOLE_STEP,
            kind="only-in-a" if right is None else "only-in-b",
            a=None if left is None else "there",
            b=None if right is None else "there",
            a_exchange=left.exchange if left is not None else "",
            b_exchange=right.exchange if right is not None else "",
        ),
        keys=(name,),
    )


def _parted(left: Step, right: Step) -> _Found:
    """A session that goes on in another way: how the device begins its message must do."""
    told = []
    for step in (left, right):
        status = [one.value for one in step.facts if one.what == "device: Status for SyncHdr"]
        told.append(f"the device says {status[0]}" if status else "the device says no Status")
    return _Found(
        Difference(
            step=left.name,
            what="the session goes on otherwise",
            kind="different",
            a=told[0],
            b=told[1],
            a_exchange=left.exchange,
            b_exchange=right.exchange,
        ),
        keys=tuple(told),
    )


def _folded(found: list[_Found]) -> Iterator[Difference]:
    """Each difference once, with the later steps in which it comes again."""
    first: dict[tuple[str, ...], Difference] = {}
    for one in found:
        key = (one.shown.what, one.shown.kind, *one.keys)
        known = first.get(key)
        if known is None:
            first[key] = one.shown
        else:
            first[key] = replace(known, also=(*known.also, one.shown.step))
    yield from first.values()


def _merged(a: list[str], b: list[str]) -> list[str]:
    """All names, those of the second where they come behind the one before."""
    names = list(dict.fromkeys(a))
    place = 0
    for name in dict.fromkeys(b):
        if name in names:
            place = names.index(name) + 1
        else:
            names.insert(place, name)
            place += 1
    return names


def _facts(a: Step, b: Step) -> Iterator[_Found]:
    of_a, of_b = _by_place(a.facts), _by_place(b.facts)
    for what in _merged(list(of_a), list(of_b)):
        left, right = of_a.get(what, []), of_b.get(what, [])
        if not (left and right) and all(one.needs_both for one in (*left, *right)):
            continue
        if any(one.is_order for one in (*left, *right)):
            yield from _orders(what, left, right, a, b)
            continue
        only_a, only_b = _minus(left, right), _minus(right, left)
        while only_a or only_b:
            one = only_a.pop(0) if only_a else None
            other = only_b.pop(0) if only_b else None
            kind = "different" if one and other else "only-in-a" if one else "only-in-b"
            shown = Difference(
                step=a.name,
                what=what,
                kind=kind,  # type: ignore[arg-type]
                a=None if one is None else one.value,
                b=None if other is None else other.value,
                a_exchange=a.exchange,
                b_exchange=b.exchange,
            )
            keys = (one.key if one is not None else "", other.key if other is not None else "")
            yield _Found(shown, keys=keys)


def _by_place(facts: Iterable[Fact]) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = {}
    for fact in facts:
        found.setdefault(fact.what, []).append(fact)
    return found


def _minus(facts: list[Fact], others: list[Fact]) -> list[Fact]:
    """The facts that the others have not, each as often as it is too many."""
    left = Counter(one.key for one in others)
    found = []
    for fact in facts:
        if left[fact.key]:
            left[fact.key] -= 1
        else:
            found.append(fact)
    return found


def _orders(what: str, left: list[Fact], right: list[Fact], a: Step, b: Step) -> Iterator[_Found]:
    if not left or not right:
        return
    names_a, names_b = left[0].key.split("\n"), right[0].key.split("\n")
    common_a = [name for name in names_a if name in names_b]
    common_b = [name for name in names_b if name in names_a]
    if common_a != common_b:
        shown = Difference(
            step=a.name,
            what=what,
            kind="order",
            a=left[0].value,
            b=right[0].value,
            a_exchange=a.exchange,
            b_exchange=b.exchange,
        )
        yield _Found(shown, keys=(*common_a, "", *common_b))


def _without_consequences(found: list[_Found]) -> Iterator[_Found]:
    lacking = [one.shown for one in found if one.shown.kind in ("only-in-a", "only-in-b")]
    for one in found:
        if not any(
            other.kind == one.shown.kind
            and one.shown.what.startswith(tuple(f"{other.what}{end}" for end in _INSIDE))
            for other in lacking
        ):
            yield one


def _findings(a: GatheredLife, b: GatheredLife) -> Iterator[Difference]:
    of_a = {one.rule: one for one in a.findings}
    of_b = {one.rule: one for one in b.findings}
    for rule in _merged(list(of_a), list(of_b)):
        left, right = of_a.get(rule), of_b.get(rule)
        if left is not None and right is not None and left.severity is right.severity:
            continue
        kind = "different" if left and right else "only-in-a" if left else "only-in-b"
        yield Difference(
            step=FINDINGS,
            what=rule,
            kind=kind,  # type: ignore[arg-type]
            a=None if left is None else f"{left.severity.value}: {left.message}",
            b=None if right is None else f"{right.severity.value}: {right.message}",
            a_exchange=left.places[0].exchange if left and left.places else "",
            b_exchange=right.places[0].exchange if right and right.places else "",
        )


def _outcomes(a: Life, b: Life) -> Iterator[Difference]:
    for what, left, right in (
        ("outcome", a.outcome.value, b.outcome.value),
        ("refused", a.refusal, b.refusal),
        ("stopped", a.stop, b.stop),
        ("kind of device", a.profile, b.profile),
        ("enrolled", _yes(a.is_enrolled), _yes(b.is_enrolled)),
        ("a session came to its end", _yes(a.has_completed), _yes(b.has_completed)),
        ("sessions", str(a.session_count), str(b.session_count)),
        ("hub loaded", _yes(bool(a.hub_bytes)), _yes(bool(b.hub_bytes))),
    ):
        if left != right:
            kind = "different" if left and right else "only-in-a" if left else "only-in-b"
            yield Difference(
                step=OUTCOME,
                what=what,
                kind=kind,  # type: ignore[arg-type]
                a=left or None,
                b=right or None,
            )


def _yes(value: bool) -> str:
    return "yes" if value else "no"
