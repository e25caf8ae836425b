"""The entry of the ``mdmproxy`` command, also as ``python -m mdmcore``."""

from __future__ import annotations

import sys

from mdmcore.cli.leaving import leave
from mdmcore.cli.main import run


def main() -> None:
    """Run the command line and leave; exit codes as in ``mdmcore.cli.main``."""
    leave(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
