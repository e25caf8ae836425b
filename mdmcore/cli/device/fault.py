"""``mdmproxy device fault``: let a running server make mistakes, and stop it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from mdmcore.cli.device.state import State, opened, utc_now
from mdmcore.cli.options import Format, Output, OutputFormat
from mdmcore.cli.output import text_output
from mdmcore.errors import ConfigError
from mdmcore.mitm.devices import find_device, name_of

if TYPE_CHECKING:
    from mdmcore.records import FaultOrder

EXAMPLE = "Example: mdmproxy device fault digest-missing-colon --device 3F2504E0 --times 1"


def fault(
    faults: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ID]...", help="Mistakes to make: ids of rules (mdmproxy rules). None: list."
        ),
    ] = None,
    device: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Only in the management of this device; else for all."),
    ] = None,
    step: Annotated[
        str | None, typer.Option(help="Only in this step: probe, discover, policy, enroll, ...")
    ] = None,
    times: Annotated[
        int | None, typer.Option(min=1, max=1_000_000, help="How often; else until taken back.")
    ] = None,
    off: Annotated[
        bool, typer.Option("--off", help="Take back: the mistakes named, or all of them.")
    ] = False,
    state: State = None,
    format: OutputFormat = Format.TEXT,
    output: Output = None,
) -> int:
    """Let a running emulated server make known mistakes, from its next answer on.

    Without an id the mistakes that are on are listed. Those that the server was started with
    (emulate --fault) are not among them. What is wrong below HTTP begins with the next connection.
    """
    from mdmcore.server.faults import TRANSPORT_FAULTS, parse_fault

    wanted = [part.strip() for text in faults or [] for part in text.split(",") if part.strip()]
    where = f"@{step}" if step else ""
    checked = [parse_fault(f"{name}{where}") for name in wanted]
    with opened(state) as store:
        account = None if device is None else find_device(store, device).account.name
        if off:
            names: list[str | None] = [*wanted] or [None]
            count = sum(store.clear_faults(name, account) for name in names)
            typer.echo(f"{count} mistake{'s' if count != 1 else ''} taken back")
            return 0
        for one in checked:
            if account is not None and "manage" not in one.fault.steps:
                raise ConfigError(f"{one.id} is made before a device is known: leave --device out")
            if account is not None and one.is_for_connections:
                raise ConfigError(f"{one.id} is made before HTTP is seen: leave --device out")
            store.order_fault(one.id, utc_now(), account=account, step=one.step or "", times=times)
            whom = f" for {name_of(find_device(store, device))}" if device is not None else ""
            often = "" if times is None else f", {times} time{'s' if times > 1 else ''}"
            begins = "connection" if one.id in TRANSPORT_FAULTS else "answer"
            typer.echo(f"{one.id} is made from the next {begins} on{whom}{often}")
        if not checked:
            _list(store.fault_orders(), format, output)
    return 0


def _list(orders: tuple[FaultOrder, ...], format: Format, output: Output) -> None:
    entries = [
        {
            "fault": order.fault,
            "account": order.account,
            "step": order.step or None,
            "remaining": order.remaining,
            "ordered": order.ordered.isoformat(),
        }
        for order in orders
    ]
    with text_output(output) as out:
        if format is Format.JSON:
            out.write(json.dumps({"faults": entries}, indent=2) + "\n")
            return
        for entry in entries:
            more = [
                f"{name} {entry[name]}" for name in ("account", "step") if entry[name] is not None
            ]
            left = entry["remaining"]
            more.append("always" if left is None else f"{left} more")
            out.write(f"{entry['fault']}  {', '.join(more)}\n")
        if not entries:
            out.write("no mistake is on\n")
