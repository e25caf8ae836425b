"""``mdmproxy analyze``: explain captures with the engine that watches live traffic."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mdmcore.cli.captures import asked_password, open_given
from mdmcore.cli.options import (
    Aetx,
    Disable,
    FailOn,
    FailOnFound,
    Format,
    KeyLog,
    Output,
    OutputFormat,
    Profile,
    RsaKeys,
    Secrets,
    Weigh,
)
from mdmcore.cli.output import binary_output, complain, text_output, wants_colour, width_of

if TYPE_CHECKING:
    from mdmcore.capture import Capture
    from mdmcore.enrollment.aetx import Aetx as EnterpriseToken
    from mdmcore.report import Analysis

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(
    epilog="Example: mdmproxy analyze session.mitm --format json -o analysis.json",
)
def analyze(
    captures: Annotated[
        list[Path],
        typer.Argument(
            metavar="CAPTURE...",
            help="mitmproxy flows, HAR, Fiddler's .saz, packet captures or text logs.",
        ),
    ],
    format: OutputFormat = Format.TEXT,
    output: Output = None,
    profile: Annotated[
        Profile, typer.Option(help="Kind of device; auto finds it out.")
    ] = Profile.AUTO,
    aetx: Aetx = None,
    disable: Disable = None,
    severity: Weigh = None,
    secrets: Secrets = None,
    password: Annotated[
        str | None,
        typer.Option(
            help="Opens locked .saz archives; - asks for it. Better: the variable "
            "MDMPROXY_SAZ_PASSWORD."
        ),
    ] = None,
    key_log: KeyLog = None,
    rsa_key: RsaKeys = None,
    fail_on: FailOnFound = FailOn.ERROR,
    show_secrets: Annotated[
        bool, typer.Option("--show-secrets", help="Do not mask passwords, secrets and nonces.")
    ] = False,
    diff: Annotated[
        bool,
        typer.Option(
            "--diff",
            help="Compare two lives, step by step: FILE, or FILE#LIFE where a capture has several.",
        ),
    ] = False,
) -> int:
    """Decode captures, join them into the lives of devices, and say what is wrong and why.

    Exit code 0: nothing grave; 1: something was found; 2: a capture was not read to its end (what
    could be read is reported all the same). With --diff: 0 the lives differ in names, ids, times,
    keys and nonces only; 1 something else differs; 2 a life cannot be told or read.
    """
    from mdmcore.inspector import Inspector
    from mdmcore.inspector.known_secrets import NO_SECRETS, read_secrets
    from mdmcore.report import analyze as start
    from mdmcore.report import exit_code
    from mdmcore.rules.overrides import parse_overrides

    overrides = parse_overrides(disable or (), severity or ())
    known = NO_SECRETS if secrets is None else read_secrets(secrets)
    if diff:
        from mdmcore.cli.analyze_diff import compare

        return compare(
            captures,
            start=lambda: Inspector(
                profile=profile.value,
                show_secrets=show_secrets,
                overrides=overrides,
                secrets=known,
            ),
            is_json=format is Format.JSON,
            output=output,
            show_secrets=show_secrets,
            key_log=key_log,
            rsa_keys=rsa_key,
        )
    opened, all_opened = _open(captures, asked_password(password), key_log, rsa_key)
    if not opened:
        return 2
    inspector = Inspector(
        profile=profile.value,
        show_secrets=show_secrets,
        aetx=None if aetx is None else _aetx(aetx),
        overrides=overrides,
        secrets=known,
    )
    analysis = start(opened, inspector=inspector)
    if format is Format.JSON:
        _write_json(analysis, output)
    else:
        _write_text(analysis, output)
    for capture in analysis.captures:
        for error in capture.errors:
            complain(f"{capture.path}: {error.message} ({error.where})")
    return exit_code(
        analysis.findings,
        fail_on=fail_on.value,
        has_errors=analysis.has_errors or not all_opened,
    )


def _aetx(path: Path) -> EnterpriseToken:
    from mdmcore.mitm.hub_file import load_aetx

    return load_aetx(path)


def _open(
    paths: list[Path], password: str | None, key_log: Path | None, rsa_keys: list[Path] | None
) -> tuple[list[Capture], bool]:
    """The captures that can be opened; a line on stderr for each that cannot."""
    from mdmcore.errors import CaptureError

    opened = []
    for path in paths:
        try:
            opened.append(open_given(path, password=password, key_log=key_log, rsa_keys=rsa_keys))
        except CaptureError as error:
            complain(str(error))
    return opened, len(opened) == len(paths)


def _write_json(analysis: Analysis, output: Path | None) -> None:
    from mdmcore.report import AnalysisWriter

    with binary_output(output) as out, AnalysisWriter() as writer, _counting() as count:
        for row in analysis.rows():
            writer.add(row)
            count(row.exchange.capture)
        writer.finish(out, analysis)


def _write_text(analysis: Analysis, output: Path | None) -> None:
    from mdmcore.report import write_text

    with text_output(output) as out:
        write_text(out, analysis, width=width_of(out), colour=wants_colour(out))


@contextmanager
def _counting() -> Iterator[Callable[[str], None]]:
    """A line that counts exchanges on a terminal's stderr, while the result goes elsewhere."""
    if not sys.stderr.isatty() or sys.stdout.isatty():
        yield lambda capture: None
        return
    from rich.console import Console

    with Console(stderr=True).status("reading") as status:
        total = 0

        def count(capture: str) -> None:
            nonlocal total
            total += 1
            status.update(f"{capture}: {total} exchanges")

        yield count
