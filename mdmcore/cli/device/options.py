"""Options that several commands of ``device`` share, each with its one help text."""

from __future__ import annotations

from typing import Annotated

import typer

ShowSecrets = Annotated[
    bool, typer.Option("--show-secrets", help="Do not mask passwords, PINs and tokens.")
]
Again = Annotated[
    bool, typer.Option("--again", help="Queue it even if the same job waits already.")
]
Force = Annotated[
    bool, typer.Option("--force", help="Queue it even if the catalogue says it cannot work.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Print the SyncML that would go out; queue nothing.")
]
