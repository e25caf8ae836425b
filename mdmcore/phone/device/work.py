"""Work that a command started and that goes on after its session: installing an app, mostly.

Values only. ``background`` does the work; each CSP shows the stage as its own Status numbers, which
stand here (pages of the CSPs).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from mdmcore.phone.device.package import AppManifest

STEP = timedelta(seconds=20)
"""How long a stage lasts on the device's clock; the figure is ours [U]."""
KEPT = timedelta(days=7)
"""How long the nodes of finished work stay (EAM CSP: up to 7 days)."""


class WorkKind(StrEnum):
    """What the work is; the value is the CSP that tells of it."""

    APP = "EnterpriseAppManagement"
    MSI = "EnterpriseDesktopAppManagement"
    MODERN_APP = "EnterpriseModernAppManagement"
    SCEP = "CertificateStore"
    CLIENT_SCEP = "ClientCertificateInstall"


class Stage(StrEnum):
    """How far the work is."""

    ASKING = "asking the user"
    QUEUED = "queued"
    DOWNLOADING = "downloading"
    RETRYING = "waiting for another download"
    DOWNLOADED = "downloaded"
    INSTALLING = "installing"
    INSTALLED = "installed"
    INSTALL_FAILED = "installation failed"
    DOWNLOAD_FAILED = "download failed"


FINISHED = frozenset({Stage.INSTALLED, Stage.INSTALL_FAILED, Stage.DOWNLOAD_FAILED})

_APP = {
    Stage.ASKING: 0,
    Stage.QUEUED: 1,
    Stage.DOWNLOADING: 2,
    Stage.RETRYING: 2,
    Stage.DOWNLOADED: 3,
    Stage.INSTALLING: 4,
    Stage.INSTALLED: 5,
    Stage.INSTALL_FAILED: 6,
    Stage.DOWNLOAD_FAILED: 7,
}
_MSI = {
    Stage.ASKING: 48,
    Stage.QUEUED: 10,
    Stage.DOWNLOADING: 20,
    Stage.RETRYING: 25,
    Stage.DOWNLOADED: 40,
    Stage.INSTALLING: 50,
    Stage.INSTALLED: 70,
    Stage.INSTALL_FAILED: 60,
    Stage.DOWNLOAD_FAILED: 30,
}
_MODERN_APP = {
    **dict.fromkeys(Stage, 1),
    Stage.ASKING: 3,
    Stage.QUEUED: 3,
    Stage.INSTALLED: 0,
    Stage.INSTALL_FAILED: 2,
    Stage.DOWNLOAD_FAILED: 2,
}
_SCEP = {
    **dict.fromkeys(Stage, 2),
    Stage.INSTALLED: 1,
    Stage.INSTALL_FAILED: 16,
    Stage.DOWNLOAD_FAILED: 16,
}
STATUS: Mapping[WorkKind, Mapping[Stage, int]] = {
    WorkKind.APP: _APP,
    WorkKind.MSI: _MSI,
    WorkKind.MODERN_APP: _MODERN_APP,
    WorkKind.SCEP: _SCEP,
    WorkKind.CLIENT_SCEP: _SCEP,
}
"""The Status of each stage, by the CSP that shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScepOrder:
    """What a SCEP enrolment was told: the server's address, the subject as text, the challenge, the
    SHA-1 thumbprint (hex) of its CA, empty for any, and the size of the key in bits."""

    url: str
    subject: str
    challenge: str = field(default="", repr=False)
    thumbprint: str = ""
    bits: int = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One piece of work. ``node`` is the path, below the root of its CSP, of the node whose Status
    tells of it.

    ``urls`` are tried in turn, ``sha256`` is what the package must have (empty: anything),
    ``obstacle`` why it cannot be installed, known from the beginning. ``error`` is an HRESULT or
    a code of Windows Installer, 0 for none. ``retries`` more downloads are tried, each after
    ``retry_minutes``. ``thumbprint`` is that of the certificate that came by SCEP.
    """

    kind: WorkKind
    node: tuple[str, ...]
    context: str = "device"
    product: str
    version: str = ""
    urls: tuple[str, ...] = ()
    sha256: str = ""
    obstacle: str = ""
    stage: Stage = Stage.QUEUED
    since: datetime
    retries: int = 0
    retry_minutes: int = 0
    error: int = 0
    reason: str = ""
    manifest: AppManifest | None = None
    scep: ScepOrder | None = None
    thumbprint: str = ""

    @property
    def status(self) -> str:
        """Its Status node."""
        return str(STATUS[self.kind][self.stage])

    @property
    def is_finished(self) -> bool:
        """Whether nothing more comes of it."""
        return self.stage in FINISHED

    @property
    def due(self) -> datetime | None:
        """When its stage ends by itself, ``None`` when it is finished."""
        if self.is_finished:
            return None
        if self.stage is Stage.RETRYING:
            return self.since + timedelta(minutes=self.retry_minutes)
        return self.since + STEP

    @property
    def error_text(self) -> str:
        """Its LastError node: a signed 32-bit number, as DM's int is one [U]."""
        return str(self.error - (1 << 32) if self.error >= 1 << 31 else self.error)


def replaced(works: tuple[Work, ...], new: Work) -> tuple[Work, ...]:
    """The list with that piece in place of an earlier one at the same node."""
    return (*without(works, new.kind, new.node, new.context), new)


def without(
    works: tuple[Work, ...], kind: WorkKind, node: tuple[str, ...], context: str = "device"
) -> tuple[Work, ...]:
    """The list without what stands at that node or below it."""
    depth = len(node)
    return tuple(
        work
        for work in works
        if (work.kind, work.node[:depth], work.context) != (kind, node, context)
    )


def told_nodes(work: Work) -> Mapping[str, str]:
    """The leaves below its node that tell of an installation."""
    return {
        "Status": work.status,
        "LastError": work.error_text,
        "LastErrorDesc": work.reason,
    }
