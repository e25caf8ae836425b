"""What a provisioning document says of renewal (enrollment.md 9.2, 10).

The branch My/WSTEP/Renew from Windows Phone 8.1 on, the registry of phones before it.
"""

from __future__ import annotations

from mdmcore.enrollment.provisioning import ProvisioningDocument

DEFAULT_RENEW_DAYS = 42
_PERIOD_NAMES = frozenset({"RenewPeriod", "RenewalPeriod"})
_MAX_DIGITS = 4


def renew_days(document: ProvisioningDocument | None) -> int | None:
    """The first renewal period that the document names, in days; ``None`` when it names none."""
    for _, branch in document.walk() if document is not None else ():
        for parm in branch.parms:
            text = (parm.value or "").strip()
            if parm.name in _PERIOD_NAMES and text.isdecimal() and len(text) <= _MAX_DIGITS:
                return int(text)
    return None


def robo_support(document: ProvisioningDocument | None) -> bool | None:
    """Whether ROBOSupport switches silent renewal on; ``None`` when the document has none."""
    for path, branch in document.walk() if document is not None else ():
        if path[-2:] == ("WSTEP", "Renew"):
            value = branch.value("ROBOSupport")
            if value is not None:
                return value.strip().lower() in ("true", "1")
    return None
