"""Who may not enrol although the user is right: too many devices, an old system, maintenance.

Sources: enrollment.md 7.1 and 11 (MS-MDE2 2.2.10). The detail (ErrorType) is for generations that
read it; the others see the subcode only. That maintenance is the server's failure and the rest a
matter of authorisation follows the sample of DeviceCapReached [U].
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mdmcore.errors import ConfigError
from mdmcore.profiles import PROFILES, DeviceProfile
from mdmcore.server.refusal import Refusal, refusal_for

_VERSION = re.compile(r"\d{1,9}(\.\d{1,9}){0,3}", re.ASCII)
_MAX_SHOWN = 60

_DEVICE_TYPES = {profile.device_type.casefold() for profile in PROFILES.values()} | {
    "windowshandheld"
}
"""DeviceType of every generation; Windows 10 Mobile may say WindowsHandheld, too (MS-MDE2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """``device_cap`` counts the enrolled devices of one user, ``None``: any number.

    ``lowest_application_version`` is that of the operating system (``8.10.12397``), empty: any;
    a device that tells none passes. ConfigError for values that mean nothing.
    """

    device_cap: int | None = None
    lowest_application_version: str = ""
    maintenance: bool = False

    def __post_init__(self) -> None:
        if self.device_cap is not None and self.device_cap < 0:
            raise ConfigError(f"a user cannot have {self.device_cap} devices")
        lowest = self.lowest_application_version
        if lowest and _version(lowest) is None:
            raise ConfigError(
                f"lowest_application_version {lowest!r} is no version like 8.10.12397"
            )

    def check_maintenance(self, profile: DeviceProfile) -> None:
        """Refuse while the server is in maintenance."""
        if self.maintenance:
            raise refusal_for(
                profile,
                "EnrollmentServer",
                "the server is in maintenance; try again later",
                error_type="InMaintenance",
            )

    def check_device(
        self, profile: DeviceProfile, *, device_type: str, application_version: str
    ) -> None:
        """Refuse a kind of device that is not known, and an operating system that is too old."""
        if device_type and device_type.casefold() not in _DEVICE_TYPES:
            raise _not_supported(profile, f"DeviceType {device_type[:_MAX_SHOWN]!r} is not known")
        lowest = self.lowest_application_version
        if not lowest or not application_version:
            return
        wanted, found = _version(lowest), _version(application_version)
        shown = application_version[:_MAX_SHOWN]
        if found is None:
            raise _not_supported(profile, f"ApplicationVersion {shown!r} is no version")
        if wanted is not None and found < wanted:
            reason = f"version {shown} of the device is older than {lowest}"
            raise _not_supported(profile, reason)

    def check_device_count(self, profile: DeviceProfile, count: int) -> None:
        """Refuse one device more for a user who has ``count`` others."""
        if self.device_cap is not None and count >= self.device_cap:
            raise device_cap_reached(profile, self.device_cap)


def device_cap_reached(profile: DeviceProfile, cap: int) -> Refusal:
    """The refusal of one device too many."""
    return refusal_for(
        profile,
        "Authorization",
        f"the user has as many devices as allowed ({cap})",
        error_type="DeviceCapReached",
    )


def _not_supported(profile: DeviceProfile, reason: str) -> Refusal:
    return refusal_for(profile, "Authorization", reason, error_type="DeviceNotSupported")


def _version(text: str) -> tuple[int, ...] | None:
    """The numbers of a dotted version, filled up to four; ``None`` when it is none."""
    stripped = text.strip()
    if not _VERSION.fullmatch(stripped):
        return None
    numbers = [int(part) for part in stripped.split(".")]
    return (*numbers, *(0 for _ in range(4 - len(numbers))))
