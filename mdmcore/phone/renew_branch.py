"""Reading My/WSTEP/Renew, and the RenewalPeriod of the registry (enrollment.md 9.2, 9.5, 10)."""

from __future__ import annotations

from mdmcore.enrollment.provisioning import Characteristic, Parm, ProvisioningDocument
from mdmcore.enrollment.provisioning_view import located, parm_path
from mdmcore.phone.refusal import Refusal, Step
from mdmcore.phone.renewal_state import RenewalSettings
from mdmcore.phone.schedule_branch import integers
from mdmcore.profiles import DeviceProfile

_BRANCH = ("CertificateStore", "My", "WSTEP", "Renew")
_REGISTRY = "RenewalPeriod"
_LARGEST = 1000
_FAILED = 0x8018001E
_BOOLEANS = {"true": True, "false": False}
_DEFAULTS = RenewalSettings()


def read_renewal(document: ProvisioningDocument, device: DeviceProfile) -> RenewalSettings | None:
    """What the document says of renewal, ``None`` for nothing that this device reads.

    Refusal(provisioning) when the branch cannot be configured.
    """
    wanted = _BRANCH if device.is_case_sensitive else tuple(name.lower() for name in _BRANCH)
    for types, path, branch in located(document) if device.reads_renew_branch else ():
        found = types if device.is_case_sensitive else tuple(name.lower() for name in types)
        if found == wanted:
            return _settings(branch, path)
    for types, _path, branch in located(document):
        if types == ("Registry", device.renewal_key):
            days = integers(branch).get(_REGISTRY)
            if days is not None and 1 <= days <= _LARGEST:
                return RenewalSettings(period_days=days, retry_days=min(_DEFAULTS.retry_days, days))
    return None


def _settings(branch: Characteristic, path: str) -> RenewalSettings:
    period = _days(branch, path, "RenewPeriod")
    retry = _days(branch, path, "RetryInterval")
    days = _DEFAULTS.period_days if period is None else period
    if retry is not None and retry > days:
        raise _refusal(
            f"RetryInterval is longer than the RenewPeriod of {days} days",
            parm_path(path, "RetryInterval"),
            str(retry),
        )
    return RenewalSettings(
        period_days=days,
        retry_days=min(_DEFAULTS.retry_days, days) if retry is None else retry,
        supports_robo=_robo(branch, path),
        server_url=branch.value("ServerURL") or None,
    )


def _days(branch: Characteristic, path: str, name: str) -> int | None:
    parm = _typed(branch, path, name, "integer")
    if parm is None:
        return None
    text = (parm.value or "").strip()
    is_number = text.isascii() and text.isdigit() and len(text) < 11
    if not is_number or not 1 <= int(text) <= _LARGEST:
        raise _refusal(f"{name} is not from 1 to {_LARGEST} days", parm_path(path, name), text)
    return int(text)


def _robo(branch: Characteristic, path: str) -> bool:
    parm = _typed(branch, path, "ROBOSupport", "boolean")
    if parm is None:
        return False
    text = (parm.value or "").strip().lower()
    if text not in _BOOLEANS:
        raise _refusal("ROBOSupport is not true or false", parm_path(path, "ROBOSupport"), text)
    return _BOOLEANS[text]


def _typed(branch: Characteristic, path: str, name: str, datatype: str) -> Parm | None:
    parm = branch.parm(name)
    if parm is not None and parm.datatype != datatype:
        raise _refusal(
            f"{name} lacks datatype {datatype}, so the branch fails",
            parm_path(path, name),
            parm.datatype or "(none)",
        )
    return parm


def _refusal(reason: str, place: str, evidence: str) -> Refusal:
    return Refusal(reason, step=Step.PROVISIONING, place=place, evidence=evidence, hresult=_FAILED)
