"""What one message of an authenticated device changes in the store."""

from __future__ import annotations

from dataclasses import dataclass

from mdmcore.records import (
    Account,
    CommandStatus,
    InventoryValue,
    JobResult,
    QueuedJob,
    SessionState,
)
from mdmcore.server.session.own_proof import OwnProof
from mdmcore.server.session.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Everything one message changes, but for the bytes of its answer.

    ``is_forged``: it was refused for its signature, so the answer is not for a copy of it.
    """

    session: SessionState
    work: Work
    account: Account | None = None
    jobs: tuple[QueuedJob, ...] = ()
    results: tuple[JobResult, ...] = ()
    statuses: tuple[CommandStatus, ...] = ()
    inventory: tuple[InventoryValue, ...] = ()
    others: tuple[SessionState, ...] = ()
    proof: OwnProof | None = None
    is_forged: bool = False
