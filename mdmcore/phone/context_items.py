"""What a device says of itself beside its CSR: the ContextItems (enrollment.md 7.1).

Which ones, and in which order, stands in the table of profiles; here are their values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from mdmcore.phone.settings import PhoneSettings


def context_items(settings: PhoneSettings) -> tuple[tuple[str, str], ...]:
    """Name and value of each item; one for each network card."""
    return tuple(
        (name, value) for name in settings.device.context_items for value in _VALUES[name](settings)
    )


def _boolean(value: bool) -> tuple[str, ...]:
    return ("true" if value else "false",)


_VALUES: Mapping[str, Callable[[PhoneSettings], tuple[str, ...]]] = MappingProxyType(
    {
        "ApplicationVersion": lambda phone: (phone.os_version,),
        "DeviceID": lambda phone: (phone.device_id,),
        "DeviceName": lambda phone: (phone.device_name,),
        "DeviceType": lambda phone: (phone.device.device_type,),
        "EnrollmentType": lambda phone: (phone.enrollment_type,),
        "HWDevID": lambda phone: (phone.hardware_id,),
        "Locale": lambda phone: (phone.language,),
        "MAC": lambda phone: phone.mac_addresses,
        "NotInOobe": lambda phone: _boolean(not phone.is_in_oobe),
        "OSEdition": lambda phone: (phone.os_edition,),
        "OSVersion": lambda phone: (phone.os_version,),
        "TargetedUserLoggedIn": lambda phone: _boolean(phone.is_user_logged_in),
        "UXInitiated": lambda phone: _boolean(phone.is_user_initiated),
    }
)
