"""Opening the captures that a user names, also those that a password locks."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mdmcore.capture import Capture
    from mdmcore.capture.limits import Limits

PASSWORD_VARIABLE = "MDMPROXY_SAZ_PASSWORD"
"""The environment's word for locked archives: other users of a computer see command lines."""
ASK = "-"

_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,3})?) ?([KMGT]?)(?:i?B)?", re.IGNORECASE)
_UNITS = ("", "K", "M", "G", "T")


MaxEntry = Annotated[
    str | None,
    typer.Option(metavar="SIZE", help="Most bytes of one packed file or record (256M)."),
]
MaxTotal = Annotated[
    str | None,
    typer.Option(metavar="SIZE", help="Most bytes that one capture may unpack to (16G)."),
]
MaxEntries = Annotated[
    int | None, typer.Option(min=1, help="Most files in an archive or a folder (200000).")
]
MaxRatio = Annotated[
    int | None, typer.Option(min=1, help="Most times that a packed file may grow (1100).")
]


def open_given(
    path: Path,
    *,
    password: str | None = None,
    key_log: Path | None = None,
    rsa_keys: Sequence[Path] | None = None,
    limits: Limits | None = None,
) -> Capture:
    """The capture at that path; without ``password`` the environment's counts, without ``limits``
    the usual ones. The keys are for TLS in packet captures. Raises CaptureError, and ConfigError
    for a key that is none."""
    from mdmcore.capture import open_capture
    from mdmcore.capture.limits import USUAL_LIMITS
    from mdmcore.capture.options import CaptureOptions

    known = password or os.environ.get(PASSWORD_VARIABLE) or None
    options = CaptureOptions(
        password=known,
        limits=limits or USUAL_LIMITS,
        key_log=key_log,
        rsa_keys=tuple(rsa_keys or ()),
    )
    return open_capture(path, options=options)


def given_limits(
    max_entry: str | None, max_total: str | None, max_entries: int | None, max_ratio: int | None
) -> Limits:
    """The usual limits but for those that were given. Raises BadParameter for a size that is
    none."""
    from mdmcore.capture.limits import USUAL_LIMITS

    given = {
        "entry_bytes": _size(max_entry, "--max-entry"),
        "total_bytes": _size(max_total, "--max-total"),
        "entries": max_entries,
        "ratio": max_ratio,
    }
    wanted = {name: value for name, value in given.items() if value is not None}
    return replace(USUAL_LIMITS, **wanted)


def _size(text: str | None, option: str) -> int | None:
    """Bytes of ``64M``, ``1.5G`` or ``1000``: units are powers of 1024."""
    if text is None:
        return None
    found = _SIZE.fullmatch(text.strip())
    size = 0 if found is None else int(float(found[1]) * 1024 ** _UNITS.index(found[2].upper()))
    if size < 1:
        raise typer.BadParameter(f"{option}: {text!r} is no size; write 1000000, 256M or 2G")
    return size


def asked_password(given: str | None) -> str | None:
    """What was given; ``-`` asks for it at the terminal, where it is not shown."""
    return getpass("password of the archives: ") if given == ASK else given
