"""What differs between generations of devices on the server's side: one table of data.

Sources: enrollment.md sections 1, 4.2, 5. Services never ask for a profile's name, only for its
values. Which profile a device has is told by what it sends; see ``profile_for``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mdmcore.enrollment.device_kind import detect_profile, major_version
from mdmcore.errors import ConfigError

ON_PREMISE = "OnPremise"
FEDERATED = "Federated"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerProfile:
    """One generation of devices, as far as answers to it differ."""

    name: str
    title: str
    """What people call such a device."""
    auth_policies: tuple[str, ...]
    """AuthPolicies that the device understands."""
    highest_enrollment_version: int | None
    """Major number of the highest EnrollmentVersion to answer; ``None``: the element is not sent.

    4 for Windows 10: from 5 on GetPolicies has to speak of attestation (MS-MDE2 3.3.4.1.1.2).
    """
    sends_fault_detail: bool
    """Whether faults carry DeviceEnrollmentServiceError, which Windows 10 introduced."""


PROFILES: Mapping[str, ServerProfile] = MappingProxyType(
    {
        profile.name: profile
        for profile in (
            ServerProfile(
                name="wp8",
                title="Windows Phone 8.0",
                auth_policies=(ON_PREMISE,),
                highest_enrollment_version=None,
                sends_fault_detail=False,
            ),
            ServerProfile(
                name="wp81",
                title="Windows Phone 8.1",
                auth_policies=(ON_PREMISE, FEDERATED),
                highest_enrollment_version=None,
                sends_fault_detail=False,
            ),
            ServerProfile(
                name="win81",
                title="Windows 8.1 PC",
                auth_policies=(FEDERATED,),
                highest_enrollment_version=None,
                sends_fault_detail=False,
            ),
            ServerProfile(
                name="win10",
                title="Windows 10 and 11",
                auth_policies=(ON_PREMISE, FEDERATED),
                highest_enrollment_version=4,
                sends_fault_detail=True,
            ),
        )
    }
)


def server_profile(name: str) -> ServerProfile:
    """The profile of that name; ConfigError for one that does not exist."""
    try:
        return PROFILES[name]
    except KeyError:
        raise ConfigError(f"no profile {name!r}; there is: {', '.join(PROFILES)}") from None


def profile_for(
    *, device_type: str, request_version: str, application_version: str, default: str
) -> ServerProfile:
    """The profile of a device that says this of itself; ``default`` where nothing tells."""
    detected = detect_profile(
        device_type=device_type,
        request_version=request_version,
        application_version=application_version,
    )
    return server_profile(detected or default)


def choose_auth_policy(
    profile: ServerProfile, *, offered: tuple[str, ...], allowed: tuple[str, ...]
) -> str | None:
    """The first allowed AuthPolicy that the device understands and, if it says so, offers."""
    wanted = {text.strip().casefold() for text in offered}
    for policy in allowed:
        if policy in profile.auth_policies and (not wanted or policy.casefold() in wanted):
            return policy
    return None


def enrollment_version(profile: ServerProfile, request_version: str) -> str:
    """EnrollmentVersion for a RequestVersion of 3.0 or more, never above it; else empty."""
    highest = profile.highest_enrollment_version
    major = major_version(request_version)
    if highest is None or major is None or major < 3:
        return ""
    return f"{min(major, highest)}.0"
