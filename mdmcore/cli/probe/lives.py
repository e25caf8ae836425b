"""Living all lives that were asked for, one after another, and the exit code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from mdmcore.cli.output import text_output, wants_colour, width_of
from mdmcore.cli.probe.choices import ProbeFormat
from mdmcore.cli.probe.output import presenter, say_progress
from mdmcore.cli.probe.plan import Plan
from mdmcore.cli.probe.run import Audience, probe
from mdmcore.errors import ConfigError
from mdmcore.report import Row, exit_code
from mdmcore.report.probe import ProbeRun
from mdmcore.report.probe_table import write_table

type Live = Callable[..., ProbeRun]
type OnRow = Callable[[Row], None]


def live_all(
    plans: list[Plan],
    *,
    format: ProbeFormat,
    output: Path | None,
    record: Path | None,
    is_table: bool,
    fail_on: str,
    show_secrets: bool,
    live: Live = probe,
) -> int:
    """Live them. 1 when a phone gave up, or for a finding at ``fail_on``; what an input of a sweep
    came to is a result, not a failure, as long as the phone got through with one of them."""
    runs: list[ProbeRun] = []
    with ExitStack() as stack:
        keep = stack.enter_context(_recording(record))
        shown = stack.enter_context(presenter(format, output, is_quiet=is_table))
        for number, plan in enumerate(plans, start=1):
            if is_table:
                say_progress(f"{number}/{len(plans)} {plan.note}")
            audience = _with_rows(shown.audience(plan), keep)
            run = live(plan, audience, show_secrets=show_secrets)
            shown.take(run)
            runs.append(run)
    if is_table and format is ProbeFormat.TEXT:
        with text_output(output) as out:
            rows = [(plan.note, run) for plan, run in zip(plans, runs, strict=True)]
            write_table(out, rows, width=width_of(out), colour=wants_colour(out))
    refused = [bool(run.refusals) for run in runs]
    if all(refused) if is_table else any(refused):
        return 1
    if is_table:
        return 0
    return exit_code([one for run in runs for one in run.findings], fail_on=fail_on)


def _with_rows(audience: Audience, keep: OnRow) -> Audience:
    told = audience.row

    def row(row: Row) -> None:
        keep(row)
        told(row)

    return replace(audience, row=row)


@contextmanager
def _recording(path: Path | None) -> Iterator[OnRow]:
    """What keeps exchanges in a flow file; nothing is kept without one."""
    if path is None:
        yield lambda _row: None
        return
    from mdmcore.mitm.flow_file import flow_from

    try:
        file = path.open("wb")
    except OSError as error:
        raise ConfigError(f"--record {path}: {(error.strerror or str(error)).lower()}") from None
    from mitmproxy.io import FlowWriter

    with file:
        writer = FlowWriter(file)
        yield lambda row: writer.add(flow_from(row.exchange))
