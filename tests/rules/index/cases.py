"""One statement as a case: traffic in which two rules could speak, which do, and which do not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pytest

from mdmcore.rules import PROFILES, Finding, Severity, entry
from tests.support.index_statements import WHICH
from tests.support.story import Story, document, rules_of

type Play = Callable[[str], Iterable[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """``statement`` numbers the bullet. ``play`` makes the traffic for a profile and tells what was
    found in it: ``speaks`` and nothing else, ``beside`` aside, which may speak as consequences.
    ``silent`` are the rules that the statement keeps from speaking. It runs for those of
    ``profiles`` for which what speaks and at least one of the silent has a letter."""

    statement: int
    name: str
    play: Play
    speaks: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    profiles: tuple[str, ...] = PROFILES

    def applies(self, profile: str) -> bool:
        """Whether the question which of them speaks comes up on that kind of device."""
        return all(has_letter(rule, profile) for rule in self.speaks) and (
            not self.silent or any(has_letter(rule, profile) for rule in self.silent)
        )


def has_letter(rule: str, profile: str) -> bool:
    """Whether the rule applies to that profile; what is a cause only may be named anywhere."""
    return entry(rule).severity(profile) is not Severity.NONE


def which(*cases: Case) -> pytest.MarkDecorator:
    """The parametrisation of a test over these cases and their profiles, marked for the index."""
    rows = [
        pytest.param(
            case,
            profile,
            id=f"{case.statement}-{case.name}-{profile}",
            marks=pytest.mark.index(WHICH, case.statement, *case.speaks, *case.silent),
        )
        for case in cases
        for profile in case.profiles
        if case.applies(profile)
    ]
    return pytest.mark.parametrize(("case", "profile"), rows)


def judge(case: Case, profile: str) -> None:
    """Play the case and hold what was found against it."""
    assert not {*case.silent} & {*case.speaks, *case.beside}
    found = rules_of(case.play(profile)) - {*case.beside}
    assert found == {*case.speaks}, f"speak: {sorted(found)}, should: {sorted(case.speaks)}"


def enrolled(profile: str, wap: bytes | None = None) -> Story:
    """A device of that profile with a right document of its generation, unless another is given."""
    return Story(profile).enrolled(wap or document(profile=profile))
