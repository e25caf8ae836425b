"""The demo from start to end: live half, then analysis, timeline and files."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import typer

from mdmcore.capture import open_capture
from mdmcore.cli.demo_live import (
    DOMAIN,
    EMAIL,
    STEPS,
    LifeOutcome,
    OnStep,
    live_through_proxy,
)
from mdmcore.cli.demo_material import ENTERPRISE_ID, write_hub_files
from mdmcore.cli.output import wants_colour, width_of
from mdmcore.errors import MdmError
from mdmcore.inspector import Inspector
from mdmcore.phone.state import EnrolledPhone
from mdmcore.pki.authority import certificate_pem
from mdmcore.report import Analysis, AnalysisWriter, TextReport, analyze, write_text_summary


def run_demo(folder: Path) -> int:
    """Live, analyse, print. Files in ``folder`` of an earlier run are replaced."""
    record = folder / "session.mitm"
    record.unlink(missing_ok=True)
    typer.echo(f"A simulated Windows Phone 8 enrols as {EMAIL} through a real mitmproxy.")
    typer.echo(
        f"The hub package and its .aetx (enterprise {ENTERPRISE_ID}) were made for this run with a "
        "throw-away\nenterprise certificate; no real phone would trust them.\n"
    )
    with tempfile.TemporaryDirectory(prefix="mdmproxy-demo-state-") as scratch:
        hub = write_hub_files(Path(scratch), now=datetime.now(UTC))
        with _progress() as on_step:
            outcome = live_through_proxy(Path(scratch), record, hub, on_step=on_step)
    if outcome.phone is not None:
        _write_certificates(folder, outcome.phone)
    analysis = _report(folder, record)
    return _close(folder, outcome, analysis)


@contextmanager
def _progress() -> Iterator[OnStep]:
    """The step at work, live on a terminal; one line a step elsewhere."""
    if not sys.stderr.isatty():
        yield lambda done: typer.echo(_step_line(done), err=True) if done < len(STEPS) else None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Starting the proxy", total=len(STEPS))

        def on_step(done: int) -> None:
            description = STEPS[done] if done < len(STEPS) else "Done"
            progress.update(task, completed=done, description=description)

        yield on_step


def _step_line(done: int) -> str:
    return f"{done + 1}/{len(STEPS)} {STEPS[done]}"


def _write_certificates(folder: Path, phone: EnrolledPhone) -> None:
    """What the phone was given: the enrolment CA and its own certificate, no private key."""
    for held in phone.certificates:
        if held.store == "Root":
            (folder / "enrollment-ca.pem").write_bytes(certificate_pem(held.certificate.der))
        elif held.store == "My":
            (folder / "device.pem").write_bytes(certificate_pem(held.certificate.der))


def _report(folder: Path, record: Path) -> Analysis:
    """Print the timeline and the findings, write ``analysis.json``, in one pass."""
    capture = open_capture(record, name=record.name)
    analysis = analyze([capture], inspector=Inspector())
    out = sys.stdout
    text = TextReport(out, width=width_of(out), colour=wants_colour(out))
    with AnalysisWriter() as writer, (folder / "analysis.json").open("wb") as file:
        for capture, rows in analysis.by_capture():
            text.capture_begin(f"What {DOMAIN} and the phone said", capture.format)
            for row in rows:
                text.row(row)
                writer.add(row)
            text.capture_end(analysis.captures[-1])
        write_text_summary(text, analysis)
        writer.finish(file, analysis)
    return analysis


def _close(folder: Path, outcome: LifeOutcome, analysis: Analysis) -> int:
    if outcome.refusal is not None:
        typer.echo(f"\nThe phone gave up: {outcome.refusal}", err=True)
        return 1
    if outcome.steps_done < len(STEPS) or analysis.has_errors:
        raise MdmError("the recording is not complete")
    typer.echo(f"\nEvery step succeeded. The package's SHA-256 is {outcome.hub_sha256}.")
    typer.echo("Look closer:")
    typer.echo(f"  mdmproxy analyze {folder / 'session.mitm'}")
    typer.echo(f"  mitmweb -n -r {folder / 'session.mitm'}")
    typer.echo(f"  openssl verify -CAfile {folder / 'enrollment-ca.pem'} {folder / 'device.pem'}")
    return 0
