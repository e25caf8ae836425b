"""The emulated MDM server, sans-IO: a request in, a response out, state behind a Protocol."""

from __future__ import annotations

from mdmcore.server.app import MdmServer
from mdmcore.server.hub import DownloadPlan, HubPackage, plan_download
from mdmcore.server.limits import Limits
from mdmcore.server.ports import Clock, Random, StateStore
from mdmcore.server.settings import ConfiguredAccount, Hub, ServerSettings

__all__ = [
    "Clock",
    "ConfiguredAccount",
    "DownloadPlan",
    "Hub",
    "HubPackage",
    "Limits",
    "MdmServer",
    "Random",
    "ServerSettings",
    "StateStore",
    "plan_download",
]
