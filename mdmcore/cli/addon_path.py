"""``mdmproxy addon-path``: where the scripts are that mitmproxy loads with ``-s``."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(
    epilog='Example: mitmweb -s "$(mdmproxy addon-path mdm_inspect)"',
)
def addon_path(
    name: Annotated[
        str | None, typer.Argument(help="One script, e.g. mdm_emulate; without it the folder.")
    ] = None,
) -> int:
    """Print the folder of the mitmproxy scripts, or the path of one of them."""
    from mdmcore.errors import ConfigError
    from mdmcore.mitm.addon_path import addon_directory

    folder = addon_directory()
    if name is None:
        typer.echo(folder)
        return 0
    script = folder / f"{name.removesuffix('.py')}.py"
    if not script.is_file():
        known = ", ".join(sorted(path.stem for path in folder.glob("mdm_*.py")))
        raise ConfigError(f"no addon {name!r}; there is: {known}")
    typer.echo(script)
    return 0
