"""Mistakes in what the server believes of its jobs (session.md 7; field-problems.md 3.3)."""

from __future__ import annotations

from dataclasses import replace

from mdmcore.http import Response
from mdmcore.records import QueueState
from mdmcore.server.faults.messages import sent_message
from mdmcore.server.faults.model import Answered, Step, fault
from mdmcore.server.faults.server_proof import account_of


@fault("async-exec-not-polled", Step.MANAGE)
def started_is_done(answered: Answered) -> Response | None:
    """Work that a device has only started counts as done, so that its Status node is never read.

    The mistake is in what the server stores; this answer stays as it is, later ones lack the Get.
    """
    sent, account = sent_message(answered), account_of(answered)
    if sent is None or account is None:
        return None
    store, header = answered.tools.store, sent.header
    session = store.session(header.source, header.session_id)
    running = [
        job
        for job in store.waiting_jobs(account.name, header.source)
        if job.state is QueueState.RUNNING
    ]
    if session is None or not running:
        return None
    done = [
        replace(job, state=QueueState.DONE, outcome="", ended=answered.tools.clock())
        for job in running
    ]
    store.save_message(session, jobs=done)
    return answered.response
