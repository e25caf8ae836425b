"""An index of node paths, so that looking up a LocURI does not walk through the whole catalogue.

The paths form a tree by segments. A segment of a pattern is a literal name, a placeholder in braces
(``{provider}``, ``{enterprise}``) or ``*``; the last two match any name, but ``{provider}`` only
that of the server once it is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Self

from mdmcore.csp.model import CspNode

_WILD = "*"
_PROVIDER = "{provider}"


@dataclass(slots=True)
class _Branch:
    """One place of the tree: what follows it, and the nodes whose path ends here with their rank.

    ``open`` holds the branches whose segment matches any name, by that segment.
    """

    literal: dict[str, _Branch] = field(default_factory=dict)
    open: dict[str, _Branch] = field(default_factory=dict)
    nodes: list[tuple[int, int, CspNode]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class NodeIndex:
    """Nodes by their paths. Built once; a search costs as many steps as the path has segments."""

    _root: _Branch

    @classmethod
    def of(cls, nodes: Iterable[CspNode]) -> Self:
        """The index of nodes; where two fit equally well, the earlier one is found."""
        root = _Branch()
        for position, node in enumerate(nodes):
            branch = root
            literals = 0
            for part in node.path:
                if part == _WILD or part.startswith("{"):
                    branch = branch.open.setdefault(part, _Branch())
                else:
                    branch = branch.literal.setdefault(part, _Branch())
                    literals += 1
            branch.nodes.append((literals, -position, node))
        return cls(root)

    def find(
        self, segments: tuple[str, ...], *, profile: str | None, context: str, provider: str | None
    ) -> CspNode | None:
        """The node with the most literal segments that fits; see ``find_node``."""
        fitting = (
            entry
            for entry in _reached(self._root, segments, 0, provider)
            if (profile is None or entry[2].is_for(profile))
            and (not context or context in entry[2].contexts)
        )
        best = max(fitting, key=lambda entry: entry[:2], default=None)
        return None if best is None else best[2]


def _reached(
    branch: _Branch, segments: tuple[str, ...], depth: int, provider: str | None
) -> Iterator[tuple[int, int, CspNode]]:
    if depth == len(segments):
        yield from branch.nodes
        return
    segment = segments[depth]
    literal = branch.literal.get(segment)
    if literal is not None:
        yield from _reached(literal, segments, depth + 1, provider)
    for part, child in branch.open.items():
        if part != _PROVIDER or provider is None or segment in (provider, part):
            yield from _reached(child, segments, depth + 1, provider)
