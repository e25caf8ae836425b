"""Reading the DM account, APPLICATION with APPID w7 (enrollment.md 9.3).

What a device notices only when it opens a session is kept as it is (``readiness``).
"""

from __future__ import annotations

from mdmcore.enrollment.provisioning import ProvisioningDocument
from mdmcore.enrollment.provisioning_view import W7Account, located, parm_path, w7_account
from mdmcore.phone.refusal import Refusal, Step

_FAILED = 0x8018001F


def read_account(document: ProvisioningDocument) -> W7Account:
    """The account; Refusal(provisioning) when the device makes none of it."""
    account = w7_account(document)
    if account is None:
        found = w7_account(document, ignore_case=True)
        near = "" if found is None else ", only one in other letters (names are upper-case)"
        raise account_refusal(
            f"no APPLICATION with APPID w7{near}",
            "/wap-provisioningdoc/characteristic[@type='APPLICATION']",
            "" if found is None else found.path,
        )
    for name, value, place in (
        ("PROVIDER-ID", account.provider_id, parm_path(account.path, "PROVIDER-ID")),
        ("ADDR", account.addr, account.addr_path),
    ):
        if not value:
            raise account_refusal(f"the DM account has no {name}", place)
    branch = next(found for _types, path, found in located(document) if path == account.path)
    if branch.parm("INIT") is not None:
        raise account_refusal(
            "INIT is for operators, the device refuses it here", parm_path(account.path, "INIT")
        )
    return account


def account_refusal(reason: str, place: str, evidence: str = "") -> Refusal:
    """The account's branch fails."""
    return Refusal(reason, step=Step.PROVISIONING, place=place, evidence=evidence, hresult=_FAILED)
