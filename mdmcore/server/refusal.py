"""A refusal of the enrolment services, before it is written as a SOAP fault."""

from __future__ import annotations

from mdmcore.errors import MdmError
from mdmcore.profiles import DeviceProfile


class Refusal(MdmError):
    """Becomes a SOAP fault with this subcode; ``error_type`` adds the detail for Windows 10."""

    def __init__(self, subcode: str, reason: str, *, error_type: str = "") -> None:
        self.subcode = subcode
        self.error_type = error_type
        super().__init__(reason)


def refusal_for(
    profile: DeviceProfile, subcode: str, reason: str, *, error_type: str = ""
) -> Refusal:
    """A refusal with the detail where that generation of devices reads it (enrollment.md 11)."""
    return Refusal(subcode, reason, error_type=error_type if profile.reads_fault_detail else "")
