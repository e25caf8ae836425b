"""How an enrolment ends, from both sides: what each step makes of the account and of the job.

Sources: enrollment.md 13, session.md 2.5 (MS-MDE2 2.2.9.3, L-Unenroll). The device tells that it
left by alert 1226, once, or says nothing. Told to leave by an Exec it gives no Status for that: it
breaks the session off. When it comes to a session as before, the Exec had no effect and goes out
once more. Reading and writing messages stands in ``management``.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from mdmcore.csp import parse_uri
from mdmcore.records import Account, AccountStatus, QueuedJob, QueueState

UNENROLL = "unenroll"
"""The recipe by which an administrator queues it."""

UNENROLL_URI = "./Vendor/MSFT/DMClient/Unenroll"
"""Known to Windows Phone 8 and accepted ever since."""

_PROVIDERS = ("Vendor", "MSFT", "DMClient", "Provider")

NO_EFFECT = "unenroll-no-effect"
"""The outcome of a job whose device keeps coming."""

_MAX_ATTEMPTS = 2

type Standing = tuple[Account, QueuedJob | None]
"""An account, and its job to unenrol if there is one."""


def is_unenroll_uri(uri: str) -> bool:
    """Whether an Exec of that node lets the device leave: the old node, or a provider's own."""
    parsed = parse_uri(uri)
    if parsed.key == UNENROLL_URI:
        return True
    return parsed.segments[:4] == _PROVIDERS and parsed.segments[5:] == ("Unenroll",)


def left(account: Account, job: QueuedJob | None, now: datetime) -> Standing:
    """The device says that it has left."""
    account = replace(account, status=AccountStatus.UNENROLLED, unenrolled=now)
    if job is None:
        return account, None
    return account, replace(job, state=QueueState.DONE, outcome="left", ended=now)


def came_back(account: Account, job: QueuedJob | None, now: datetime) -> Standing:
    """The device begins a session, and it does not say that it has left."""
    if job is None or job.state is not QueueState.SENT:
        return account, job
    if job.attempts < _MAX_ATTEMPTS:
        return account, replace(job, state=QueueState.QUEUED, outcome=NO_EFFECT)
    # It is enrolled as it ever was; a person may queue the job again.
    account = replace(account, status=AccountStatus.ENROLLED, unenrolling_since=None)
    return account, replace(job, state=QueueState.FAILED, outcome=NO_EFFECT, ended=now)


def told(account: Account, job: QueuedJob, now: datetime) -> Standing:
    """The Exec goes out with this answer."""
    account = replace(
        account,
        status=AccountStatus.UNENROLLING,
        unenrolling_since=account.unenrolling_since or now,
    )
    job = replace(job, state=QueueState.SENT, attempts=job.attempts + 1, sent=now)
    return account, job
