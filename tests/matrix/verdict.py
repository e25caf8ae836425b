"""Whether a life with a fault came out as the catalogue says: rule, other findings, the phone.

The catalogue says how grave the mistake is (``severity``), which other rules belong to it
(``causes`` and ``consequences``) and, in words, what the device does; the table of refusals says
where it gives up. Nothing else may be found, neither an error nor a warning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mdmcore.rules import CatalogueEntry, Severity, entry
from mdmcore.rules.refused import GivingUp, giving_up, plain_place
from tests.matrix.play import play
from tests.matrix.played import Played, Refused
from tests.matrix.reactions import promised_codes
from tests.matrix.rows import Row
from tests.matrix.statuses import answered
from tests.matrix.variations import USUAL, VARIATIONS, Variation


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One row of the matrix. ``problems`` is empty when all came out as it should."""

    fault: str
    profile: str
    spoken: str
    reaction: str
    problems: tuple[str, ...]


def line_of(verdict: Verdict) -> str:
    """The row as a line of the table."""
    mark = f"  WRONG: {'; '.join(verdict.problems)}" if verdict.problems else ""
    named = f"{verdict.fault:40} {verdict.profile:6} {verdict.spoken:8}"
    return f"{named} {verdict.reaction}{mark}"


def run(row: Row, folder: Path) -> Verdict:
    """Play the row's life and judge it."""
    variation = VARIATIONS.get(row.fault, USUAL)
    item = entry(row.fault)
    fault = row.fault if variation.times is None else f"{row.fault}*{variation.times}"
    played = _play(folder, row.profile, variation, fault)
    right = None
    if _codes(item, row.profile):
        (folder / "right").mkdir()
        right = _play(folder / "right", row.profile, variation)
    said = {
        found.rule: found.severity
        for found in played.findings
        if found.rule not in variation.brings
    }
    return Verdict(
        fault=row.fault,
        profile=row.profile,
        spoken=said.get(row.fault, Severity.NONE).value,
        reaction=_reaction(played),
        problems=(
            *_on_rules(item, row.profile, said),
            *_on_refusals(item, row.profile, played, is_careful=variation.is_careful),
            *(() if right is None else _on_codes(item, row.profile, played, right)),
        ),
    )


def _play(folder: Path, profile: str, variation: Variation, *faults: str) -> Played:
    return play(
        folder,
        profile,
        *faults,
        *variation.also,
        life=variation.life,
        settings=variation.settings,
        **variation.phone,
    )


def _reaction(played: Played) -> str:
    if not played.refused:
        return "goes on"
    first = played.refused[0]
    more = f" (+{len(played.refused) - 1})" if len(played.refused) > 1 else ""
    return f"{first.stage}: {first.place[-50:]}{more}"


def _related(item: CatalogueEntry) -> tuple[CatalogueEntry, ...]:
    """The entries that the catalogue declares to come with this one."""
    return tuple(entry(one) for one in (*item.consequences, *item.causes))


def _on_rules(item: CatalogueEntry, profile: str, said: dict[str, Severity]) -> Iterator[str]:
    wanted, spoken = item.severity(profile), said.get(item.id, Severity.NONE)
    if spoken is not wanted:
        yield f"the rule speaks as {spoken.value}, the catalogue says {wanted.value}"
    for rule in sorted(said):
        if entry(rule).severity(profile) is Severity.NONE:
            yield f"{rule} speaks, which does not apply to {profile}"
    known = {item.id, *(one.id for one in _related(item))}
    for rule, severity in sorted(said.items()):
        if severity.rank > Severity.INFO.rank and rule not in known:
            yield f"{rule} speaks beside it, as {severity.value}"


def _on_refusals(
    item: CatalogueEntry, profile: str, played: Played, *, is_careful: bool
) -> Iterator[str]:
    expected = [
        one
        for one in giving_up(item.id)
        if (is_careful or not one.is_rare) and (not one.profiles or profile in one.profiles)
    ]
    if expected and not any(_is_at(one, expected, profile) for one in played.refused):
        yield "the phone should give up, and does not do it there"
    allowed = [at for one in (item, *_related(item)) for at in giving_up(one.id)]
    for one in played.refused:
        if not _is_at(one, allowed, profile):
            yield f"the phone gives up beside it, in {one.stage} at {one.place}"


def _is_at(refused: Refused, places: list[GivingUp], profile: str) -> bool:
    step, place = refused.refusal.step.value, plain_place(refused.place)
    return any(one.holds(step, place, profile) for one in places)


def _codes(item: CatalogueEntry, profile: str) -> set[str]:
    """The codes of which the device is to send one, where the reaction is a Status."""
    if item.phase != "commands-csp" or item.severity(profile) is Severity.NONE:
        return set()
    return set(promised_codes(item.reaction, profile))


def _on_codes(item: CatalogueEntry, profile: str, played: Played, right: Played) -> Iterator[str]:
    """The Status must be to a command that stands only in the faulty answers; where no such
    command can be told, one that the right answers do not get."""
    codes = _codes(item, profile)
    usual = list(answered(right.exchanges))
    commands = [one.command for one in usual]
    found = list(answered(played.exchanges))
    to_fault = {one.code for one in found if one.command and one.command not in commands}
    told = to_fault or {one.code for one in found} - {one.code for one in usual}
    if all(one.startswith("2") for one in codes):
        told = {one.code for one in found}  # what it also answers where all is well
    if not codes & told:
        answers = ", ".join(sorted(told)) or "nothing"
        yield f"the device answers none of {', '.join(sorted(codes))}, but {answers}"
