"""``mdmproxy device``: the devices that an emulated server manages, and jobs for them.

All of it works on the state folder. A running proxy sees a job at the device's next message.
"""

from __future__ import annotations

import typer

from mdmcore.cli.device import cancel, fault, history, listing, queue, recipes, send, show, verify

__all__ = ["app"]

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    help="List the devices of an emulated server, queue jobs for them, and see what they answered.",
    epilog="Example: mdmproxy device queue 3F2504E0 device-information",
)
app.command("list", epilog=listing.EXAMPLE)(listing.list_devices)
app.command("show", epilog=show.EXAMPLE)(show.show)
app.command("recipes", epilog=recipes.EXAMPLE)(recipes.list_recipes)
app.command("queue", epilog=queue.EXAMPLE)(queue.queue)
app.command("send", epilog=send.EXAMPLE)(send.send)
app.command("verify", epilog=verify.EXAMPLE)(verify.verify)
app.command("history", epilog=history.EXAMPLE)(history.history)
app.command("cancel", epilog=cancel.EXAMPLE)(cancel.cancel)
app.command("fault", epilog=fault.EXAMPLE)(fault.fault)
