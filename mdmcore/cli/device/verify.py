"""``mdmproxy device verify``: read back what a file writes, and compare."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from mdmcore.cli.device.options import ShowSecrets
from mdmcore.cli.device.state import DeviceId, State, opened, utc_now
from mdmcore.cli.options import Format, Output, OutputFormat
from mdmcore.cli.output import text_output
from mdmcore.csp.comparing import Compare
from mdmcore.errors import ConfigError
from mdmcore.mitm.devices import find_device, name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mdmcore.inspector.masking import Mask
    from mdmcore.records import JobResult, ManagedDevice, QueuedJob
    from mdmcore.store import Database
    from mdmcore.syncml.model import AnyCommand, Item

EXAMPLE = "Example: mdmproxy device verify 3F2504E0 wifi.xml --wait 60"

VERIFY = "verify"
"""What a job that reads back goes by."""

_SECONDS_BETWEEN_LOOKS = 0.5
_MAX_WAIT = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A node that the file writes. ``value`` is ``None`` for an interior node: it is to exist."""

    uri: str
    value: str | None
    format: str


def verify(
    device: DeviceId,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="SyncML with Add and Replace commands.")
    ],
    by: Annotated[
        Compare, typer.Option("--compare", help="How to compare; auto: by the node's format.")
    ] = Compare.AUTO,
    wait: Annotated[
        int, typer.Option(min=0, max=_MAX_WAIT, help="Seconds to wait for the device's answer.")
    ] = 0,
    job: Annotated[
        int | None, typer.Option(metavar="JOB", help="Compare with what this earlier job read.")
    ] = None,
    state: State = None,
    show_secrets: ShowSecrets = False,
    format: OutputFormat = Format.TEXT,
    output: Output = None,
) -> int:
    """Queue a Get of every node that a file writes, and compare what the device has with the file.

    With --wait it waits for the device's next session. Without, the job is queued, and --job with
    the number that is printed compares later. Exit code 1: something differs or is not there.
    """
    from mdmcore.inspector.masking import Mask
    from mdmcore.mitm.configuration.jobs import read_commands

    commands = read_commands(str(file))
    with opened(state) as store:
        found = find_device(store, device)
        expected = tuple(_expected(commands))
        if not expected:
            raise ConfigError(f"{file}: no Add or Replace of a node that can be read back")
        queued = _queue(store, found, expected) if job is None else _earlier(store, found, job)
        if wait and queued.ended is None:
            who = f"{name_of(found)} has {wait} s to answer job {queued.id}"
            typer.echo(f"mdmproxy: {who}", err=True)
        queued = _wait(store, queued, wait, _pause)
        results = store.job_results(queued.id)
    if queued.ended is None:
        ask = f"mdmproxy device verify {name_of(found)} {file} --job {queued.id}"
        if wait:
            raise ConfigError(f"job {queued.id} is {queued.state} after {wait} s; later: {ask}")
        typer.echo(f"job {queued.id} is {queued.state} for {name_of(found)}; later: {ask}")
        return 0
    rows = _rows(expected, results, by, Mask(show_secrets=show_secrets))
    with text_output(output) as out:
        if format is Format.JSON:
            out.write(json.dumps({"job": queued.id, "nodes": rows}, indent=2) + "\n")
        else:
            _write_text(out, queued, rows)
    return 0 if all(row["equal"] for row in rows) else 1


def _expected(commands: Sequence[AnyCommand]) -> Iterator[Expected]:
    """The last value that the commands give to each node, in their order."""
    from mdmcore.csp import find_node, parse_uri
    from mdmcore.syncml.model import Command, walk_commands

    found: dict[str, Expected] = {}
    for command in walk_commands(commands):
        if not isinstance(command, Command) or command.name not in {"Add", "Replace"}:
            continue
        for item in command.items:
            node = find_node(item.target or "")
            if item.target and (node is None or node.is_readable):
                format = _format(command.meta, item) or (node.formats[0] if node else "chr")
                value = None if format == "node" else _data(item)
                found[parse_uri(item.target).key] = Expected(
                    uri=item.target, value=value, format=format
                )
    return iter(found.values())


