"""``mdmproxy lint``: check loose messages, documents, certificates and tokens."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from mdmcore.cli.options import (
    Disable,
    FailOn,
    FailOnFound,
    Format,
    Output,
    OutputFormat,
    Profile,
    Weigh,
)
from mdmcore.cli.output import binary_output, complain, text_output, wants_colour, width_of
from mdmcore.errors import ConfigError

if TYPE_CHECKING:
    from mdmcore.enrollment.aetx import Aetx
    from mdmcore.inspector import ArtifactReport, ArtifactSettings

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_MAX_BYTES = 16 * 1024 * 1024
_STDIN = Path("-")
_UNREAD = "unread"
"""The kind of a file that could not be opened."""


_Files = Annotated[
    list[Path], typer.Argument(metavar="FILE... | -", help="Files of any kind; - reads stdin.")
]
_ForProfile = Annotated[
    Profile, typer.Option(help="Kind of device; auto: what the file tells, else wp8.")
]
_AetxFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="The .aetx file a document's token must come from."),
]
_Show = Annotated[
    bool, typer.Option("--show", help="Lay out each layer: XML indented, certificates' facts.")
]
_ShowSecrets = Annotated[
    bool, typer.Option("--show-secrets", help="Do not mask passwords, secrets and nonces.")
]


@app.command(epilog="Example: mdmproxy lint answer.xml device.cer --profile wp8 --show")
def lint(
    files: _Files,
    format: OutputFormat = Format.TEXT,
    output: Output = None,
    profile: _ForProfile = Profile.AUTO,
    aetx: _AetxFile = None,
    show: _Show = False,
    show_secrets: _ShowSecrets = False,
    disable: Disable = None,
    severity: Weigh = None,
    fail_on: FailOnFound = FailOn.ERROR,
) -> int:
    """Say what is in a message, provisioning document, .aetx, CSR, certificate or token, and what
    is wrong with it.

    The kind is told by the content. SOAP and SyncML, PEM, DER and base64, bodies with their HTTP
    headers, escaped XML, lines of a log and certutil dumps are unwrapped, tokens opened. Exit code
    0: nothing grave; 1: something was found; 2: a file cannot be read (what and where is told).
    """
    from mdmcore.inspector import ArtifactSettings
    from mdmcore.inspector.masking import Mask
    from mdmcore.report import exit_code
    from mdmcore.rules.overrides import parse_overrides

    if files.count(_STDIN) > 1:
        raise ConfigError("- stands for stdin, which can be read only once")
    settings = ArtifactSettings(
        profile=profile.value,
        now=datetime.now(UTC),
        aetx=_aetx(aetx) if aetx is not None else None,
        mask=Mask(show_secrets=show_secrets),
        is_shown=show,
        overrides=parse_overrides(disable or (), severity or ()),
    )
    reports = [report for file in files for report in _inspected(file, settings)]
    for report in reports:
        if report.problem is not None:
            complain(_complaint(report))
    _write(reports, format, output, is_shown=show)
    findings = [finding for report in reports for finding in report.findings]
    has_errors = any(report.problem is not None for report in reports)
    return exit_code(findings, fail_on=fail_on.value, has_errors=has_errors)


def _inspected(file: Path, settings: ArtifactSettings) -> Iterator[ArtifactReport]:
    from mdmcore.inspector import ArtifactReport, ReadProblem, inspect_artifact

    name = "stdin" if file == _STDIN else str(file)
    try:
        data = _read(file)
    except (OSError, ConfigError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        problem = ReadProblem(message=(reason or str(error)).lower())
        yield ArtifactReport(
            name=name, kind=_UNREAD, summary="the file cannot be read", problem=problem
        )
        return
    yield from inspect_artifact(data, name=name, settings=settings)


def _write(
    reports: list[ArtifactReport], format: Format, output: Path | None, *, is_shown: bool
) -> None:
    from mdmcore.report import write_artifacts_json, write_artifacts_text

    if format is Format.JSON:
        with binary_output(output) as raw:
            write_artifacts_json(raw, reports)
        return
    if all(report.kind == _UNREAD for report in reports):
        return  # stderr has said it
    with text_output(output) as out:
        width, colour = width_of(out), wants_colour(out)
        write_artifacts_text(out, reports, width=width, colour=colour, is_shown=is_shown)


def _complaint(report: ArtifactReport) -> str:
    assert report.problem is not None
    number = f", object {report.number}" if report.number is not None else ""
    where = f" ({report.problem.where})" if report.problem.where else ""
    return f"{report.name}{number}: {report.problem.message}{where}"


def _aetx(path: Path) -> Aetx:
    """The .aetx file to compare with, taken out of what it is wrapped in."""
    from mdmcore.enrollment.aetx import parse_aetx
    from mdmcore.errors import MdmError
    from mdmcore.inspector.artifact.layers import unwrap

    try:
        return parse_aetx(unwrap(_read(path))[0].data)
    except OSError as error:
        raise ConfigError(f"--aetx {path}: {(error.strerror or str(error)).lower()}") from None
    except MdmError as error:
        raise ConfigError(f"--aetx {path}: {error}") from None


def _read(path: Path) -> bytes:
    if path == _STDIN:
        return _bounded(sys.stdin.buffer)
    with path.open("rb") as file:
        return _bounded(file)


def _bounded(file: BinaryIO) -> bytes:
    data = file.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise ConfigError(f"larger than {_MAX_BYTES} bytes, this is none of what lint reads")
    return data
