"""Which rules a report speaks of: ``--select`` and ``--ignore`` as people write them.

A name is an id, an alias, a pattern of ids (``tls-*``) or a phase of the catalogue. What is not
chosen is hidden from the report alone: the engine has judged it, and causes still name it. To
silence a rule in the engine is the concern of ``rules.overrides``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase

from mdmcore.errors import ConfigError
from mdmcore.rules import PHASES, catalogue, resolve

_MAX_NEAR = 3
_WILD = frozenset("*?[")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChoice:
    """``selected``: the only rules that are told, ``None`` for all; ``ignored``: those that are
    not, whatever is selected."""

    selected: frozenset[str] | None = None
    ignored: frozenset[str] = frozenset()

    def has(self, rule_id: str) -> bool:
        """Whether the rule is told."""
        is_selected = self.selected is None or rule_id in self.selected
        return is_selected and rule_id not in self.ignored


ALL_RULES = RuleChoice()


def parse_choice(select: Iterable[str] = (), ignore: Iterable[str] = ()) -> RuleChoice:
    """The choice of ``NAME[,NAME...]`` texts. ConfigError, with near names, for one that names
    nothing."""
    select = tuple(select)
    return RuleChoice(
        selected=_named(select, "--select") if select else None,
        ignored=_named(ignore, "--ignore"),
    )


def _named(texts: Iterable[str], option: str) -> frozenset[str]:
    names = [name.strip() for text in texts for name in text.split(",")]
    return frozenset(rule_id for name in names for rule_id in _rules_of(name, option))


def _rules_of(name: str, option: str) -> tuple[str, ...]:
    if name in PHASES:
        return tuple(entry.id for entry in catalogue() if entry.phase == name)
    if _WILD.intersection(name):
        found = tuple(
            entry.id
            for entry in catalogue()
            if any(fnmatchcase(one, name) for one in (entry.id, *entry.aliases))
        )
        if not found:
            raise ConfigError(f"{option}: no rule fits {name!r}; `mdmproxy rules` lists them")
        return found
    try:
        return tuple(entry.id for entry in resolve(name))
    except ConfigError:
        raise ConfigError(
            f"{option}: no rule or phase is called {name!r}{_near(name)}; "
            "`mdmproxy rules` lists them"
        ) from None


def _near(name: str) -> str:
    known = [each for entry in catalogue() for each in (entry.id, *entry.aliases)]
    near = get_close_matches(name, [*PHASES, *known], n=_MAX_NEAR)
    return f", perhaps {' or '.join(near)}" if near else ""
