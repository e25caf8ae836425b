"""EnterpriseModernAppManagement: APPX packages from a place of the enterprise, or the Store.

HostedInstall names the package (``<Application PackageUri="..."/>``). The Store is out of a
simulated device's reach: StoreInstall is taken and then fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from mdmcore.phone.device.payload import document
from mdmcore.phone.device.state import DeviceState
from mdmcore.phone.device.work import Stage, Work, WorkKind, replaced, told_nodes, without
from mdmcore.phone.tree.behaviour import Behaviour, Content, Outcome, Path, Target, Value, View
from mdmcore.xml import local_name

_KIND = WorkKind.MODERN_APP
_FAMILY = ("AppInstallation", "*")
_HOSTED, _STORE = "HostedInstall", "StoreInstall"
_PROGRESS = {Stage.QUEUED: "0", Stage.DOWNLOADING: "0", Stage.DOWNLOADED: "50"}
_REFUSED = Outcome(code=500)
_NO_STORE = "the Store cannot be reached from this device"


def _told(view: View, context: str) -> Mapping[Path, Content]:
    facts: dict[Path, Content] = {}
    for work in view.device.work:
        if work.kind is _KIND and work.context == context:
            facts |= {(*work.node, name): text for name, text in told_nodes(work).items()}
            facts[(*work.node, "ProgressStatus")] = _PROGRESS.get(work.stage, "100")
    for app in view.device.apps:
        if app.csp == _KIND and app.context == context:
            facts[(*app.node, "Name")] = app.title
            facts[(*app.node, "Version")] = app.version
            facts[(*app.node, "Publisher")] = app.publisher
    return facts


def _execute(target: Target, value: Value | None, view: View) -> Outcome:
    if target.name == "UpdateScan":
        return Outcome()  # without the Store there is nothing to be found
    root = document("" if value is None else value.text)
    if root is None:
        return _REFUSED
    if target.name == "RemovePackage":
        return _remove(root.get("Name") or "", target.context, view.device)
    url = root.get("PackageUri") or ""
    if target.name == _HOSTED and (local_name(root) != "Application" or not url):
        return _REFUSED
    node = target.path[:-1]
    work = Work(
        kind=_KIND,
        node=node,
        context=target.context,
        product=node[-1],
        urls=(url,) if target.name == _HOSTED else (),
        obstacle="" if target.name == _HOSTED else _NO_STORE,
        since=view.now,
    )
    return Outcome(device=replace(view.device, work=replaced(view.device.work, work)))


def _remove(name: str, context: str, device: DeviceState) -> Outcome:
    """``<Package Name="full name of the package"/>``; 404 when it is not there."""
    kept = tuple(
        app for app in device.apps if (app.csp, app.node[-1], app.context) != (_KIND, name, context)
    )
    if len(kept) == len(device.apps):
        return Outcome(code=404)
    return Outcome(device=replace(device, apps=kept))


def _delete(target: Target, view: View) -> Outcome:
    device, path, context = view.device, target.path, target.context
    if target.match(*_FAMILY) is not None:
        works = without(device.work, _KIND, path, context)
        return Outcome(device=replace(device, work=works))
    if target.match("AppManagement", "*", "*") is not None:
        kept = tuple(
            app
            for app in device.apps
            if (app.csp, app.node[: len(path)], app.context) != (_KIND, path, context)
        )
        return Outcome(device=replace(device, apps=kept))
    return Outcome()


MODERN_APPS = Behaviour(
    csp=_KIND.value,
    facts=partial(_told, context="device"),
    user_facts=partial(_told, context="user"),
    execute=_execute,
    delete=_delete,
)
"""What EnterpriseModernAppManagement does."""
