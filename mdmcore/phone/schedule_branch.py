"""Reading the schedule: Registry's OmaDmRetry or DMClient's Poll (enrollment.md 9.5).

A value of another key, or without datatype integer, does not count. What is left out keeps its
default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from mdmcore.enrollment.provisioning import Characteristic, ProvisioningDocument
from mdmcore.enrollment.provisioning_view import located
from mdmcore.phone.refusal import Refusal, Step
from mdmcore.phone.schedule import OFF, RetrySet, Schedule
from mdmcore.profiles import DeviceProfile, PollScheme

_REGISTRY = (
    ("AuxNumRetries", "AuxRetryInterval"),
    ("NumRetries", "RetryInterval"),
    ("Aux2NumRetries", "Aux2RetryInterval"),
)
_POLL = (
    ("NumberOfFirstRetries", "IntervalForFirstSetOfRetries"),
    ("NumberOfSecondRetries", "IntervalForSecondSetOfRetries"),
    ("NumberOfRemainingScheduledRetries", "IntervalForRemainingScheduledRetries"),
)
SET_NAMES = MappingProxyType({PollScheme.REGISTRY: _REGISTRY, PollScheme.DM_CLIENT: _POLL})
"""What count and interval of each set are called, in the order of the sets."""
_FAILED = {PollScheme.REGISTRY: 0x80180022, PollScheme.DM_CLIENT: 0x80180020}
"""Another CSP, the DMClient branch (mdmregistration.h)."""
_OWN = RetrySet(count=0, interval=24 * 60)
"""DMClient CSP: without an infinite set the client makes one of its own."""


def read_schedule(
    document: ProvisioningDocument, provider_id: str, device: DeviceProfile
) -> Schedule | None:
    """The schedule in the way this device prefers; ``None`` when the document has none that it
    reads. Refusal(provisioning) for counts that cannot be configured."""
    for scheme in device.poll_schemes:
        place = _path(scheme, provider_id, device)
        found = next(
            ((path, one) for types, path, one in located(document) if types == place), None
        )
        if found is not None:
            path, branch = found
            given = integers(branch)
            _check_counts(given, scheme, path)
            return _schedule(given, scheme, path, device)
    return None


def default_schedule(provider_id: str, device: DeviceProfile) -> Schedule:
    """What holds without any value."""
    scheme = device.poll_schemes[0]
    place = "/".join(_path(scheme, provider_id, device))
    return replace(_schedule({}, scheme, place, device), is_given=False)


def poll_schedule(
    given: Mapping[str, int], *, place: str, device: DeviceProfile
) -> Schedule | None:
    """The schedule of these values of Poll, by name; ``None`` when their counts are all 0, which
    cannot be configured."""
    scheme = PollScheme.DM_CLIENT
    try:
        _check_counts(given, scheme, place)
    except Refusal:
        return None
    return _schedule(given, scheme, place, device)


def poll_values(schedule: Schedule) -> dict[str, int]:
    """The values of Poll, by name, that say that schedule."""
    values: dict[str, int] = {}
    for (count, interval), one in zip(_POLL, schedule.sets, strict=True):
        values |= {count: one.count, interval: one.interval}
    return values


def integers(branch: Characteristic) -> dict[str, int]:
    """The parms of a branch that are integers and say so."""
    found = {}
    for parm in branch.parms:
        text = (parm.value or "").strip()
        if parm.datatype == "integer" and text.isascii() and text.isdigit() and len(text) < 11:
            found[parm.name] = int(text)
    return found


def _path(scheme: PollScheme, provider_id: str, device: DeviceProfile) -> tuple[str, ...]:
    if scheme is PollScheme.REGISTRY:
        return "Registry", device.retry_key
    return "DMClient", "Provider", provider_id, "Poll"


def _check_counts(given: Mapping[str, int], scheme: PollScheme, path: str) -> None:
    names = SET_NAMES[scheme]
    if any(given.get(count) != 0 for count, _ in names):
        return
    nothing = all(given.get(interval) == 0 for _, interval in names)
    what = "all six values are 0" if nothing else "all three retry counts are 0"
    raise Refusal(
        f"{what}: the schedule cannot be configured",
        step=Step.PROVISIONING,
        place=path,
        evidence=", ".join(f"{name} {value}" for name, value in given.items()),
        hresult=_FAILED[scheme],
    )


def _schedule(
    given: Mapping[str, int], scheme: PollScheme, path: str, device: DeviceProfile
) -> Schedule:
    # The table has the defaults under the registry's names.
    defaults = device.default_retries
    sets = [
        RetrySet(
            count=given.get(count, defaults[own_count]),
            interval=given.get(interval, defaults[own_interval]),
        )
        for (count, interval), (own_count, own_interval) in zip(
            SET_NAMES[scheme], _REGISTRY, strict=True
        )
    ]
    is_poll = scheme is PollScheme.DM_CLIENT
    # A first count of 0 in the registry means no contact at all (blog, T34), in Poll for ever.
    endless = [number for number, one in enumerate(sets) if one.is_infinite and (number or is_poll)]
    if endless:
        sets[endless[0] + 1 :] = [OFF] * (len(sets) - endless[0] - 1)
    return Schedule(
        first=sets[0],
        second=sets[1],
        remaining=sets[2],
        own=_OWN if is_poll and not endless else None,
        scheme=scheme,
        place=path,
    )
