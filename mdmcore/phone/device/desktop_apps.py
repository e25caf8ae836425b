"""EnterpriseDesktopAppManagement: MSI packages of Windows 10 and 11.

DownloadInstall is added first, its Exec brings the job. The device checks the digest of what it
fetched, and that it is a Windows Installer file; its tables are not read, so Name and Publisher
stay unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from mdmcore.errors import ProtocolError
from mdmcore.phone.device.msi_job import parse_msi_job
from mdmcore.phone.device.package import guid
from mdmcore.phone.device.work import Work, WorkKind, replaced, told_nodes, without
from mdmcore.phone.tree.behaviour import Behaviour, Content, Outcome, Path, Target, Value, View

_KIND = WorkKind.MSI
_PRODUCT = ("MSI", "*")
_JOB = (*_PRODUCT, "DownloadInstall")
_REFUSED = Outcome(code=500)


def _told(view: View, context: str) -> Mapping[Path, Content]:
    facts: dict[Path, Content] = {}
    for work in view.device.work:
        if work.kind is _KIND and work.context == context:
            facts |= {(*work.node, name): text for name, text in told_nodes(work).items()}
    for app in view.device.apps:
        if app.csp == _KIND and app.context == context:
            facts[(*app.node, "Version")] = app.version
            facts[(*app.node, "InstallDate")] = app.installed.strftime("%m/%d/%Y")
    return facts


def _execute(target: Target, value: Value | None, view: View) -> Outcome:
    if target.match(*_JOB) is None:
        return Outcome(code=405)
    if value is None or not value.text.strip():
        return Outcome(code=412)
    try:
        job = parse_msi_job(value.text)
    except ProtocolError:
        return _REFUSED
    node = target.path[:-1]
    work = Work(
        kind=_KIND,
        node=node,
        context=target.context,
        product=guid(node[-1]),
        version=job.version,
        urls=job.urls,
        sha256=job.sha256,
        since=view.now,
        retries=job.retries,
        retry_minutes=job.retry_minutes,
    )
    return Outcome(device=replace(view.device, work=replaced(view.device.work, work)))


def _delete(target: Target, view: View) -> Outcome:
    if target.match(*_PRODUCT) is None:
        return Outcome()
    device, node, context = view.device, target.path, target.context
    kept = tuple(
        app for app in device.apps if (app.csp, app.node, app.context) != (_KIND, node, context)
    )
    works = without(device.work, _KIND, node, context)
    return Outcome(device=replace(device, apps=kept, work=works))


DESKTOP_APPS = Behaviour(
    csp=_KIND.value,
    facts=partial(_told, context="device"),
    user_facts=partial(_told, context="user"),
    execute=_execute,
    delete=_delete,
)
"""What EnterpriseDesktopAppManagement does."""
