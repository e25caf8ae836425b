"""Mistakes in the schedule and the renewal's settings (enrollment.md 9.2, 9.5; session.md 6)."""

from __future__ import annotations

from dataclasses import replace

from mdmcore.enrollment.provisioning import Characteristic, Parm
from mdmcore.http import Response
from mdmcore.namespaces import MACHINE_OMA_DM_RETRY_KEY, OMA_DM_RETRY_KEY
from mdmcore.server.faults.commands import with_commands
from mdmcore.server.faults.documents import (
    ANY,
    BranchChange,
    add_branch,
    drop_parm,
    set_datatype,
    set_parm,
    together,
    with_branch,
    with_root,
)
from mdmcore.server.faults.model import Answered, Step, fault
from mdmcore.syncml.model import Command, Item

_REGISTRY = ("Registry", ANY)
_PROVIDER = ("DMClient", "Provider", ANY)
_POLL = (*_PROVIDER, "Poll")
_RENEW = ("CertificateStore", "My", "WSTEP", "Renew")
_REGISTRY_COUNTS = ("AuxNumRetries", "NumRetries", "Aux2NumRetries")
_REGISTRY_INTERVALS = ("AuxRetryInterval", "RetryInterval", "Aux2RetryInterval")
_POLL_COUNTS = (
    "NumberOfFirstRetries",
    "NumberOfSecondRetries",
    "NumberOfRemainingScheduledRetries",
)
_POLL_INTERVALS = (
    "IntervalForFirstSetOfRetries",
    "IntervalForSecondSetOfRetries",
    "IntervalForRemainingScheduledRetries",
)
_OTHER_KEYS = {
    OMA_DM_RETRY_KEY: MACHINE_OMA_DM_RETRY_KEY,
    MACHINE_OMA_DM_RETRY_KEY: OMA_DM_RETRY_KEY,
}


def _registry(answered: Answered, **values: str) -> Response | None:
    """Other values below OmaDmRetry."""
    change = together(*(set_parm(name, value) for name, value in values.items()))
    return with_branch(answered, _REGISTRY, change)


def _poll(answered: Answered, **values: str) -> Response | None:
    """Other values below Poll."""
    change = together(*(set_parm(name, value) for name, value in values.items()))
    return with_branch(answered, _POLL, change)


def _zero(answered: Answered, registry: tuple[str, ...], poll: tuple[str, ...]) -> Response | None:
    """Zero in the schedules that the document has."""
    changed = _registry(answered, **dict.fromkeys(registry, "0"))
    so_far = answered if changed is None else replace(answered, response=changed)
    return _poll(so_far, **dict.fromkeys(poll, "0")) or changed


@fault("omadmretry-first-set-zero", Step.ENROLL)
def no_first_set(answered: Answered) -> Response | None:
    """The first set is zero."""
    return _registry(answered, AuxNumRetries="0", AuxRetryInterval="0")


@fault("omadmretry-periodic-missing", Step.ENROLL)
def no_periodic_set(answered: Answered) -> Response | None:
    """The long run is left out."""
    change = together(drop_parm("Aux2NumRetries"), drop_parm("Aux2RetryInterval"))
    return with_branch(answered, _REGISTRY, change)


@fault("omadmretry-wrong-key", Step.ENROLL)
def other_key(answered: Answered) -> Response | None:
    """The values stand below the key of another kind of device."""
    return with_branch(
        answered,
        _REGISTRY,
        lambda branch: replace(branch, type=_OTHER_KEYS.get(branch.type, branch.type)),
    )


@fault("omadmretry-datatype", Step.ENROLL)
def text_values(answered: Answered) -> Response | None:
    """The values are strings."""
    names = (*_REGISTRY_COUNTS, *_REGISTRY_INTERVALS)
    change = together(*(set_datatype(name, "string") for name in names))
    return with_branch(answered, _REGISTRY, change)


@fault("omadmretry-swapped-sets", Step.ENROLL)
def swapped_sets(answered: Answered) -> Response | None:
    """The quick set is the second, the slow one the first."""
    return _registry(
        answered, AuxNumRetries="8", AuxRetryInterval="60", NumRetries="10", RetryInterval="15"
    )


