"""Which kind of device an artifact is of, and what in it tells that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mdmcore.enrollment.device_kind import detect_profile
from mdmcore.inspector.artifact.provisioning_facts import retry_branches
from mdmcore.inspector.artifact.values import ArtifactSettings
from mdmcore.namespaces import MACHINE_OMA_DM_RETRY_KEY, OMA_DM_RETRY_KEY
from mdmcore.rules import DEFAULT_PROFILE
from mdmcore.rules.decoded import Decoded

AS_ASKED = "as asked for"
NOTHING_TELLS = "nothing tells the kind of device"
"""Why it is that one: the person said so, or it is the default."""

_RETRY_KEYS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        OMA_DM_RETRY_KEY.lower(): ("wp8", "the OmaDmRetry registry key that only phones use"),
        MACHINE_OMA_DM_RETRY_KEY.lower(): (
            "win81",
            "the MachineEnrollment registry key that only PCs use",
        ),
    }
)
"""The key below Registry in lower case (enrollment.md 9.5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenProfile:
    """The profile to judge for, and why it is that one."""

    profile: str
    reason: str

    @property
    def is_known(self) -> bool:
        """Whether it was asked for or told by the artifact; else it is the default."""
        return self.reason != NOTHING_TELLS


def profile_of(decoded: Decoded | None, settings: ArtifactSettings) -> ChosenProfile:
    """The profile of an artifact; ``None`` for what cannot tell the kind of device."""
    if settings.profile != "auto":
        return ChosenProfile(profile=settings.profile, reason=AS_ASKED)
    for profile, reason in _told(decoded) if decoded is not None else ():
        return ChosenProfile(profile=profile, reason=reason)
    return ChosenProfile(profile=DEFAULT_PROFILE, reason=NOTHING_TELLS)


def _told(decoded: Decoded) -> Iterator[tuple[str, str]]:
    """What tells the device, the strongest first."""
    words = _words(decoded)
    found = detect_profile(**words, is_discover=decoded.discover is not None)
    if found is not None:
        said = ", ".join(f"{_NAMES[name]} {value}" for name, value in words.items() if value)
        said = said or "a Discover that tells only the address"
        yield found, said
    part = decoded.provisioning
    document = part.document if part is not None else None
    for branch in retry_branches(document) if document is not None else ():
        if branch.type.lower() in _RETRY_KEYS:
            yield _RETRY_KEYS[branch.type.lower()]


_NAMES = MappingProxyType(
    {
        "device_type": "DeviceType",
        "application_version": "ApplicationVersion",
        "request_version": "RequestVersion",
    }
)


def _words(decoded: Decoded) -> dict[str, str]:
    """DeviceType and versions of a message. EnrollmentVersion repeats the RequestVersion."""
    if decoded.discover is not None:
        found = decoded.discover
        return {
            "device_type": found.device_type,
            "application_version": found.application_version,
            "request_version": found.request_version,
        }
    if decoded.rst is not None:
        value = decoded.rst.context_value
        return {
            "device_type": value("DeviceType") or "",
            "application_version": value("ApplicationVersion") or "",
            "request_version": "",
        }
    if decoded.discover_response is not None:
        return {"request_version": decoded.discover_response.enrollment_version}
    return {}
