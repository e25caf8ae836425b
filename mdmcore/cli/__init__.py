"""The ``mdmproxy`` command: one module for each sub-command, imported only when it is called."""

from __future__ import annotations

import sys


def main() -> None:
    """Entry point of the console script; exit codes as in the design, section 5."""
    from mdmcore.cli.leaving import leave
    from mdmcore.cli.main import run

    leave(run(sys.argv[1:]))