@fault("omadmretry-too-fast", Step.ENROLL)
def too_fast(answered: Answered) -> Response | None:
    """The long run is every ten minutes."""
    changed = _registry(answered, Aux2RetryInterval="10")
    so_far = answered if changed is None else replace(answered, response=changed)
    return _poll(so_far, IntervalForRemainingScheduledRetries="10") or changed


@fault("poll-all-zero", Step.ENROLL)
def all_zero(answered: Answered) -> Response | None:
    """All six values are zero."""
    return _zero(
        answered,
        _REGISTRY_COUNTS + _REGISTRY_INTERVALS,
        _POLL_COUNTS + _POLL_INTERVALS,
    )


@fault("poll-counts-zero", Step.ENROLL)
def counts_zero(answered: Answered) -> Response | None:
    """All three counts are zero."""
    return _zero(answered, _REGISTRY_COUNTS, _POLL_COUNTS)


@fault("poll-two-infinite", Step.ENROLL)
def two_endless_sets(answered: Answered) -> Response | None:
    """The second and the third set are endless."""
    return _zero(answered, ("NumRetries",), ("NumberOfSecondRetries",))


@fault("poll-first-count-zero", Step.ENROLL)
def endless_first_set(answered: Answered) -> Response | None:
    """The first set is endless, the others are never reached."""
    values = {"NumberOfRemainingScheduledRetries": "0", "NumberOfFirstRetries": "0"}
    return _poll(answered, **values)


@fault("poll-both-schemes", Step.ENROLL)
def both_schemes(answered: Answered) -> Response | None:
    """The document has the schedule in both ways."""
    poll = Characteristic(type="Poll", parms=_integers(_POLL_COUNTS, _POLL_INTERVALS))

    def below(branch: Characteristic) -> Characteristic:
        if branch.child("Poll") is not None:
            return branch
        return add_branch(poll)(branch) or branch

    changed = with_branch(answered, _PROVIDER, below)
    return changed or with_root(answered, _with_registry)


@fault("poll-node-not-added", Step.ENROLL, Step.MANAGE)
def asks_below_poll(answered: Answered) -> Response | None:
    """The document has its schedule in the registry alone, sessions ask for that of Poll."""
    if answered.step is Step.MANAGE:
        item = Item(target="./Vendor/MSFT/DMClient/Provider/MDMProxy/Poll/NumberOfFirstRetries")
        return with_commands(answered, Command(name="Get", cmd_id="", items=(item,)))

    def without_poll(branch: Characteristic) -> Characteristic:
        kept = tuple(one for one in branch.characteristics if one.type != "Poll")
        return replace(branch, characteristics=kept)

    changed = with_branch(answered, _PROVIDER, without_poll)
    so_far = answered if changed is None else replace(answered, response=changed)
    return with_root(so_far, _with_registry) or changed


def _with_registry(root: Characteristic) -> Characteristic:
    """The document with the schedule of a phone in its registry, where it has none there."""
    if root.child("Registry") is not None:
        return root
    values = _integers(_REGISTRY_COUNTS, _REGISTRY_INTERVALS)
    retries = Characteristic(type=OMA_DM_RETRY_KEY, parms=values)
    registry = Characteristic(type="Registry", characteristics=(retries,))
    return add_branch(registry)(root) or root


def _integers(counts: tuple[str, ...], intervals: tuple[str, ...]) -> tuple[Parm, ...]:
    """A usual schedule: 10 times 15 minutes, 8 times an hour, then every 1560 minutes."""
    values = zip((*counts, *intervals), ("10", "8", "0", "15", "60", "1560"), strict=True)
    return tuple(Parm(name=name, value=value, datatype="integer") for name, value in values)


def _renew(answered: Answered, change: BranchChange) -> Response | None:
    return with_branch(answered, _RENEW, change)


@fault("renew-datatype-missing", Step.ENROLL)
def no_datatype(answered: Answered) -> Response | None:
    """RenewPeriod does not say that it is an integer."""
    return _renew(answered, set_datatype("RenewPeriod", None))


@fault("renew-values-out-of-range", Step.ENROLL)
def long_period(answered: Answered) -> Response | None:
    """RenewPeriod is 5000 days."""
    return _renew(answered, set_parm("RenewPeriod", "5000"))


@fault("renew-mandatory-when-federated", Step.ENROLL)
def no_silent_renewal(answered: Answered) -> Response | None:
    """ROBOSupport is false."""
    return _renew(answered, set_parm("ROBOSupport", "false"))
