"""``mdmproxy criteria``: the texts by which a phone finds a certificate."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from mdmcore.cli.options import Format, Output, OutputFormat
from mdmcore.cli.output import complain, text_output

if TYPE_CHECKING:
    from mdmcore.inspector.artifact import ReadProblem
    from mdmcore.pki.asn1.name import DistinguishedName

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_MAX_BYTES = 1024 * 1024
_STDIN = Path("-")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What is said of one certificate; ``matches`` is ``None`` without ``--check``."""

    file: str
    subject: str
    ssl_client_criteria: str
    ssl_client_criteria_xml: str
    certificate_search_criteria: str
    problems: tuple[str, ...]
    matches: bool | None


@app.command(epilog="Example: mdmproxy criteria device.cer --check 'CN=B1C43CD0%2D1624'")
def criteria(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="CERT... | -",
            help="Certificates: DER, PEM, base64, or what certutil -asn prints; - reads stdin.",
        ),
    ],
    check: Annotated[
        str | None,
        typer.Option(metavar="CRITERIA", help="Criteria of either kind to compare with each."),
    ] = None,
    format: OutputFormat = Format.TEXT,
    output: Output = None,
) -> int:
    """Print SSLCLIENTCERTSEARCHCRITERIA and CertificateSearchCriteria for certificates.

    Exit code 0: a Windows Phone 8 can find each by them; 1: it cannot, or --check differs; 2: a
    file cannot be read.
    """
    from mdmcore.inspector.artifact import ReadProblem

    answers: list[_Answer] = []
    failed = False
    for file in files:
        for found in _subjects(file):
            if isinstance(found, ReadProblem):
                failed = True
                where = f" ({found.where})" if found.where else ""
                complain(f"{_name(file)}: {found.message}{where}")
            else:
                answers.append(_answer(file, found, check))
    with text_output(output) as out:
        if format is Format.JSON:
            listed = [asdict(answer) for answer in answers]
            out.write(json.dumps({"certificates": listed}, indent=2) + "\n")
        else:
            _write_text(out, answers)
    if failed:
        return 2
    return int(any(answer.problems or answer.matches is False for answer in answers))


def _name(file: Path) -> str:
    return "stdin" if file == _STDIN else str(file)


def _subjects(file: Path) -> tuple[DistinguishedName | ReadProblem, ...]:
    from mdmcore.inspector.artifact import ReadProblem, subjects_of

    try:
        if file == _STDIN:
            data = sys.stdin.buffer.read(_MAX_BYTES + 1)
        else:
            with file.open("rb") as opened:
                data = opened.read(_MAX_BYTES + 1)
    except OSError as error:
        return (ReadProblem(message=(error.strerror or str(error)).lower()),)
    if len(data) > _MAX_BYTES:
        message = f"larger than {_MAX_BYTES} bytes, this is no certificate"
        return (ReadProblem(message=message),)
    return subjects_of(data)


def _answer(file: Path, name: DistinguishedName, check: str | None) -> _Answer:
    from mdmcore.pki.criteria import (
        criteria_match,
        hub_criteria_of,
        ssl_client_criteria_of,
        subject_problems,
    )

    value = ssl_client_criteria_of(name)
    return _Answer(
        file=_name(file),
        subject=name.rfc4514(),
        ssl_client_criteria=value,
        ssl_client_criteria_xml=value.replace("&", "&amp;"),
        certificate_search_criteria=hub_criteria_of(name),
        problems=subject_problems(name),
        matches=None if check is None else criteria_match(check, name),
    )


def _write_text(out: TextIO, answers: list[_Answer]) -> None:
    for answer in answers:
        out.write(f"{answer.file}: {answer.subject}\n")
        out.write(f"  SSLCLIENTCERTSEARCHCRITERIA  {answer.ssl_client_criteria}\n")
        out.write(f"  as XML attribute             {answer.ssl_client_criteria_xml}\n")
        out.write(f"  CertificateSearchCriteria    {answer.certificate_search_criteria}\n")
        if answer.matches is not None:
            said = "names this subject" if answer.matches else "DOES NOT name this subject"
            out.write(f"  the given criteria           {said}\n")
        for problem in answer.problems:
            out.write(f"  not found by a WP8           {problem}\n")
