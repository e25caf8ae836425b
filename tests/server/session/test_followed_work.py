"""An install from its Exec to its end, as a device by hand sees it over several sessions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mdmcore.records import QueueState
from mdmcore.server.jobs import LONGEST_RUN, MAX_ATTEMPTS
from tests.server.session.conftest import Bench, atomic, item, replace
from tests.support.dm_talker import Talker, names

DOWNLOAD = "./Vendor/MSFT/EnterpriseAppManagement/77/EnterpriseApps/Download/%7BA%7D"
STATUS, ERROR = f"{DOWNLOAD}/Status", f"{DOWNLOAD}/LastError"
INSTALL = atomic(
    replace(f"{DOWNLOAD}/URL", "https://x.test/a.xap"),
    f"<Exec>{item(f'{DOWNLOAD}/DownloadInstall', '0', format='int')}</Exec>",
)


def polled(
    bench: Bench, talker: Talker, session_id: str, status: str, error: str = "0"
) -> list[list[str]]:
    """One more session, in which the nodes have these values."""
    bench.clock.advance(hours=1)
    talker.session_id, talker.values = session_id, {STATUS: status, ERROR: error}
    return [names(answer) for answer in talker.session(bench.post)]


@pytest.mark.parametrize("code", ["200", "202"])
def test_an_install_is_done_when_the_device_says_so(bench: Bench, code: str) -> None:
    number = bench.queue(INSTALL)
    talker = bench.talker(codes={f"{DOWNLOAD}/DownloadInstall": code})
    sent = [names(answer) for answer in talker.session(bench.post)]
    assert sent[0] == ["Atomic", "Final"]
    # Not read in the session that started it.
    assert not any(f"Get {STATUS}" in answer for answer in sent)
    assert bench.job(number).state is QueueState.RUNNING

    sent = polled(bench, talker, "2", "2")
    assert sent[0] == [f"Get {STATUS}", f"Get {ERROR}", "Final"]
    # Once in a session.
    assert sum(f"Get {STATUS}" in answer for answer in sent) == 1
    job = bench.job(number)
    assert (job.state, job.outcome) == (QueueState.RUNNING, "Status 2 (downloading)")

    polled(bench, talker, "3", "5")
    job = bench.job(number)
    assert (job.state, job.outcome) == (QueueState.DONE, "Status 5 (installed)")
    assert (job.attempts, job.ended) == (1, bench.clock())
    # What was read stands behind what was answered to the job's own commands.
    assert [row[:2] for row in bench.results(number)] == [
        ("Atomic", ""),
        ("Replace", f"{DOWNLOAD}/URL"),
        ("Exec", f"{DOWNLOAD}/DownloadInstall"),
        ("Get", STATUS),
        ("Get", ERROR),
    ]
    assert bench.results(number)[3] == ("Get", STATUS, "200", "5")
    assert not any(f"Get {STATUS}" in answer for answer in polled(bench, talker, "4", "5"))


def test_an_install_that_failed_says_why(bench: Bench) -> None:
    number = bench.queue(INSTALL)
    talker = bench.talker()
    talker.session(bench.post)
    polled(bench, talker, "2", "7", "-2147012889")
    job = bench.job(number)
    assert job.state is QueueState.FAILED
    assert job.outcome.startswith("Status 7 (download failed), LastError -2147012889")


def test_an_install_without_an_end_is_given_up(bench: Bench) -> None:
    number = bench.queue(INSTALL)
    talker = bench.talker()
    talker.session(bench.post)
    bench.clock.advance(seconds=(LONGEST_RUN + timedelta(hours=1)).total_seconds())
    polled(bench, talker, "2", "2")
    job = bench.job(number)
    assert (job.state, job.outcome) == (
        QueueState.FAILED,
        "no end seen within 7 days: Status 2 (downloading)",
    )


def test_a_device_that_never_answers_a_job_gets_it_three_times(bench: Bench) -> None:
    number = bench.queue(replace(f"{DOWNLOAD}/URL", "x"))
    for attempt in range(MAX_ATTEMPTS):
        talker = bench.talker(session_id=f"lost {attempt}")
        bench.post(talker.open())
        assert bench.job(number).attempts == attempt + 1
        bench.account = talker.account
        bench.clock.advance(days=1)
    bench.post(bench.talker(session_id="last").open())
    job = bench.job(number)
    assert (job.state, job.outcome, job.attempts) == (QueueState.FAILED, "no answer", MAX_ATTEMPTS)
