"""Reading EnterpriseAppManagement (enrollment.md 9.7), where the device knows it."""

from __future__ import annotations

from mdmcore.base64_text import decode_base64
from mdmcore.enrollment.aetx import read_enterprise_id
from mdmcore.enrollment.provisioning import ProvisioningDocument
from mdmcore.enrollment.provisioning_view import AppManagement, app_management, parm_path
from mdmcore.phone.refusal import Refusal, Step
from mdmcore.profiles import DeviceProfile

_FAILED = 0x80180025


def read_hub(document: ProvisioningDocument, device: DeviceProfile) -> AppManagement | None:
    """The hub; Refusal(provisioning) for a branch without an application enrolment token."""
    hub = app_management(document) if device.reads_app_management else None
    if hub is None:
        return None
    aet = decode_base64(hub.enrollment_token or "")
    if not aet or read_enterprise_id(aet) is None:
        raise Refusal(
            "EnrollmentToken holds no application enrolment token",
            step=Step.PROVISIONING,
            place=parm_path(hub.path, "EnrollmentToken"),
            evidence=(hub.enrollment_token or "(none)")[:40],
            hresult=_FAILED,
        )
    return hub
