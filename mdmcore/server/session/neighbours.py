"""The other sessions of a device, when it begins one more.

Sources: session.md 1.6 (unsignalled loss is normal) and 2.3. A phone has one session at a time: the
new one ends the old. A Windows PC holds one for the device and one for the user side by side. What
was silent for too long is dead in any case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mdmcore.records import SessionState
from mdmcore.server.session.limits import SILENCE

_BESIDE = 1
"""Sessions that may live beside a new one where there are parallel ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """What becomes of them: those that end now, and the SessionIDs of those that go on."""

    ended: tuple[SessionState, ...]
    alive: frozenset[str]


def is_silent(session: SessionState, now: datetime) -> bool:
    """Whether nothing was heard in it for so long that it is dead."""
    return session.updated is None or now - session.updated > SILENCE


def judge_neighbours(
    others: Sequence[SessionState], *, has_parallel: bool, now: datetime
) -> Neighbours:
    """``others`` are the device's other open sessions in which it has proven itself."""
    newest_first = sorted(others, key=lambda each: each.updated or now, reverse=True)
    living = [each for each in newest_first if not is_silent(each, now)]
    kept = living[:_BESIDE] if has_parallel else []
    ended = tuple(replace(each, is_closed=True) for each in others if each not in kept)
    return Neighbours(ended=ended, alive=frozenset(each.session_id for each in kept))
