"""The page that a user waits at while the device is set up (DMClient CSP: FirstSyncStatus).

It begins to wait with the first thing that it is told to expect, and ends when the server says that
it has finished, or in a failure when its time is over. Whether what was expected is really there,
which Windows waits for as well, is not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

BRANCH = "FirstSyncStatus"
_TIME_OUT = "TimeOutUntilSyncFailure"
_RELEASE = "ServerHasFinishedProvisioning"
_EXPECTED = "Expected"
_MINUTES = 60
"""The time-out where none is told [U]."""
_FAILED, _DONE, _WAITING = "0", "1", "2"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPage:
    """The page of a context (``device`` or ``user``): since when it waits, for how long at most,
    and when the server let it go, ``None`` before."""

    context: str
    armed: datetime
    minutes: int = _MINUTES
    released: datetime | None = None

    @property
    def ends(self) -> datetime:
        """When it fails if nobody lets it go."""
        return self.armed + timedelta(minutes=self.minutes)

    def outcome(self, now: datetime) -> str:
        """WasDeviceSuccessfullyProvisioned: 0 failed, 1 done, 2 waiting."""
        if self.released is not None and self.released <= self.ends:
            return _DONE
        return _FAILED if now >= self.ends else _WAITING


def page_of(pages: tuple[StatusPage, ...], context: str) -> StatusPage | None:
    """The page of that context."""
    return next((page for page in pages if page.context == context), None)


def written(
    pages: tuple[StatusPage, ...], context: str, name: str, text: str, now: datetime
) -> tuple[StatusPage, ...]:
    """The pages after the server has written to a node of that name below FirstSyncStatus."""
    page = page_of(pages, context)
    if page is None and (name.startswith(_EXPECTED) or name == _TIME_OUT):
        page = StatusPage(context=context, armed=now)
    if page is None:
        return pages
    if name == _TIME_OUT and text.isdecimal():
        page = replace(page, minutes=int(text))
    elif name == _RELEASE and text.strip().lower() == "true":
        page = replace(page, released=page.released or now)
    return (*(one for one in pages if one.context != context), page)


def told(pages: tuple[StatusPage, ...], context: str, now: datetime) -> Mapping[str, str]:
    """The leaves that tell of the page of that context; none without one."""
    page = page_of(pages, context)
    if page is None:
        return {}
    outcome = page.outcome(now)
    return {
        "IsSyncDone": "false" if outcome == _WAITING else "true",
        "WasDeviceSuccessfullyProvisioned": outcome,
    }
