"""Which schedule of a provisioning document a device follows (enrollment.md 9.5).

Windows Phone 8.0 knows OmaDmRetry alone, 8.1 and later prefer DMClient Poll, the Windows 8.1 PC
has an OmaDmRetry key of its own. Windows 10 reads Poll alone.
"""

from __future__ import annotations

from types import MappingProxyType

from mdmcore.enrollment.schedule_view import Schedule, Scheme
from mdmcore.namespaces import OMA_DM_RETRY_KEY, PC_OMA_DM_RETRY_KEY
from mdmcore.rules.provisioned import provisioned
from mdmcore.rules.scene import Scene

REGISTRY_KEYS = MappingProxyType(
    {"wp8": OMA_DM_RETRY_KEY, "wp81": OMA_DM_RETRY_KEY, "win81": PC_OMA_DM_RETRY_KEY}
)
"""The OmaDmRetry key that a profile reads; none for Windows 10."""

_PREFERENCE = MappingProxyType(
    {
        "wp8": (Scheme.REGISTRY,),
        "wp81": (Scheme.POLL, Scheme.REGISTRY),
        "win81": (Scheme.REGISTRY, Scheme.POLL),
        "win10": (Scheme.POLL,),
    }
)


def schedule_in_force(scene: Scene) -> Schedule | None:
    """The schedule that the device of this scene follows; ``None`` when the document has none.

    Where the kind of device is not known, any schedule counts: the document is judged by itself.
    """
    schemes: tuple[Scheme, ...] = _PREFERENCE[scene.profile]
    if not scene.life.is_profile_known:
        schemes = (*schemes, *(each for each in Scheme if each not in schemes))
    for scheme in schemes:
        found = _registry(scene) if scheme is Scheme.REGISTRY else _poll(scene)
        if found is not None:
            return found
    return None


def is_read_key(key: str, scene: Scene) -> bool:
    """Whether the device reads this registry key; of an unknown device, whether any does."""
    keys = {REGISTRY_KEYS.get(scene.profile, "")}
    if not scene.life.is_profile_known:
        keys |= set(REGISTRY_KEYS.values())
    return key.lower() in {each.lower() for each in keys}


def _registry(scene: Scene) -> Schedule | None:
    found = provisioned(scene).registry_schedules
    return next((each for each in found if is_read_key(each.key, scene)), None)


def _poll(scene: Scene) -> Schedule | None:
    """The Poll branch of the account's provider, else the first one."""
    part = provisioned(scene)
    provider = part.account.provider_id if part.account is not None else None
    own = (each for each in part.poll_schedules if each.key == provider)
    return next(own, part.poll_schedules[0] if part.poll_schedules else None)
