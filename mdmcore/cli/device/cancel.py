"""``mdmproxy device cancel``: take back jobs that wait."""

from __future__ import annotations

from typing import Annotated

import typer

from mdmcore.cli.device.state import State, opened, utc_now

EXAMPLE = "Example: mdmproxy device cancel 12"


def cancel(
    jobs: Annotated[
        list[int], typer.Argument(metavar="JOB...", help="Numbers of jobs, as history shows them.")
    ],
    state: State = None,
) -> int:
    """Take back jobs that have not ended: they do not go out any more, and nothing waits for them.

    What a device has begun already goes on there.
    """
    from mdmcore.server.jobs import unenrolls

    with opened(state) as store:
        for number in jobs:
            job = store.cancel_job(number, utc_now(), stays=unenrolls(store.job(number)))
            typer.echo(f"job {job.id} ({job.recipe}) is cancelled")
    return 0
