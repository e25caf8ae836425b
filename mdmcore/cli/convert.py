"""``mdmproxy convert``: captures into another format, annotated on the way."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from mdmcore.cli.captures import given_options
from mdmcore.cli.options import (
    Aetx,
    Disable,
    KeyLog,
    MaxEntries,
    MaxEntry,
    MaxRatio,
    MaxTotal,
    Password,
    Profile,
    RsaKeys,
    Secrets,
    Weigh,
)
from mdmcore.cli.output import complain
from mdmcore.errors import CaptureError, ConfigError

if TYPE_CHECKING:
    from mdmcore.capture import Capture
    from mdmcore.capture.options import CaptureOptions
    from mdmcore.capture.writing import RecordWriter, WrittenFormat
    from mdmcore.report.annotating import Annotating
    from mdmcore.report.conversion import Converted

MOST_SESSIONS = 66_000
"""A session has three files, and an archive that is read has a limit (``capture.limits``)."""

app = typer.Typer(add_completion=False, rich_markup_mode=None)


class Target(StrEnum):
    """Formats that are written."""

    FLOWS = "flows"
    HAR = "har"
    SAZ = "saz"


@app.command(
    epilog="Example: mdmproxy convert session.mitm session.saz --annotate",
)
def convert(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="IN... OUT",
            help="Captures of any kind that analyze reads, written one behind the other to OUT.",
        ),
    ],
    to: Annotated[
        Target | None,
        typer.Option(help="Format of OUT; else its name tells: .mitm .flow .flows, .har, .saz."),
    ] = None,
    annotate: Annotated[
        bool,
        typer.Option(
            "--annotate", help="Write what is found onto the exchanges: comment, marker, data."
        ),
    ] = False,
    redact: Annotated[
        bool,
        typer.Option(
            "--redact",
            help="Put pseudonyms in the place of secrets, persons, devices and hosts; what is "
            "found stays the same.",
        ),
    ] = False,
    redact_key: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Secret by which the same values get the same pseudonyms again."
        ),
    ] = None,
    redact_list: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write what was replaced, by kind and place, as JSON."),
    ] = None,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Write nothing where --redact must leave a body out."),
    ] = False,
    bundle: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT.zip",
            help="Instead of OUT: one zip for a ticket, with the redacted capture, reports and "
            "what was replaced.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace OUT if it is there.")] = False,
    profile: Annotated[
        Profile, typer.Option(help="Kind of device for --annotate; auto finds it out.")
    ] = Profile.AUTO,
    aetx: Aetx = None,
    disable: Disable = None,
    severity: Weigh = None,
    secrets: Secrets = None,
    password: Password = None,
    max_entry: MaxEntry = None,
    max_total: MaxTotal = None,
    max_entries: MaxEntries = None,
    max_ratio: MaxRatio = None,
    key_log: KeyLog = None,
    rsa_key: RsaKeys = None,
) -> int:
    """Write captures anew as mitmproxy flows, HAR or a Fiddler archive.

    Times, comments, markers and annotations are kept, and all that rules look at, so that the
    result is judged as its source. Exit code 1: --redact left a body out, or found something that
    it must not write, and then wrote nothing. Exit code 2: an input was not read to its end (what
    could be read is written), or nothing could be written.
    """
    from mdmcore.capture.writing import check_target, writing
    from mdmcore.cli.convert_redacted import RedactOptions, Writing, check_redaction, redacted
    from mdmcore.report.conversion import convert as run

    if bundle is not None:
        if to is not None or annotate:
            raise ConfigError("--bundle says what is written; leave out --to and --annotate")
        paths = [*paths, bundle]
    if len(paths) < 2:
        raise ConfigError("name what to convert, and behind it the file to write")
    *inputs, out = paths
    format: WrittenFormat = "flows" if bundle is not None else _format(out, to)
    _check_place(inputs, out)
    check_target(out, force=force)
    judging = {"profile": profile is not Profile.AUTO, "aetx": aetx, "disable": disable}
    judging |= {"severity": severity, "secrets": secrets}
    check_redaction(
        redact or bundle is not None,
        {"redact-key": redact_key, "redact-list": redact_list, "strict": strict},
    )
    annotating = None
    if annotate:
        annotating = _annotating(profile.value, aetx, disable, severity, secrets)
    elif given := next(
        (name for name, value in judging.items() if value and not (redact and name == "profile")),
        None,
    ):
        raise ConfigError(f"--{given} is for --annotate, which is not given")
    options = given_options(
        password=password,
        max_entry=max_entry,
        max_total=max_total,
        max_entries=max_entries,
        max_ratio=max_ratio,
        key_log=key_log,
        rsa_key=rsa_key,
    )
    captures, all_opened = _open(inputs, options)
    if not captures:
        return 2
    if redact or bundle is not None:
        what = Writing(
            out=out, format=format, is_bundle=bundle is not None, force=force, annotating=annotating
        )
        how = RedactOptions(
            key=redact_key, is_strict=strict, list=redact_list, profile=profile.value
        )
        with _counting() as tell:
            code, result = redacted(captures, what, how, begin=_writer, tell=tell)
        if result is not None:
            _say(out, format, result)
        return code if all_opened else 2
    with writing(out, _writer(format), force=force) as writer, _counting() as tell:
        result = run(captures, writer, format=format, annotating=annotating, tell=tell)
        if result.errors and not result.exchanges:
            _say_errors(result)
            raise CaptureError(f"{out}: nothing could be read, so nothing is written")
    _say(out, format, result)
    return 0 if all_opened and not result.errors else 2


def _format(out: Path, to: Target | None) -> WrittenFormat:
    from mdmcore.capture.writing import format_of

    return format_of(out) if to is None else to.value


def _check_place(inputs: Sequence[Path], out: Path) -> None:
    """Raises ConfigError where what is read would be written to."""
    if str(out) == "-":
        raise ConfigError("-: a capture is written to a file; name one")
    for path in inputs:
        try:
            is_same = path.samefile(out)
        except (OSError, ValueError):
            continue
        if is_same:
            raise ConfigError(f"{out}: this is what is read; name another file to write to")


def _open(paths: Sequence[Path], options: CaptureOptions) -> tuple[list[Capture], bool]:
    """The captures that can be opened; a line on stderr for each that cannot."""
    from mdmcore.capture import open_capture

    opened = []
    for path in paths:
        try:
            opened.append(open_capture(path, options=options))
        except CaptureError as error:
            complain(str(error))
    return opened, len(opened) == len(paths)


def _writer(
    format: WrittenFormat, remark: Callable[[], str] = lambda: ""
) -> Callable[[BinaryIO], RecordWriter]:
    """What begins a file of that format; ``remark`` is asked at the end what to say of it."""
    if format == "flows":
        from mdmcore.mitm.flow_writer import FlowFileWriter

        return FlowFileWriter
    from mdmcore import __version__
    from mdmcore.capture.writing import har_writer, saz_writer

    if format == "saz":
        return lambda out: saz_writer(out, remark=remark)
    return lambda out: har_writer(out, version=__version__, remark=remark)


def _annotating(
    profile: str,
    aetx: Path | None,
    disable: list[str] | None,
    severity: list[str] | None,
    secrets: Path | None,
) -> Annotating:
    from mdmcore.inspector import Inspector
    from mdmcore.inspector.known_secrets import NO_SECRETS, read_secrets
    from mdmcore.report.annotating import Annotating
    from mdmcore.rules.overrides import parse_overrides

    overrides = parse_overrides(disable or (), severity or ())
    known = NO_SECRETS if secrets is None else read_secrets(secrets)
    token = None
    if aetx is not None:
        from mdmcore.mitm.hub_file import load_aetx

        token = load_aetx(aetx)
    return Annotating(
        lambda: Inspector(profile=profile, aetx=token, overrides=overrides, secrets=known)
    )


def _say(out: Path, format: WrittenFormat, result: Converted) -> None:
    _say_errors(result)
    if result.left_out:
        listed = ", ".join(f"{count} {kind}" for kind, count in sorted(result.left_out.items()))
        typer.echo(f"mdmproxy: not kept in {out}: {listed}", err=True)
    count = result.exchanges
    if format == "saz" and count > MOST_SESSIONS:
        note = f"{out}: of an archive mdmproxy itself reads {MOST_SESSIONS} sessions"
        typer.echo(f"mdmproxy: {note}; Fiddler reads all", err=True)
    shown = f"{count} exchange{'' if count == 1 else 's'}"
    typer.echo(f"mdmproxy: wrote {out}: {shown} ({format})", err=True)


def _say_errors(result: Converted) -> None:
    for name, error in result.errors:
        complain(f"{name}: {error.message} ({error.where})")


@contextmanager
def _counting() -> Iterator[Callable[[str], None]]:
    """A line that counts exchanges on a terminal's stderr."""
    if not sys.stderr.isatty():
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
