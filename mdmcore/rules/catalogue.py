"""The catalogue: what every rule is called, how grave it is where, what to do about it.

Data stands in ``catalogue/<phase>.toml`` beside this module and is read once, when first asked
for. Keys of an entry: ``severity`` has one letter for each of wp8, wp81, win81, win10 (E error,
W warning, I info, - does not apply, ``~`` before a letter: derived by us); ``scope`` is the least
that must be seen; ``fault`` says whether the emulator can make the mistake; ``causes`` names the
rules that probably explain a symptom; ``how`` tells, for one tool after the other, how the fix is
done with it. How a rule decides does not belong here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from mdmcore.errors import ConfigError
from mdmcore.phases import PHASES
from mdmcore.rules.model import PROFILES, Severity

_LETTERS = {
    "E": Severity.ERROR,
    "W": Severity.WARNING,
    "I": Severity.INFO,
    "-": Severity.NONE,
}
_GROUP_ALIASES = MappingProxyType({"search-criteria-format": ("criteria-prefix", "criteria-store")})


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueEntry:
    """One rule for people. ``consequences`` are the symptoms that this rule may explain.

    ``how`` has pairs of a tool's name and what to do with it, where the fix needs telling.
    """

    id: str
    aliases: tuple[str, ...]
    phase: str
    severities: Mapping[str, Severity]
    derived: frozenset[str]
    scope: tuple[str, ...]
    fault: str
    fault_note: str
    reaction: str
    looks_at: str
    effect: str
    fix: str
    how: tuple[tuple[str, str], ...]
    sources: tuple[str, ...]
    causes: tuple[str, ...]
    consequences: tuple[str, ...]

    @property
    def severity_letters(self) -> str:
        """The severities as they are written in the catalogue, such as ``EE~W~-``."""
        letters = {severity: letter for letter, severity in _LETTERS.items()}
        return "".join(
            ("~" if profile in self.derived else "") + letters[self.severities[profile]]
            for profile in PROFILES
        )

    def severity(self, profile: str) -> Severity:
        """The severity for that profile; ConfigError for a profile that does not exist."""
        try:
            return self.severities[profile]
        except KeyError:
            raise ConfigError(f"unknown profile {profile!r}, use {', '.join(PROFILES)}") from None


def catalogue() -> tuple[CatalogueEntry, ...]:
    """All entries in the order of phases; read once."""
    return tuple(_by_id().values())


def entry(rule_id: str) -> CatalogueEntry:
    """The entry of that id; KeyError for an alias or an unknown id."""
    return _by_id()[rule_id]


def resolve(name: str) -> tuple[CatalogueEntry, ...]:
    """The entries that an id or alias names; ConfigError when none does.

    A group alias names two: ``search-criteria-format`` is ``criteria-prefix`` and
    ``criteria-store``.
    """
    wanted = _aliases().get(name, (name,))
    found = tuple(_by_id()[rule_id] for rule_id in wanted if rule_id in _by_id())
    if not found:
        raise ConfigError(f"no rule is called {name!r}; `mdmproxy rules` lists them")
    return found


@cache
def _aliases() -> Mapping[str, tuple[str, ...]]:
    single = {alias: (item.id,) for item in _by_id().values() for alias in item.aliases}
    return MappingProxyType(single | _GROUP_ALIASES)


@cache
def _by_id() -> Mapping[str, CatalogueEntry]:
    folder = resources.files("mdmcore.rules").joinpath("catalogue")
    tables: list[tuple[str, dict[str, Any]]] = []
    for phase in PHASES:
        text = folder.joinpath(f"{phase}.toml").read_text(encoding="utf-8")
        tables.extend((phase, table) for table in tomllib.loads(text)["rule"])
    effects: dict[str, list[str]] = {}
    for _, table in tables:
        for cause in table.get("causes", ()):
            effects.setdefault(cause, []).append(table["id"])
    entries = (_entry(phase, table, tuple(effects.get(table["id"], ()))) for phase, table in tables)
    return MappingProxyType({item.id: item for item in entries})


def _entry(phase: str, table: Mapping[str, Any], consequences: tuple[str, ...]) -> CatalogueEntry:
    marks = re.findall(r"(~?)([EWI-])", table["severity"])
    return CatalogueEntry(
        id=table["id"],
        aliases=tuple(table.get("aliases", ())),
        phase=phase,
        severities=MappingProxyType(
            {profile: _LETTERS[mark[1]] for profile, mark in zip(PROFILES, marks, strict=True)}
        ),
        derived=frozenset(
            profile for profile, mark in zip(PROFILES, marks, strict=True) if mark[0]
        ),
        scope=tuple(table["scope"]),
        fault=table["fault"],
        fault_note=table.get("fault_note", ""),
        reaction=table["reaction"],
        looks_at=table["looks_at"],
        effect=table["effect"],
        fix=table["fix"],
        how=tuple((name, text) for name, text in table.get("how", ())),
        sources=tuple(table["sources"]),
        causes=tuple(table.get("causes", ())),
        consequences=consequences,
    )
