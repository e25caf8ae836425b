"""Who may not enrol although the user is right: too many devices, the wrong system, maintenance.

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
_MAX_NUMBERS = 4
_MAX_SHOWN = 60

_DEVICE_TYPES = {profile.device_type.casefold() for profile in PROFILES.values()} | {
    "windowshandheld"
}
"""DeviceType of every generation; Windows 10 Mobile may say WindowsHandheld, too (MS-MDE2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """``device_cap`` counts the enrolled devices of one user, ``None``: any number.

    ``lowest_application_version`` and ``highest_application_version`` are those of the operating
    system (``8.10.12397``; only as many numbers as are given count), empty: any; a device that
    tells none passes. ConfigError for values that mean nothing.
    """

    device_cap: int | None = None
    lowest_application_version: str = ""
    highest_application_version: str = ""
    maintenance: bool = False

    def __post_init__(self) -> None:
        if self.device_cap is not None and self.device_cap < 0:
            raise ConfigError(f"a user cannot have {self.device_cap} devices")
        for limit in (self.lowest_application_version, self.highest_application_version):
            if limit and not _numbers(limit):
                raise ConfigError(f"the application version {limit!r} is none like 8.10.12397")

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
        """Refuse a kind of device that is not known, and an operating system out of the limits."""
        if device_type and device_type.casefold() not in _DEVICE_TYPES:
            raise _not_supported(profile, f"DeviceType {device_type[:_MAX_SHOWN]!r} is not known")
        lowest = _numbers(self.lowest_application_version)
        highest = _numbers(self.highest_application_version)
        if not application_version or not (lowest or highest):
            return
        shown = application_version[:_MAX_SHOWN]
        found = _numbers(application_version)
        if not found:
            raise _not_supported(profile, f"ApplicationVersion {shown!r} is no version")
        found = (*found, *(0 for _ in range(_MAX_NUMBERS - len(found))))
        than = ""
        if found[: len(lowest)] < lowest:
            than = f"older than {self.lowest_application_version}"
        elif highest and found[: len(highest)] > highest:
            than = f"newer than {self.highest_application_version}"
        if than:
            raise _not_supported(profile, f"version {shown} of the device is {than}")

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


def _numbers(text: str) -> tuple[int, ...]:
    """The numbers of a dotted version; none when it is none."""
    stripped = text.strip()
    if not _VERSION.fullmatch(stripped):
        return ()
    return tuple(int(part) for part in stripped.split("."))
