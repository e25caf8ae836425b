"""What ``convert --redact`` and ``--bundle`` do beside converting: keys, lists, messages."""

from __future__ import annotations

import json
import secrets
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from mdmcore.cli.output import complain
from mdmcore.errors import CaptureError, ConfigError

if TYPE_CHECKING:
    from mdmcore.capture import Capture
    from mdmcore.capture.writing import OpenWriter, WrittenFormat
    from mdmcore.report.annotating import Annotating
    from mdmcore.report.conversion import Converted
    from mdmcore.report.redaction import Redacting

_KEY_BYTES = 32
_MAX_KEY_FILE = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactOptions:
    """How to redact: the file of the key, whether all or nothing, the file for the list."""

    key: Path | None = None
    is_strict: bool = False
    list: Path | None = None
    profile: str = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """What is to be written: where to, as what, with what on it."""

    out: Path
    format: WrittenFormat
    is_bundle: bool = False
    force: bool = False
    annotating: Annotating | None = None


def check_redaction(redacts: bool, options: Mapping[str, object]) -> None:
    """Raises ConfigError for an option that says how to redact where nothing is redacted."""
    given = next((name for name, value in options.items() if value), None)
    if given and not redacts:
        raise ConfigError(f"--{given} is for --redact and --bundle, neither of which is given")


def redacted(
    captures: Sequence[Capture],
    what: Writing,
    options: RedactOptions,
    *,
    begin: Callable[[WrittenFormat, Callable[[], str]], OpenWriter],
    tell: Callable[[str], None],
) -> tuple[int, Converted | None]:
    """Write them redacted: the exit code, and what was written, if anything."""
    from mdmcore.report.redaction import NotRedacted

    redacting = learnt(captures, options, tell)
    opened = begin(what.format, redacting.remark)
    write = write_bundle if what.is_bundle else write_redacted
    try:
        result = write(captures, redacting, what, opened, options, tell)
    except NotRedacted as error:
        complain(f"{what.out}: not written: {error}")
        return 1, None
    say_redacted(redacting, options)
    if result.errors:
        return 2, result
    return 1 if redacting.redactor.tally.left_out else 0, result


def learnt(
    captures: Sequence[Capture], options: RedactOptions, tell: Callable[[str], None]
) -> Redacting:
    """The redaction of these captures, which were gone over once."""
    from mdmcore.capture.redact import Redactor
    from mdmcore.cli.throw_away_keys import FreshKeys
    from mdmcore.report.redaction import Redacting

    redactor = Redactor(_key(options.key), FreshKeys(), profile=options.profile)
    redacting = Redacting(redactor, captures)
    redacting.learn(tell)
    return redacting


def write_redacted(
    captures: Sequence[Capture],
    redacting: Redacting,
    writing: Writing,
    begin: OpenWriter,
    options: RedactOptions,
    tell: Callable[[str], None],
) -> Converted:
    """Write the captures, redacted. Raises NotRedacted, or ConfigError with ``--strict``, and then
    nothing was written."""
    from mdmcore.capture.writing import new_file
    from mdmcore.report.conversion import convert

    with new_file(writing.out, force=writing.force) as file:
        writer = begin(file)
        try:
            result = convert(
                captures,
                writer,
                format=writing.format,
                change=redacting.change,
                annotating=writing.annotating,
                tell=tell,
            )
        except BaseException:
            writer.abandon()
            raise
        if result.errors and not result.exchanges:
            for name, error in result.errors:
                complain(f"{name}: {error.message} ({error.where})")
            raise CaptureError(f"{writing.out}: nothing could be read, so nothing is written")
        file.flush()
        redacting.check(Path(file.name), writing.out.name)
        _hold_to_strict(redacting, writing.out, options)
    return result


def write_bundle(
    captures: Sequence[Capture],
    redacting: Redacting,
    writing: Writing,
    begin: OpenWriter,
    options: RedactOptions,
    tell: Callable[[str], None],
) -> Converted:
    """Write the zip to attach to a ticket: the capture redacted, what is found in it, what was
    replaced. Raises as ``write_redacted`` does."""
    from mdmcore import __version__
    from mdmcore.capture import open_capture
    from mdmcore.capture.writing import new_file
    from mdmcore.inspector import Inspector
    from mdmcore.report.bundle import CAPTURE, Bundle

    with tempfile.TemporaryDirectory(prefix="mdmproxy-") as folder:
        flows = Path(folder) / CAPTURE
        inner = Writing(out=flows, format="flows")
        result = write_redacted(captures, redacting, inner, begin, options, tell)
        bundle = Bundle(
            capture=open_capture(flows, name=CAPTURE),
            inspector=lambda: Inspector(profile=options.profile),
            tally=redacting.redactor.tally,
            version=__version__,
        )
        with new_file(writing.out, force=writing.force) as file:
            bundle.write(file)
            file.flush()
            redacting.check(Path(file.name), writing.out.name)
    return result


def say_redacted(redacting: Redacting, options: RedactOptions) -> None:
    """The list of what was replaced: on stderr, and in a file where one is wanted."""
    tally = redacting.redactor.tally
    for line in tally.lines():
        typer.echo(f"mdmproxy: redacted: {line}", err=True)
    if options.list is not None:
        try:
            text = json.dumps(tally.fields(), indent=1) + "\n"
            options.list.write_text(text, encoding="utf-8")
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise ConfigError(f"{options.list}: cannot be written: {reason}") from None


def _hold_to_strict(redacting: Redacting, out: Path, options: RedactOptions) -> None:
    left_out = redacting.redactor.tally.left_out
    if options.is_strict and left_out:
        more = f", and {len(left_out) - 1} more" if len(left_out) > 1 else ""
        raise ConfigError(
            f"{out}: not written, --strict: {left_out[0]}{more}; leave the option out to have the "
            "rest"
        )


def _key(path: Path | None) -> bytes:
    """The key of the pseudonyms. Raises ConfigError for a file that holds none."""
    from mdmcore.capture.redact import MIN_KEY_BYTES

    if path is None:
        return secrets.token_bytes(_KEY_BYTES)
    try:
        with path.open("rb") as file:
            key = file.read(_MAX_KEY_FILE)
    except OSError as error:
        raise ConfigError(f"{path}: {(error.strerror or str(error)).lower()}") from None
    if len(key.strip()) < MIN_KEY_BYTES:
        raise ConfigError(
            f"{path}: a redaction key has at least {MIN_KEY_BYTES} bytes; make one with "
            f"`openssl rand -hex 32 > {path}` and keep it to yourself"
        )
    return key.strip()
