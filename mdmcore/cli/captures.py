"""How the captures that a user names are opened: passwords, keys and limits, as all commands take
them. Their options stand in ``options``."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from mdmcore.capture.limits import Limits
    from mdmcore.capture.options import CaptureOptions

PASSWORD_VARIABLE = "MDMPROXY_SAZ_PASSWORD"
"""The environment's word for locked archives: other users of a computer see command lines."""
ASK = "-"

_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,3})?) ?([KMGT]?)(?:i?B)?", re.IGNORECASE)
_UNITS = ("", "K", "M", "G", "T")


def given_options(
    *,
    password: str | None = None,
    max_entry: str | None = None,
    max_total: str | None = None,
    max_entries: int | None = None,
    max_ratio: int | None = None,
    key_log: Path | None = None,
    rsa_key: Sequence[Path] | None = None,
) -> CaptureOptions:
    """What the options of those names say: without a password the environment's counts, without
    limits the usual ones; the password ``-`` is asked for at the terminal. Raises BadParameter for
    a size that is none."""
    from mdmcore.capture.options import CaptureOptions

    limits = _limits(max_entry, max_total, max_entries, max_ratio)
    return CaptureOptions(
        password=_asked(password) or os.environ.get(PASSWORD_VARIABLE) or None,
        limits=limits,
        key_log=key_log,
        rsa_keys=tuple(rsa_key or ()),
    )


def _limits(
    max_entry: str | None, max_total: str | None, max_entries: int | None, max_ratio: int | None
) -> Limits:
    """The usual limits but for those that were given."""
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


def _asked(given: str | None) -> str | None:
    """What was given; ``-`` asks for it at the terminal, where it is not shown."""
    return getpass("password of the archives: ") if given == ASK else given
