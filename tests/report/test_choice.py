"""Which rules a report speaks of."""

from __future__ import annotations

import pytest

from mdmcore.errors import ConfigError
from mdmcore.report.choice import ALL_RULES, parse_choice
from mdmcore.rules import PHASES, catalogue


def told(select: tuple[str, ...] = (), ignore: tuple[str, ...] = ()) -> set[str]:
    choice = parse_choice(select, ignore)
    return {entry.id for entry in catalogue() if choice.has(entry.id)}


def test_all_without_a_choice() -> None:
    assert parse_choice() == ALL_RULES
    assert len(told()) == len(catalogue())


def test_ids_aliases_and_groups() -> None:
    assert told(("xml-not-wellformed, hub-206-no-content-range",)) == {
        "xml-not-wellformed",
        "hub-206-no-content-range",
    }
    assert told(("search-criteria-format",)) == {"criteria-prefix", "criteria-store"}
    aliased = next(entry for entry in catalogue() if entry.aliases)
    assert aliased.id in told((aliased.aliases[0],))


def test_patterns_and_phases() -> None:
    assert told(("tls-*",)) == {one.id for one in catalogue() if one.id.startswith("tls-")}
    assert told(("hub",)) == {one.id for one in catalogue() if one.phase == "hub"}
    assert not {entry.id for entry in catalogue()} & set(PHASES), "a phase is no rule"


def test_what_is_ignored_is_not_told_though_selected() -> None:
    assert "hub-206-no-content-range" not in told(("hub",), ("hub-206-*",))
    assert told(ignore=("hub",)) == {one.id for one in catalogue() if one.phase != "hub"}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("xml-not-welformed", "perhaps xml-not-wellformed"),
        ("hubs", "perhaps hub"),
        ("zzz*", "no rule fits 'zzz*'"),
        ("", "no rule or phase is called ''"),
    ],
)
def test_an_unknown_name_is_an_error_with_near_ones(name: str, said: str) -> None:
    with pytest.raises(ConfigError, match="--ignore: ") as caught:
        parse_choice((), (name,))
    assert said in str(caught.value)
    with pytest.raises(ConfigError, match="--select: "):
        parse_choice((name,))
