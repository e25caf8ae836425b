"""``mdmproxy analyze``: explain captures with the engine that watches live traffic."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mdmcore.cli.analyze_output import write_analysis
from mdmcore.cli.analyze_settings import AnalyzeSettings, Judge
from mdmcore.cli.captures import asked_password
from mdmcore.cli.options import (
    Aetx,
    Disable,
    FailOn,
    FailOnFound,
    Format,
    Output,
    OutputFormat,
    Profile,
    Secrets,
    Weigh,
)
from mdmcore.cli.output import complain

if TYPE_CHECKING:
    from mdmcore.capture import Capture

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(
    epilog="Example: mdmproxy analyze session.mitm --format json -o analysis.json",
)
def analyze(
    captures: Annotated[
        list[Path],
        typer.Argument(
            metavar="CAPTURE...", help="mitmproxy flows, HAR, Fiddler's .saz or text logs."
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
    from mdmcore.report import analyze as start
    from mdmcore.report import exit_code

    settings = AnalyzeSettings(
        profile=profile,
        show_secrets=show_secrets,
        aetx=aetx,
        disable=tuple(disable or ()),
        severity=tuple(severity or ()),
        secrets=secrets,
        password=asked_password(password),
    )
    judge = Judge(settings)
    if diff:
        from mdmcore.cli.analyze_diff import compare

        return compare(
            captures,
            start=judge.inspector,
            is_json=format is Format.JSON,
            output=output,
            show_secrets=show_secrets,
        )
    opened, all_opened = _open(captures, settings)
    if not opened:
        return 2
    analysis = start(opened, inspector=judge.inspector())
    write_analysis(format, analysis, output)
    for capture in analysis.captures:
        for error in capture.errors:
            complain(f"{capture.path}: {error.message} ({error.where})")
    return exit_code(
        analysis.findings,
        fail_on=fail_on.value,
        has_errors=analysis.has_errors or not all_opened,
    )


def _open(paths: list[Path], settings: AnalyzeSettings) -> tuple[list[Capture], bool]:
    """The captures that can be opened; a line on stderr for each that cannot."""
    from mdmcore.errors import CaptureError

    opened = []
    for path in paths:
        try:
            opened.append(settings.open(path))
        except CaptureError as error:
            complain(str(error))
    return opened, len(opened) == len(paths)
