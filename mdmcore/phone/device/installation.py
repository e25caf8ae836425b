"""Installing a package that came whole: whether it is the one ordered, and what is there then."""

from __future__ import annotations

from dataclasses import dataclass

from mdmcore.phone.device.state import DeviceState, InstalledApp
from mdmcore.phone.device.work import Work, WorkKind

_INVALID = 0x80073CF2
_DOWNGRADE = 0x80073D06
_LONGEST_NUMBER = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallProblem:
    """Why a package is not installed, and the HRESULT for it (winerror.h; for phones [U])."""

    code: int
    reason: str


def install_problem(work: Work, device: DeviceState) -> InstallProblem | None:
    """What is wrong with a package that could be read, ``None`` when it is installed."""
    manifest = work.manifest
    if manifest is None:
        return None
    found = manifest.family if work.kind is WorkKind.MODERN_APP else manifest.product_id
    wanted = work.product.rpartition("_")[0] if work.kind is WorkKind.MODERN_APP else work.product
    if found.lower() != wanted.lower():
        return InstallProblem(code=_INVALID, reason=f"the package is {found}, not {wanted}")
    app = next((app for app in device.apps if app.product == work.product), None)
    if app is not None and _numbers(manifest.version) < _numbers(app.version):
        reason = f"version {app.version} is installed, {manifest.version} is older"
        return InstallProblem(code=_DOWNGRADE, reason=reason)
    return None


def installed_app(work: Work) -> InstalledApp:
    """The app that finished work has installed."""
    manifest = work.manifest
    return InstalledApp(
        csp=work.kind.value,
        node=_inventory_node(work),
        context=work.context,
        product=work.product,
        version=work.version if manifest is None else manifest.version,
        title="" if manifest is None else manifest.title,
        publisher="" if manifest is None else manifest.publisher,
        installed=work.since,
    )


def _inventory_node(work: Work) -> tuple[str, ...]:
    """Where the CSP lists the app: beside Download, at the job itself, or by its full name."""
    if work.kind is WorkKind.APP:
        enterprise, apps, _download, product = work.node
        return (enterprise, apps, "Inventory", product)
    if work.kind is WorkKind.MODERN_APP and work.manifest is not None:
        name, _, publisher = work.product.rpartition("_")
        full = f"{name}_{work.manifest.version}_neutral__{publisher}"
        return ("AppManagement", "nonStore", work.product, full)
    return work.node


def _numbers(version: str) -> tuple[int, ...]:
    """A version to compare by; what is no number counts as 0."""
    parts = version.split(".")
    return tuple(
        int(part) if part.isascii() and part.isdigit() and len(part) <= _LONGEST_NUMBER else 0
        for part in parts
    )
