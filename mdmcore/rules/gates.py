"""Rules on servers that turn a device's DM messages away for their form (session.md 3, 8.3).

One form alone shows nothing: the same device must have come in two that differ in one thing, the
one taken and the other refused. ``mdmproxy probe`` asks so on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.rules.decoded import Kind
from mdmcore.rules.life import DmWay, Life
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene


@rule("user-agent-gate", kinds={Kind.SYNCML})
def agent_refused(scene: Scene) -> Iterator[Hit]:
    """The DM URL answers 4xx under one User-Agent and works under another, so devices with an agent
    that the server does not know never connect. Do not look at User-Agent."""
    if next(_by_agent(scene.before), None) is not None:
        return
    for refused, taken in _by_agent(scene.life):
        yield scene.hit(
            f"the server turns User-Agent {_shown(refused.agent)} away and takes the same device "
            f"as {_shown(taken.agent)}",
            part="request",
            header="User-Agent",
            evidence=refused.agent,
        )
        return


@rule("query-gate", kinds={Kind.SYNCML})
def query_refused(scene: Scene) -> Iterator[Hit]:
    """The DM URL answers 4xx with one query and works with another or none, so devices that add
    mode or Platform to it never connect. Route by the path and ignore the query."""
    if next(_by_query(scene.before), None) is not None:
        return
    for refused, taken in _by_query(scene.life):
        yield scene.hit(
            f"the server turns the query {_shown(refused.query)} away and takes the same device "
            f"with {_shown(taken.query)}",
            part="request",
            field="url",
            evidence=refused.query,
        )
        return


def _by_agent(life: Life) -> Iterator[tuple[DmWay, DmWay]]:
    return (
        (one, other)
        for one, other in _pairs(life)
        if one.query == other.query and one.agent != other.agent
    )


def _by_query(life: Life) -> Iterator[tuple[DmWay, DmWay]]:
    return (
        (one, other)
        for one, other in _pairs(life)
        if one.agent == other.agent and one.query != other.query
    )


def _pairs(life: Life) -> Iterator[tuple[DmWay, DmWay]]:
    """A form that was always refused, and one that was never. What is now taken and now refused
    has another reason, such as a server that was not there for a while."""
    for one in life.dm_ways:
        for other in life.dm_ways:
            if (one.is_refused and not one.is_taken) and (other.is_taken and not other.is_refused):
                yield one, other


def _shown(text: str) -> str:
    return repr(text) if text else "none"
