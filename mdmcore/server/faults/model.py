"""What a fault is: a known mistake, made on purpose in an answer that was right.

A fault has the id of the rule that finds its mistake, and changes the built answer of one or more
steps. Neither a rule nor the simulated phone can see that a fault is on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from mdmcore.http import Request, Response
from mdmcore.pki.authority import Authority
from mdmcore.server.ports import Clock, Random, StateStore
from mdmcore.server.settings import ServerSettings


class Step(StrEnum):
    """The part of a device's life that an answer belongs to."""

    PROBE = "probe"
    DISCOVER = "discover"
    SIGN_IN = "sign-in"
    POLICY = "policy"
    ENROLL = "enroll"
    RENEW = "renew"
    MANAGE = "manage"
    HUB = "hub"
    SCEP = "scep"


_MAX_KEPT = 1000


class Memory:
    """What mistakes remember of earlier answers, at most a thousand things, the oldest forgotten.

    It ends with the process: a server that makes mistakes need not keep them.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, ...], tuple[bytes, ...]] = {}

    def recall(self, *key: str) -> tuple[bytes, ...]:
        """What is kept under that key, the newest last."""
        return self._kept.get(key, ())

    def note(self, value: bytes, *key: str) -> None:
        """Keep a value that is not kept under that key yet."""
        kept = self._kept.pop(key, ())
        self._kept[key] = kept if value in kept else (*kept, value)[-_MAX_KEPT:]
        while len(self._kept) > _MAX_KEPT:
            del self._kept[next(iter(self._kept))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What the server has at hand, for mistakes that need more than the answer's text."""

    settings: ServerSettings
    authority: Authority
    store: StateStore
    clock: Clock
    random: Random
    memory: Memory = field(default_factory=Memory)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A right answer to one request, before the mistake."""

    step: Step
    request: Request
    response: Response
    tools: Tools

    @property
    def body(self) -> bytes:
        """The answer's body."""
        return self.response.body or b""


type Change = Callable[[Answered], Response | None]
"""The answer with the mistake; ``None`` where this answer has no room for it."""


type Prepare = Callable[[Request], Request]
"""The request as the server gets to see it, so that it has an answer that the mistake needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A mistake that the emulated server can make. ``id`` is the rule's.

    ``is_for_failures``: it also changes an answer that refuses.
    """

    id: str
    steps: frozenset[Step]
    change: Change
    prepare: Prepare | None = None
    is_for_failures: bool = False


FAULTS: dict[str, Fault] = {}
"""Every fault by id, in the order of the modules."""


def fault(
    rule_id: str,
    *steps: Step,
    prepare: Prepare | None = None,
    is_for_failures: bool = False,
) -> Callable[[Change], Change]:
    """Register the decorated function as the fault of that rule, for answers of these steps."""

    def register(change: Change) -> Change:
        if rule_id in FAULTS:
            raise ValueError(f"fault {rule_id} is there twice")
        FAULTS[rule_id] = Fault(
            id=rule_id,
            steps=frozenset(steps),
            change=change,
            prepare=prepare,
            is_for_failures=is_for_failures,
        )
        return change

    return register
