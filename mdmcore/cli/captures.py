"""Opening the captures that a user names, also those that a password locks."""

from __future__ import annotations

import os
from collections.abc import Sequence
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mdmcore.capture import Capture

PASSWORD_VARIABLE = "MDMPROXY_SAZ_PASSWORD"
"""The environment's word for locked archives: other users of a computer see command lines."""
ASK = "-"


def open_given(
    path: Path,
    *,
    password: str | None = None,
    key_log: Path | None = None,
    rsa_keys: Sequence[Path] | None = None,
) -> Capture:
    """The capture at that path; without ``password`` the environment's counts. The keys are for
    TLS in packet captures. Raises CaptureError, and ConfigError for a key that is none."""
    from mdmcore.capture import open_capture
    from mdmcore.capture.options import CaptureOptions

    known = password or os.environ.get(PASSWORD_VARIABLE) or None
    options = CaptureOptions(password=known, key_log=key_log, rsa_keys=tuple(rsa_keys or ()))
    return open_capture(path, options=options)


def asked_password(given: str | None) -> str | None:
    """What was given; ``-`` asks for it at the terminal, where it is not shown."""
    return getpass("password of the archives: ") if given == ASK else given
