"""``mdmproxy demo``: a phone's whole life through the emulating proxy, in seconds.

Everything is real but the phone: mitmproxy with our addons, TLS interception, sockets, keys. The
simulated phone runs in a thread, the proxy in this one; what is printed afterwards is read from
the recorded flows, by the same code that ``mdmproxy analyze`` runs.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(epilog="Example: mdmproxy demo --out demo-session")
def demo(
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for session.mitm, analysis.json and the certificates; default: a new "
            "temporary one, named in the last line.",
        ),
    ] = None,
) -> int:
    """Enrol a simulated phone, sync it twice, fetch its Company Hub; show all that was said.

    Needs no network and changes nothing outside the folder. The hub package and its .aetx are
    made for this run with a throw-away enterprise certificate.
    """
    from mdmcore.cli.demo_run import run_demo
    from mdmcore.errors import ConfigError

    folder = out or Path(tempfile.mkdtemp(prefix="mdmproxy-demo-"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"--out {folder}: {(error.strerror or str(error)).lower()}") from None
    code = run_demo(folder)
    if out is None:
        typer.echo(folder)
    return code
