"""Choosing what to answer to which generation of devices (enrollment.md sections 1, 4.2, 5).

Which profile a device has is told by what it sends; what a profile means stands in the table of
``mdmcore.profiles``.
"""

from __future__ import annotations

from mdmcore.enrollment.device_kind import detect_profile, major_version
from mdmcore.profiles import DeviceProfile, device_profile


def profile_for(
    *,
    device_type: str,
    request_version: str,
    application_version: str,
    default: str,
    is_discover: bool = False,
) -> DeviceProfile:
    """The profile of a device that says this of itself; ``default`` where nothing tells."""
    detected = detect_profile(
        device_type=device_type,
        request_version=request_version,
        application_version=application_version,
        is_discover=is_discover,
    )
    return device_profile(detected or default)


def choose_auth_policy(
    profile: DeviceProfile, *, offered: tuple[str, ...], allowed: tuple[str, ...]
) -> str | None:
    """The first allowed AuthPolicy that the device understands and, if it says so, offers."""
    wanted = {text.strip().casefold() for text in offered}
    for policy in allowed:
        if policy in profile.auth_policies and (not wanted or policy.casefold() in wanted):
            return policy
    return None


def enrollment_version(profile: DeviceProfile, request_version: str) -> str:
    """EnrollmentVersion for a RequestVersion of 3.0 or more, never above it; else empty."""
    highest = profile.highest_enrollment_version
    major = major_version(request_version)
    if highest is None or major is None or major < 3:
        return ""
    return f"{min(major, highest)}.0"
