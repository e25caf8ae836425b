"""A refusal of the enrolment services, before it is written as a SOAP fault."""

from __future__ import annotations

from mdmcore.errors import MdmError


class Refusal(MdmError):
    """Becomes a SOAP fault with this subcode; ``error_type`` adds the detail for Windows 10."""

    def __init__(self, subcode: str, reason: str, *, error_type: str = "") -> None:
        self.subcode = subcode
        self.error_type = error_type
        super().__init__(reason)
