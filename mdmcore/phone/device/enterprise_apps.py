"""EnterpriseAppManagement: company apps of Windows Phone, ordered, installed and removed.

An Exec of DownloadInstall only queues the work (202); ``background`` does it, and the node's Status
tells how far it is. Its nodes stay for seven days, so that adding them again is answered 418.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mdmcore.base64_text import decode_base64
from mdmcore.enrollment.aet import read_aet
from mdmcore.enrollment.aetx import read_enterprise_id
from mdmcore.phone.device.package import guid
from mdmcore.phone.device.work import Stage, Work, WorkKind, replaced, told_nodes, without
from mdmcore.phone.settings import Consent
from mdmcore.phone.tree.behaviour import Behaviour, Content, Outcome, Path, Target, Value, View

_KIND = WorkKind.APP
_APPS = "EnterpriseApps"
_DOWNLOAD = ("*", _APPS, "Download", "*")
_INVENTORY = ("*", _APPS, "Inventory", "*")
_ACCEPTED = 202
_INCOMPLETE = Outcome(code=500)
_INSTALLED_FORM = "%m/%d/%Y %H:%M:%S"
"""As the page's sample of an inventory prints it."""
_ENABLED, _INVALID = "0", "3"


def _facts(view: View) -> Mapping[Path, Content]:
    facts: dict[Path, Content] = {}
    for work in view.device.work:
        if work.kind is _KIND:
            facts |= {(*work.node, name): text for name, text in told_nodes(work).items()}
    for app in view.device.apps:
        if app.csp == _KIND:
            facts[(*app.node, "Version")] = app.version
            facts[(*app.node, "Title")] = app.title
            facts[(*app.node, "Publisher")] = app.publisher
            facts[(*app.node, "InstallDate")] = app.installed.strftime(_INSTALLED_FORM)
    return facts


def _read(target: Target, view: View) -> Outcome:
    found = target.match("*", "Status")
    if found is None:
        return Outcome()
    return Outcome(content=_INVALID if _obstacle(found[0], view) else _ENABLED)


def _execute(target: Target, value: Value | None, view: View) -> Outcome:
    found = target.match(*_DOWNLOAD, "DownloadInstall")
    if found is None:
        return Outcome(code=405)
    node = target.path[:-1]
    url = view.value((*node, "URL"))
    if url is None or not url.text:
        return _INCOMPLETE
    version = view.value((*node, "Version"))
    work = Work(
        kind=_KIND,
        node=node,
        context=target.context,
        product=guid(found[1]),
        version="" if version is None else version.text,
        urls=(url.text,),
        obstacle=_obstacle(found[0], view),
        stage=Stage.QUEUED if view.phone.settings.consent is Consent.UNASKED else Stage.ASKING,
        since=view.now,
    )
    device = replace(view.device, work=replaced(view.device.work, work))
    return Outcome(code=_ACCEPTED, device=device)


def _delete(target: Target, view: View) -> Outcome:
    device = view.device
    if target.match(*_DOWNLOAD) is not None:
        return Outcome(device=replace(device, work=without(device.work, _KIND, target.path)))
    if target.match(*_INVENTORY) is not None:
        kept = tuple(app for app in device.apps if (app.csp, app.node) != (_KIND, target.path))
        return Outcome(device=replace(device, apps=kept))
    return Outcome()


def _obstacle(enterprise: str, view: View) -> str:
    """Why no app of that enterprise can be installed; empty when its token is in order."""
    token = view.value((enterprise, "EnrollmentToken"))
    inner = read_enterprise_id(decode_base64("" if token is None else token.text) or b"")
    if inner != enterprise:
        return f"the device has no valid enrolment of enterprise {enterprise}"
    aet = read_aet("" if token is None else token.text)
    end = None if aet is None else aet.end
    if end is not None and view.now > end.moment:
        return f"the token of enterprise {enterprise} ended on {end.moment:%Y-%m-%d}"
    return ""


ENTERPRISE_APPS = Behaviour(
    csp=_KIND.value, facts=_facts, read=_read, execute=_execute, delete=_delete
)
"""What EnterpriseAppManagement does."""
