"""Which mistakes are on: those the server was started with, and those ordered while it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from mdmcore.errors import ConfigError
from mdmcore.records import FaultOrder
from mdmcore.server.faults.below import (
    TRANSPORT_FAULTS,
    TransportFault,
    domain_of_hub_host,
    serves,
)
from mdmcore.server.faults.model import FAULTS, Fault, Step
from mdmcore.server.settings import ServerSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveFault:
    """A fault that is on: everywhere, or in one ``step``, or for one account's management.

    ``times``: how often it is made, ``None`` for always; ``order`` is the number under which it
    was ordered while the server ran.
    """

    id: str
    step: Step | None = None
    account: str | None = None
    times: int | None = None
    order: int | None = None

    @property
    def fault(self) -> Fault | TransportFault:
        """What it does; ConfigError when there is no such fault."""
        found = FAULTS.get(self.id) or TRANSPORT_FAULTS.get(self.id)
        if found is None:
            near = get_close_matches(self.id, [*FAULTS, *TRANSPORT_FAULTS], n=3)
            advice = f"did you mean {' or '.join(near)}?" if near else "`mdmproxy rules` lists all"
            raise ConfigError(f"no fault is called {self.id!r}; {advice}")
        return found

    @property
    def is_for_connections(self) -> bool:
        """Whether it is made before HTTP is seen: for hosts, not for one device."""
        fault = self.fault
        return isinstance(fault, TransportFault) and fault.is_for_connections

    def is_for(self, step: Step, account: str | None) -> bool:
        """Whether an answer in that step, to that account's device, is to have the mistake."""
        if self.step not in (None, step) or step not in self.fault.steps:
            return False
        return self.account is None or (step is Step.MANAGE and self.account == account)

    def is_on_host(self, host: str, settings: ServerSettings) -> bool:
        """Whether connections to that host can have the mistake: it serves a step of it."""
        fault = self.fault
        if isinstance(fault, TransportFault) and fault.is_for_hub_host:
            return domain_of_hub_host(host, settings) is not None
        steps = fault.steps if self.step is None else (self.step,)
        return any(serves(host, step, settings) for step in steps)


class ActiveFaults:
    """``standing`` are there from the start; ``orders`` gives the others, ``spend`` is told of each
    order that was carried out. Called in the thread that answers."""

    def __init__(
        self,
        standing: Iterable[ActiveFault] = (),
        *,
        orders: Callable[[], Sequence[FaultOrder]] = tuple,
        spend: Callable[[int], None] | None = None,
    ) -> None:
        self._standing = tuple(standing)
        self._orders = orders
        self._spend = spend
        self._made: dict[ActiveFault, int] = {}
        for one in self._standing:
            _ = one.fault  # a name that does not exist is told at once

    def now(self) -> tuple[ActiveFault, ...]:
        """Every fault that is on."""
        standing = (one for one in self._standing if not self._is_used_up(one))
        known = FAULTS.keys() | TRANSPORT_FAULTS.keys()
        ordered = (_active(order) for order in self._orders() if order.fault in known)
        return (*standing, *ordered)

    def made(self, active: ActiveFault) -> None:
        """The mistake was made once more."""
        if active.order is not None:
            if self._spend is not None:
                self._spend(active.order)
        elif active.times is not None:
            self._made[active] = self._made.get(active, 0) + 1

    def _is_used_up(self, active: ActiveFault) -> bool:
        return active.times is not None and self._made.get(active, 0) >= active.times


def _active(order: FaultOrder) -> ActiveFault:
    return ActiveFault(
        id=order.fault,
        step=Step(order.step) if order.step in set(Step) else None,
        account=order.account,
        times=order.remaining,
        order=order.id,
    )


def parse_fault(text: str) -> ActiveFault:
    """``ID``, ``ID@STEP``, ``ID*TIMES`` or ``ID@STEP*TIMES``; ConfigError for anything else."""
    name, _, times = text.strip().partition("*")
    name, _, step = name.partition("@")
    if step and step not in set(Step):
        raise ConfigError(f"{text}: no step {step!r}; there is: {', '.join(Step)}")
    if times and not (times.isascii() and times.isdigit() and 0 < int(times[:9]) <= 1_000_000):
        raise ConfigError(f"{text}: {times!r} is not how often")
    active = ActiveFault(
        id=name, step=Step(step) if step else None, times=int(times) if times else None
    )
    steps = active.fault.steps
    if active.step is not None and active.step not in steps:
        where = ", ".join(sorted(steps))
        raise ConfigError(f"{text}: {name} is made in {where}, not in {step}")
    return active