def _format(meta: Any, item: Item) -> str:
    for each in (item.meta, meta):
        if each is not None and each.format:
            return str(each.format).strip()
    return ""


def _data(item: Item) -> str:
    return item.data_xml if item.data_xml is not None else item.data or ""


def _queue(store: Database, device: ManagedDevice, expected: Sequence[Expected]) -> QueuedJob:
    from mdmcore.syncml.fragment import serialize_commands
    from mdmcore.syncml.model import Command, Item

    gets = [Command(name="Get", cmd_id="", items=(Item(target=each.uri),)) for each in expected]
    text = serialize_commands(gets)
    # Again: a reading that waits already may be older than what was sent since.
    return store.queue_job(device.account, VERIFY, utc_now(), commands=text, again=True)


def _earlier(store: Database, device: ManagedDevice, number: int) -> QueuedJob:
    job = store.job(number)
    if job.recipe != VERIFY or job.account != device.account.name:
        raise ConfigError(f"job {number} did not read back anything of {name_of(device)}")
    return job


def _seconds() -> float:
    return time.monotonic()


def _pause() -> None:
    threading.Event().wait(_SECONDS_BETWEEN_LOOKS)


def _wait(store: Database, job: QueuedJob, seconds: int, pause: Callable[[], None]) -> QueuedJob:
    """The job when it has ended, or as it is when the time is over."""
    end = _seconds() + seconds
    job = store.job(job.id)
    while job.ended is None and _seconds() < end:
        pause()
        job = store.job(job.id)
    return job


def _rows(
    expected: Sequence[Expected], results: Sequence[JobResult], by: Compare, mask: Mask
) -> list[dict[str, Any]]:
    from mdmcore.cli.device.values import masked_value
    from mdmcore.codes import code_words
    from mdmcore.csp import parse_uri
    from mdmcore.csp.compare import compare

    answers = {parse_uri(result.uri).key: result for result in reversed(results)}
    rows = []
    for each in expected:
        answer = answers.get(parse_uri(each.uri).key)
        code = "" if answer is None else answer.code
        is_there = code == "200" and answer is not None
        value = answer.value if is_there and answer is not None else None
        if each.value is None:
            is_equal, how = is_there, "exists"
        elif value is None:
            is_equal, how = is_there and each.value == "", by.value
        else:
            seen = compare(each.uri, each.value, value, format=each.format, by=by)
            is_equal, how = seen.is_equal, seen.how
        rows.append(
            {
                "uri": each.uri,
                "equal": is_equal,
                "compared": str(how),
                "code": code or None,
                "meaning": code_words("syncml", code).get("name"),
                "expected": masked_value(each.uri, each.value, mask),
                "found": masked_value(each.uri, value, mask),
            }
        )
    return rows


def _write_text(out: TextIO, job: QueuedJob, rows: Sequence[dict[str, Any]]) -> None:
    from mdmcore.cli.device.entries import minute, time_text
    from mdmcore.report.plain import plain

    out.write(f"read by job {job.id} at {minute(time_text(job.ended))}\n")
    for row in rows:
        if row["equal"]:
            out.write(f"  same    {plain(row['uri'])} ({row['compared']})\n")
            continue
        out.write(f"  DIFFERS {plain(row['uri'])} ({row['compared']})\n")
        if row["code"] != "200":
            out.write(f"    {row['code'] or 'no answer'} {row['meaning'] or ''}".rstrip() + "\n")
            continue
        out.write(f"    expected {plain(str(row['expected']))}\n")
        out.write(f"    found    {plain(str(row['found']))}\n")
    different = sum(not row["equal"] for row in rows)
    out.write(f"{different} of {len(rows)} differ\n" if different else f"all {len(rows)} agree\n")
