"""The polling schedule of a provisioning document, in either of its two spellings.

Registry OmaDmRetry (Windows Phone 8, Windows 8.1) and DMClient Poll (8.1 and later): DMClient and
Registry CSPs, MS-MDE 3.6, MS-MDE2 2.2.9.3, enrollment.md 9.5. Both name three sets of retries, each
a count and an interval in minutes. Which scheme a device follows and what is wrong with the
values is for the phone and the rules.
"""

from __future__ import annotations

from dataclasses import dataclass

from mdmcore.enrollment.provisioning import Characteristic, ProvisioningDocument
from mdmcore.enrollment.provisioning_view import Setting, branches_at, same_name, setting
from mdmcore.namespaces import OMA_DM_RETRY_KEY
from mdmcore.profiles import PollScheme

_RETRY_LEAF = "OmaDmRetry"
# NumRetries and RetryInterval are too plain to tell a schedule by.
_TELLING = frozenset({"AuxNumRetries", "AuxRetryInterval", "Aux2NumRetries", "Aux2RetryInterval"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrySet:
    """One set of retries: how often, and every how many minutes."""

    count: Setting
    interval: Setting
    default_count: int
    default_interval: int

    @property
    def retries(self) -> int | None:
        """The count in force; ``None`` when what is written is no number."""
        return self.count.number if self.count.is_written else self.default_count

    @property
    def minutes(self) -> int | None:
        """The interval in force; ``None`` when what is written is no number."""
        return self.interval.number if self.interval.is_written else self.default_interval

    @property
    def is_active(self) -> bool:
        """Whether it has an interval: with none the set is disabled."""
        return (self.minutes or 0) > 0

    @property
    def is_endless(self) -> bool:
        """Whether it repeats for ever: count zero and an interval above zero."""
        return self.is_active and self.retries == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The three sets. ``key`` is the registry key, or the provider of the Poll branch."""

    scheme: PollScheme
    key: str
    path: str
    first: RetrySet
    second: RetrySet
    periodic: RetrySet

    @property
    def sets(self) -> tuple[RetrySet, RetrySet, RetrySet]:
        """First, second and periodic set."""
        return self.first, self.second, self.periodic

    @property
    def settings(self) -> tuple[Setting, ...]:
        """The six settings, count before interval."""
        return tuple(item for each in self.sets for item in (each.count, each.interval))


_NAMES = {
    # Aux is the first set, the plain pair the second, Aux2 the periodic one (enrollment.md 9.5).
    PollScheme.REGISTRY: (
        ("AuxNumRetries", "AuxRetryInterval"),
        ("NumRetries", "RetryInterval"),
        ("Aux2NumRetries", "Aux2RetryInterval"),
    ),
    PollScheme.DM_CLIENT: (
        ("NumberOfFirstRetries", "IntervalForFirstSetOfRetries"),
        ("NumberOfSecondRetries", "IntervalForSecondSetOfRetries"),
        ("NumberOfRemainingScheduledRetries", "IntervalForRemainingScheduledRetries"),
    ),
}
_DEFAULTS = ((10, 15), (0, 0), (0, 0))


def retry_schedules(
    doc: ProvisioningDocument, *, ignore_case: bool = False
) -> tuple[Schedule, ...]:
    """Every registry key that ends in OmaDmRetry, or holds values only a schedule has."""
    return tuple(
        _schedule(PollScheme.REGISTRY, types[1], path, branch, ignore_case=ignore_case)
        for types, path, branch in branches_at(doc, "Registry", None, ignore_case=ignore_case)
        if same_name(branch.type.rpartition("\\")[2], _RETRY_LEAF, ignore_case)
        or any(parm.name in _TELLING for parm in branch.parms)
    )


def retry_schedule(
    doc: ProvisioningDocument, key: str = OMA_DM_RETRY_KEY, *, ignore_case: bool = False
) -> Schedule | None:
    """The registry's schedule, that of the named key before any other; ``None`` without one."""
    found = retry_schedules(doc, ignore_case=ignore_case)
    named = (item for item in found if same_name(item.key, key, ignore_case))
    return next(named, found[0] if found else None)


def poll_schedules(doc: ProvisioningDocument, *, ignore_case: bool = False) -> tuple[Schedule, ...]:
    """The Poll branch of every DMClient provider that has one."""
    pattern = ("DMClient", "Provider", None, "Poll")
    return tuple(
        _schedule(PollScheme.DM_CLIENT, types[2], path, branch, ignore_case=ignore_case)
        for types, path, branch in branches_at(doc, *pattern, ignore_case=ignore_case)
    )


def _schedule(
    scheme: PollScheme, key: str, path: str, branch: Characteristic, *, ignore_case: bool
) -> Schedule:
    first, second, periodic = (
        RetrySet(
            count=setting(path, branch, names[0], ignore_case=ignore_case),
            interval=setting(path, branch, names[1], ignore_case=ignore_case),
            default_count=count,
            default_interval=interval,
        )
        for names, (count, interval) in zip(_NAMES[scheme], _DEFAULTS, strict=True)
    )
    return Schedule(
        scheme=scheme, key=key, path=path, first=first, second=second, periodic=periodic
    )
