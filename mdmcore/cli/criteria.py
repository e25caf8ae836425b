"""``mdmproxy criteria``: the texts by which a phone finds a certificate."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, TextIO

import typer

from mdmcore.cli.options import Format, Output, OutputFormat
from mdmcore.cli.output import complain, text_output
from mdmcore.errors import Asn1Error, ConfigError
from mdmcore.pki.certificate import Certificate, parse_certificate
from mdmcore.pki.criteria import (
    criteria_match,
    hub_criteria_of,
    ssl_client_criteria_of,
    subject_problems,
)
from mdmcore.pki.pem import CERTIFICATE, pem_blocks

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_MAX_BYTES = 1024 * 1024


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
        list[Path], typer.Argument(metavar="CERT...", help="Certificates, DER or PEM.")
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
    answers: list[_Answer] = []
    failed = False
    for file in files:
        try:
            answers.extend(_answer(file, one, check) for one in _certificates(file))
        except (Asn1Error, ConfigError, OSError) as error:
            failed = True
            reason = error.strerror if isinstance(error, OSError) else str(error)
            complain(f"{file}: {reason}")
    with text_output(output) as out:
        if format is Format.JSON:
            listed = [asdict(answer) for answer in answers]
            out.write(json.dumps({"certificates": listed}, indent=2) + "\n")
        else:
            _write_text(out, answers)
    if failed:
        return 2
    return int(any(answer.problems or answer.matches is False for answer in answers))


def _certificates(path: Path) -> list[Certificate]:
    with path.open("rb") as file:
        data = file.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise ConfigError(f"larger than {_MAX_BYTES} bytes, this is no certificate")
    blocks = pem_blocks(data)
    if not blocks:
        return [parse_certificate(data)]
    found = [parse_certificate(block.der) for block in blocks if block.label == CERTIFICATE]
    if not found:
        raise ConfigError(f"PEM without a certificate: it holds {blocks[0].label}")
    return found


def _answer(file: Path, certificate: Certificate, check: str | None) -> _Answer:
    name = certificate.subject
    value = ssl_client_criteria_of(name)
    return _Answer(
        file=str(file),
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
