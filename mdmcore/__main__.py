"""``python -m mdmcore`` is the ``mdmproxy`` command."""

from __future__ import annotations

from mdmcore.cli import main

if __name__ == "__main__":
    main()
