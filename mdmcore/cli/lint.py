"""``mdmproxy lint``: check one certification request or certificate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mdmcore.cli.options import FailOn, FailOnFound, Format, Output, OutputFormat, Profile
from mdmcore.cli.output import binary_output, complain, text_output, wants_colour, width_of

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_MAX_BYTES = 16 * 1024 * 1024


@app.command(epilog="Example: mdmproxy lint device-request.csr issued.cer")
def lint(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="CSRs or certificates, DER or PEM.")
    ],
    format: OutputFormat = Format.TEXT,
    output: Output = None,
    profile: Annotated[
        Profile, typer.Option(help="Kind of device to judge for; auto: wp8.")
    ] = Profile.AUTO,
    fail_on: FailOnFound = FailOn.ERROR,
) -> int:
    """Say what a CSR or certificate holds, as the device sees it, and what is wrong with it.

    Subjects with NUL bytes or forbidden characters, which strict libraries refuse, are read.
    Exit code 0: nothing grave; 1: something was found; 2: a file cannot be read (the offset is
    told).
    """
    from mdmcore.errors import Asn1Error
    from mdmcore.inspector import ArtifactReport, inspect_artifact
    from mdmcore.report import (
        broken_artifact_row,
        exit_code,
        write_artifacts_json,
        write_artifacts_text,
    )

    reports: list[ArtifactReport] = []
    broken = []
    for file in files:
        try:
            data = _read(file)
            reports.extend(inspect_artifact(data, name=str(file), profile=profile.value))
        except Asn1Error as error:
            complain(f"{file}: {error}")
            row = broken_artifact_row(str(file), where=error.where, message=error.message)
            broken.append(row)
        except OSError as error:
            reason = error.strerror or str(error)
            complain(f"{file}: {reason}")
            broken.append(broken_artifact_row(str(file), where="", message=reason))
    if format is Format.JSON:
        with binary_output(output) as raw:
            write_artifacts_json(raw, reports, broken=broken)
    elif reports:
        with text_output(output) as out:
            write_artifacts_text(out, reports, width=width_of(out), colour=wants_colour(out))
    findings = [finding for report in reports for finding in report.findings]
    return exit_code(findings, fail_on=fail_on.value, has_errors=bool(broken))


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise OSError(0, f"larger than {_MAX_BYTES} bytes, this is no CSR or certificate")
    return data
