"""Which schedule of a provisioning document a device follows (enrollment.md 9.5).

Which of the two a device reads, and under which registry key, is in the table of profiles.
"""

from __future__ import annotations

from mdmcore.enrollment.schedule_view import Schedule
from mdmcore.profiles import PROFILES, PollScheme, device_profile
from mdmcore.rules.decoded import Provisioning
from mdmcore.rules.life import Life
from mdmcore.rules.provisioned import provisioned
from mdmcore.rules.scene import Scene


def schedule_in_force(scene: Scene) -> Schedule | None:
    """The schedule that the device of this scene follows; ``None`` when the document has none.

    Where the kind of device is not known, any schedule counts: the document is judged by itself.
    """
    return schedule_of(provisioned(scene), scene.life)


def schedule_of(part: Provisioning, life: Life) -> Schedule | None:
    """The schedule that the device of this life follows when it has got this document."""
    schemes = device_profile(life.profile).poll_schemes
    if not life.is_profile_known:
        schemes = (*schemes, *(each for each in PollScheme if each not in schemes))
    for scheme in schemes:
        found = _registry(part, life) if scheme is PollScheme.REGISTRY else _poll(part)
        if found is not None:
            return found
    return None


def is_read_key(key: str, life: Life) -> bool:
    """Whether the device reads this registry key; of an unknown device, whether any does."""
    known = life.is_profile_known
    devices = (device_profile(life.profile),) if known else PROFILES.values()
    return key.lower() in {device.retry_key.lower() for device in devices}


def _registry(part: Provisioning, life: Life) -> Schedule | None:
    found = part.registry_schedules
    return next((each for each in found if is_read_key(each.key, life)), None)


def _poll(part: Provisioning) -> Schedule | None:
    """The Poll branch of the account's provider, else the first one."""
    provider = part.account.provider_id if part.account is not None else None
    own = (each for each in part.poll_schedules if each.key == provider)
    return next(own, part.poll_schedules[0] if part.poll_schedules else None)
