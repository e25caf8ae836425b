"""DMClient: Poll, the push channel, the status page, Unenroll.

Sources: session.md 6, 7; KB3170699; enrollment.md 13.

What is written below Poll becomes the schedule when the session is over (``aftermath``).
A device that polls by the registry has no Poll until the server adds the node.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from mdmcore.phone.device import status_page
from mdmcore.phone.device.state import PushChannel
from mdmcore.phone.schedule_branch import poll_values
from mdmcore.phone.tree.behaviour import Behaviour, Content, Outcome, Path, Target, Value, View

CHANNEL_LIFETIME = timedelta(days=30)
CHANNEL_RENEWAL = timedelta(days=15)
"""Half-way through, the device opens another channel."""

_PROVIDER = ("Provider", "*")
_PFN = re.compile(r"[A-Za-z0-9.-]{3,50}_[a-hjkmnp-tv-z0-9]{13}\Z")
"""Name and hash of the publisher (package family name)."""
_OPEN, _BAD_PFN, _EXPIRED = "0", "1", "5"


def open_channel(pfn: str, *, device_id: str, now: datetime) -> PushChannel:
    """The channel for an app, as the device gets it from the push service; the host is made up."""
    if not _PFN.match(pfn):
        return PushChannel(pfn=pfn, uri="", status=_BAD_PFN, opened=now)
    token = hashlib.sha256(f"{device_id} {pfn} {now.isoformat()}".encode()).hexdigest()
    uri = f"https://push.notify.example/?token={token}"
    return PushChannel(pfn=pfn, uri=uri, status=_OPEN, opened=now)


def channel_renewal(push: PushChannel | None) -> datetime | None:
    """When the device opens another channel, ``None`` without one."""
    return None if push is None or not push.uri else push.opened + CHANNEL_RENEWAL


def _facts(view: View) -> Mapping[Path, Content]:
    facts: dict[Path, Content] = {}
    phone, push = view.phone, view.device.push
    provider = phone.account.provider_id or ""
    if view.device.has_poll_node:
        for name, number in poll_values(phone.schedule).items():
            facts[("Provider", provider, "Poll", name)] = str(number)
    if push is not None:
        is_expired = view.now >= push.opened + CHANNEL_LIFETIME
        below = ("Provider", provider, "Push")
        facts[(*below, "Status")] = _EXPIRED if is_expired else push.status
        facts[(*below, "ChannelURI")] = "" if is_expired else push.uri
    return facts | _page(view, "device")


def _user_facts(view: View) -> Mapping[Path, Content]:
    return _page(view, "user")


def _page(view: View, context: str) -> dict[Path, Content]:
    below = ("Provider", view.phone.account.provider_id or "", status_page.BRANCH)
    leaves = status_page.told(view.device.status_pages, context, view.now)
    return {(*below, name): text for name, text in leaves.items()}


def _write(target: Target, value: Value, view: View) -> Outcome:
    device = view.device
    if target.match(*_PROVIDER, "Poll") is not None:
        return Outcome(device=replace(device, has_poll_node=True))
    if target.match(*_PROVIDER, "Push", "PFN") is not None:
        device_id = view.phone.settings.device_id
        push = open_channel(value.text, device_id=device_id, now=view.now)
        return Outcome(device=replace(device, push=push))
    if target.match(*_PROVIDER, status_page.BRANCH, "*") is not None:
        pages = status_page.written(
            device.status_pages, target.context, target.name, value.text, view.now
        )
        return Outcome(device=replace(device, status_pages=pages))
    return Outcome()


def _execute(target: Target, value: Value | None, view: View) -> Outcome:
    """Leave, when a phone is told the right ProviderID; the codes for others are [U]."""
    if target.name != "Unenroll":
        return Outcome(code=405)
    settings = view.phone.settings
    if settings.device.unenroll_needs_data:
        if value is None or not value.text:
            return Outcome(code=412)
        if value.text != view.phone.account.provider_id:
            return Outcome(code=400)
    leaves = not settings.ignores_unenroll
    return Outcome(device=replace(view.device, is_leaving=leaves), is_irreversible=leaves)


def _delete(target: Target, view: View) -> Outcome:
    device = view.device
    if target.match(*_PROVIDER, "Poll") is not None:
        return Outcome(device=replace(device, has_poll_node=False))
    if target.match(*_PROVIDER, "Push") is not None:
        return Outcome(device=replace(device, push=None))
    return Outcome()


DM_CLIENT = Behaviour(
    csp="DMClient",
    facts=_facts,
    user_facts=_user_facts,
    write=_write,
    delete=_delete,
    execute=_execute,
)
"""What DMClient does."""
