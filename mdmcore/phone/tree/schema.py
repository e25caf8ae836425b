"""Which nodes one device can have: the catalogue for its profile, build, edition and provider.

A tree of patterns, so that finding a node takes as many steps as its path is long.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from mdmcore.csp import Csp, CspNode, csps
from mdmcore.phone.settings import PhoneSettings
from mdmcore.phone.tree.behaviour import Target
from mdmcore.phone.tree.paths import Key, Names, key_of

_PROVIDER = "{provider}"
# GetProductInfo (winnt.h), as far as the catalogue names the editions.
_EDITIONS = {
    "4": "Enterprise",
    "27": "Enterprise",
    "72": "Enterprise",
    "125": "Enterprise",
    "48": "Pro",
    "49": "Pro",
    "6": "Business",
    "121": "Education",
    "122": "Education",
    "100": "Home",
    "101": "Home",
    "104": "Mobile",
    "133": "Mobile Enterprise",
}
_ROOT_LENGTHS = {csp.name: len(csp.root) for csp in csps()}


@dataclass(slots=True)
class _Pattern:
    """One place in the tree of patterns; ``name`` is empty where any name fits."""

    name: str = ""
    rank: int = 0
    definition: CspNode | None = None
    named: dict[str, _Pattern] = field(default_factory=dict)
    any_name: _Pattern | None = None


class Schema:
    """The definitions of the nodes that a device can have."""

    def __init__(self, *, profile: str, build: int | None, edition: str, provider: str) -> None:
        self._root = _Pattern()
        self._spelt_out: list[tuple[Names, CspNode]] = []
        self.csps: tuple[Csp, ...] = tuple(csp for csp in csps() if profile in csp.profiles)
        for csp in self.csps:
            for node in csp.nodes:
                if node.is_for(profile) and _is_in(node, build, edition):
                    self._learn(node, provider)

    def find(self, context: str, names: Names) -> CspNode | None:
        """The definition of a node; a name that is spelt out goes before any name."""
        found = [
            place
            for place in self._places(key_of(context, names))
            if place.definition is not None and context in place.definition.contexts
        ]
        return max(found, key=lambda place: place.rank).definition if found else None

    def named_below(self, context: str, names: Names) -> Iterator[tuple[str, CspNode]]:
        """The nodes directly below whose names are spelt out, in the catalogue's order."""
        seen = set()
        for place in self._places(key_of(context, names)):
            for name, below in place.named.items():
                node = self.find(context, (*names, below.name))
                if node is not None and name not in seen:
                    seen.add(name)
                    yield below.name, node

    def tops(self, context: str) -> Iterator[tuple[Names, CspNode]]:
        """The nodes whose parents are of no CSP in that context, with their names."""
        for names, node in self._spelt_out:
            if context in node.contexts and self.find(context, names[:-1]) is None:
                yield names, node

    def _learn(self, node: CspNode, provider: str) -> None:
        if _PROVIDER in node.path and not provider:
            return
        place = self._root
        for name, part in zip(key_of("", node.path)[1:], node.path, strict=True):
            if part == _PROVIDER:
                new = _Pattern(name=provider, rank=place.rank)
                place = place.named.setdefault(provider, new)
            elif _is_any(part):
                place.any_name = place.any_name or _Pattern(rank=place.rank)
                place = place.any_name
            else:
                new = _Pattern(name=part, rank=place.rank + 1)
                place = place.named.setdefault(name, new)
        place.definition = node
        names = tuple(provider if part == _PROVIDER else part for part in node.path)
        if not any(_is_any(part) for part in node.path if part != _PROVIDER):
            self._spelt_out.append((names, node))

    def _places(self, key: Key) -> list[_Pattern]:
        places = [self._root]
        for name in key[1:]:
            below = []
            for place in places:
                if name in place.named:
                    below.append(place.named[name])
                if place.any_name is not None:
                    below.append(place.any_name)
            places = below
        return places


def schema_of(settings: PhoneSettings, provider: str) -> Schema:
    """The schema of one phone."""
    parts = settings.os_version.split(".")
    build = int(parts[2]) if len(parts) > 2 and parts[2].isdecimal() else None
    edition = _EDITIONS.get(settings.os_edition, "")
    return _schema(settings.profile, build, edition, provider)


def spelt(node: CspNode, names: Names) -> Names:
    """The names of a node with the spelling of the catalogue where it gives one."""
    pairs = zip(node.path, names, strict=True)
    return tuple(name if _is_any(part) else part for part, name in pairs)


def target_of(context: str, names: Names, node: CspNode) -> Target:
    """The node as the hooks of its CSP are told of it."""
    path = spelt(node, names)[_ROOT_LENGTHS[node.csp] :]
    return Target(path=path, node=node, context=context)


# As many kinds of devices as a test or a demonstration has at once.
@lru_cache(maxsize=64)
def _schema(profile: str, build: int | None, edition: str, provider: str) -> Schema:
    return Schema(profile=profile, build=build, edition=edition, provider=provider)


def _is_any(part: str) -> bool:
    return part == "*" or part.startswith("{")


def _is_in(node: CspNode, build: int | None, edition: str) -> bool:
    """Whether a build and an edition have the node; what is not known is no obstacle."""
    if node.first_build is not None and build is not None and build < node.first_build:
        return False
    return not node.editions or not edition or edition in node.editions
