"""The values that a person gives to a recipe, and what is said of a wrong one.

One value alone is judged in ``kinds``; what a node of the catalogue allows, where its command is
made. Each error names the parameter, what is allowed, and what was given instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mdmcore.csp.recipes.model import Parameter, Recipe
from mdmcore.errors import ConfigError

_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Values:
    """Values that were judged, those with a default filled in. Absent ones are not there."""

    texts: Mapping[str, str]

    def __contains__(self, name: str) -> bool:
        return name in self.texts

    def text(self, name: str) -> str:
        """The value of a parameter that is required or has a default."""
        return self.texts[name]

    def get(self, name: str) -> str | None:
        """The value, ``None`` where none was given."""
        return self.texts.get(name)

    def flag(self, name: str) -> bool:
        """Whether a switch is on; off where it was not given."""
        return self.texts.get(name) == "yes"

    @property
    def command(self) -> str:
        """Add or Replace, as the parameter ``command`` says."""
        return self.texts.get("command", "add").capitalize()

    @property
    def is_for_user(self) -> bool:
        """Whether the parameter ``scope`` says so."""
        return self.texts.get("scope") == "user"

    def items(self, name: str) -> tuple[str, ...]:
        """The parts of a list, none where it was not given."""
        text = self.texts.get(name)
        return tuple(text.split(",")) if text else ()

    def pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        """Names and values of assignments."""
        return tuple(assignments(self.texts.get(name, "")))


def check_values(recipe: Recipe, given: Mapping[str, str], *, profile: str) -> Values:
    """All values of a recipe. Raises ConfigError for unknown, missing and wrong ones."""
    # Imported here: it brings the XML parser, which listing the recipes does not need.
    from mdmcore.csp.recipes.kinds import check_value

    known = {each.name: each for each in recipe.parameters}
    for name in given:
        if name not in known:
            raise ConfigError(f"{recipe.name} takes no {name!r}; {_taken(recipe, profile)}")
    texts: dict[str, str] = {}
    for name, each in known.items():
        text = given.get(name, each.default)
        if not text:
            if each.required and (not each.profiles or profile in each.profiles):
                raise ConfigError(f"{recipe.name} needs {name}: {each.help}")
            if name in given:
                raise ConfigError(f"{name} must not be empty")
            continue
        if each.profiles and profile not in each.profiles:
            if name in given:
                raise ConfigError(f"{name} is for {' and '.join(each.profiles)}, not for {profile}")
            continue
        texts[name] = check_value(each, text)
    return Values(MappingProxyType(texts))


def wrong(parameter: Parameter | str, allowed: str, text: str) -> ConfigError:
    """The error for a value: what it must be, and what it is; a secret is not repeated."""
    name = parameter if isinstance(parameter, str) else parameter.name
    if isinstance(parameter, Parameter) and parameter.is_secret:
        return ConfigError(f"{name} must be {allowed}")
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
    return ConfigError(f"{name} must be {allowed}, not {shown!r}")


def assignments(text: str) -> Iterator[tuple[str, str]]:
    """The names and values of ``NAME=VALUE;...``; a doubled semicolon is one of a value."""
    for part in re.findall(r"(?:[^;]|;;)+", text):
        if part.strip():
            name, _, value = part.partition("=")
            yield name.strip(), value.strip().replace(";;", ";")


def _taken(recipe: Recipe, profile: str) -> str:
    names = [e.name for e in recipe.parameters if not e.profiles or profile in e.profiles]
    return f"it takes {', '.join(names)}" if names else "it takes no values"
