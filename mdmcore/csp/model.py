"""A node of the catalogue: what a CSP says of one place in the management tree.

Values only. The catalogue is read in ``catalogue``, a value is judged in ``check``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

PROFILE_NAMES = ("wp8", "wp81", "win81", "win10")

EXEC_IN_ATOMIC = frozenset(
    {"EnterpriseAppManagement", "ClientCertificateInstall", "CertificateStore"}
)
"""CSPs whose own pages put an Exec into an Atomic, which OMA DM does not allow."""


class Access(StrEnum):
    """What a server may do with a node (DMTND: access types)."""

    ADD = "A"
    GET = "G"
    REPLACE = "R"
    DELETE = "D"
    EXEC = "E"


class Payload(StrEnum):
    """What the text of a node holds when it is more than a value."""

    XML = "xml"
    WLAN_PROFILE = "wlan-profile"
    VPN_PROFILE = "vpn-profile"
    APP_POLICY = "app-policy"
    APPLOCKER = "applocker"
    MSI_JOB = "msi-job"
    ADMX = "admx"
    ADMX_POLICY = "admx-policy"
    CERTIFICATE = "certificate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Work that a command starts and that goes on after its Status (200 or 202).

    ``status`` is the path of the node that tells how far it is, relative to the node's parent;
    ``done`` and ``failed`` are the values that end it, any other is unfinished. ``error`` names
    the node with the reason.
    """

    status: str
    done: tuple[str, ...]
    failed: tuple[str, ...]
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CspNode:
    """One node. ``path`` is its LocURI below the context prefix, without ``./``.

    A segment ``*`` is any name, ``{provider}`` that of the DM server, ``{enterprise}`` an
    Enterprise ID. ``formats`` are the allowed Meta Formats, the usual one first (``node`` for
    interior nodes). ``values`` lists what is allowed, else ``minimum`` and ``maximum`` bound a
    number and ``pattern`` a text. ``contexts`` are ``device`` and ``user``. ``profiles`` maps a
    profile to ``True`` where it is documented for that generation, ``False`` where it is only
    likely [U]. ``fact`` names what the simulated phone knows the value from.
    """

    csp: str
    path: tuple[str, ...]
    formats: tuple[str, ...]
    access: frozenset[Access]
    profiles: Mapping[str, bool]
    contexts: tuple[str, ...] = ("device",)
    values: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    pattern: str = ""
    default: str | None = None
    payload: Payload | None = None
    job: Job | None = None
    is_secret: bool = False
    is_permanent: bool = False
    is_policy_area: bool = False
    first_build: int | None = None
    editions: tuple[str, ...] = ()
    fact: str = ""
    note: str = ""
    source: str = ""

    @property
    def uri(self) -> str:
        """The LocURI pattern as people write it, from ``./``."""
        return "./" + "/".join(self.path)

    @property
    def is_interior(self) -> bool:
        """Whether the node has children and no value of its own."""
        return self.formats == ("node",)

    @property
    def is_readable(self) -> bool:
        """Whether Get is allowed."""
        return Access.GET in self.access

    def is_for(self, profile: str) -> bool:
        """Whether devices of that profile are said or believed to have the node."""
        return profile in self.profiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Csp:
    """A configuration service provider. ``is_complete``: nodes that are not listed do not exist."""

    name: str
    root: tuple[str, ...]
    is_complete: bool
    profiles: Mapping[str, bool]
    source: str
    nodes: tuple[CspNode, ...]
