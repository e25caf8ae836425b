"""``mdmproxy mark``: put a named mark into the recording of a running proxy."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime
from typing import Annotated

import typer

from mdmcore.cli.device.state import State
from mdmcore.cli.options import Format, Output, OutputFormat
from mdmcore.cli.output import text_output
from mdmcore.errors import ConfigError

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(epilog='Example: mdmproxy mark "pressed refresh"')
def mark(
    text: Annotated[list[str], typer.Argument(metavar="TEXT...", help="What happened just now.")],
    state: State = None,
    format: OutputFormat = Format.TEXT,
    output: Output = None,
) -> int:
    """Mark this moment in the flows and recordings of the proxies that run with this state.

    They take the mark before the next exchange, or within a second; `analyze` shows it at its
    place, with the time at which it was set.
    """
    from mdmcore.mitm.mark_flow import mark_words
    from mdmcore.mitm.marks import is_running
    from mdmcore.mitm.state import DATABASE_NAME, default_state_folder
    from mdmcore.store import Database

    now = datetime.now(UTC)
    words = mark_words(text)
    folder = state or default_state_folder()
    if not is_running(folder):
        raise ConfigError(
            f"{folder}: no proxy runs with this state, so nobody would take the mark; start "
            "mdmproxy inspect or emulate, or give its --state FOLDER"
        )
    with closing(Database(folder / DATABASE_NAME)) as store:
        found = store.set_mark(words, now)
    with text_output(output) as out:
        if format is Format.JSON:
            out.write(json.dumps({"mark": found.text, "at": found.at.isoformat()}) + "\n")
        else:
            out.write(f"marked at {found.at:%H:%M:%S} UTC: {found.text}\n")
    return 0
