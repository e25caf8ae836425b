"""``mdmproxy probe``: a simulated phone enrols with a real MDM server and says where it stops.

The command line is here. What it means is read in ``plan``, the life is lived in ``run``, inputs
are varied in ``sweep``, results are written by ``output``.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mdmcore.cli.options import FailOn, FailOnFound, Output, Profile
from mdmcore.cli.probe.choices import ProbeFormat, read_steps

if TYPE_CHECKING:
    from mdmcore.cli.probe.plan import Plan

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(
    epilog="Example: mdmproxy probe demo@acme.test --profile wp81 --skip renew --format junit",
)
def probe(
    email: Annotated[
        str | None,
        typer.Argument(
            metavar="[EMAIL]", help="Who enrols; discovery asks enterpriseenrollment.DOMAIN."
        ),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Where discovery begins: HOST, HOST:PORT, or a URL, whose path is kept.",
        ),
    ] = None,
    server: Annotated[
        str | None, typer.Option(metavar="HOST", help="The same as the user types it.")
    ] = None,
    user: Annotated[
        str | None, typer.Option(help="User name, if it is not the e-mail address.")
    ] = None,
    password: Annotated[
        str | None,
        typer.Option(
            help="- reads it from stdin. Without it: MDMPROXY_PASSWORD, or you are asked."
        ),
    ] = None,
    profile: Annotated[
        Profile | None,
        typer.Option(help="Kind of device; with --sweep all of them.", show_default="wp8"),
    ] = None,
    federated: Annotated[
        bool, typer.Option("--federated", help="Offer Federated alone, so that a page signs in.")
    ] = False,
    skip: Annotated[
        list[str] | None,
        typer.Option(
            metavar="STEP[,STEP...]", help="Leave out session, questions, hub, renew or unenroll."
        ),
    ] = None,
    keep_going: Annotated[
        bool,
        typer.Option("--keep-going", help="Take the steps behind a refused one, too."),
    ] = False,
    renew_now: Annotated[
        bool, typer.Option("--renew-now", help="Renew even before the window for it opens.")
    ] = False,
    sweep: Annotated[
        bool,
        typer.Option(
            "--sweep",
            help="Vary kind of device, RequestVersion, sign-in and encoding; print a table.",
        ),
    ] = False,
    proxy: Annotated[
        str | None, typer.Option(metavar="URL", help="Go through this HTTP proxy.")
    ] = None,
    resolve: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST:IP[:PORT]", help="Where a host is, instead of asking DNS."),
    ] = None,
    dns_server: Annotated[
        str | None,
        typer.Option(
            metavar="IP[:PORT]", help="Ask this DNS server, as a device does that is set to it."
        ),
    ] = None,
    https_port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Where port 443 of all hosts is.")
    ] = None,
    http_port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Where port 80 of all hosts is.")
    ] = None,
    ca: Annotated[
        list[Path] | None, typer.Option(help="PEM file of roots that the device has, too.")
    ] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Take every server certificate.")
    ] = False,
    any_tls: Annotated[
        bool,
        typer.Option("--any-tls", help="Speak every TLS version, not those of the device alone."),
    ] = False,
    client_tls: Annotated[
        bool,
        typer.Option(
            "--client-tls/--no-client-tls",
            help="Show the device's certificate where the server asks for one.",
        ),
    ] = True,
    clock: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="What the device's clock shows: 2014-05-01T12:00:00Z."),
    ] = None,
    timeout: Annotated[
        float, typer.Option(min=0.1, max=600, help="Seconds to wait for an answer.")
    ] = 30.0,
    repeat: Annotated[
        int, typer.Option(min=1, max=1000, help="Live so many lives, one after another.")
    ] = 1,
    format: Annotated[ProbeFormat, typer.Option(help="How to write the result.")] = (
        ProbeFormat.TEXT
    ),
    output: Output = None,
    record: Annotated[
        Path | None, typer.Option(help="Write what was said as mitmproxy flows to this file.")
    ] = None,
    fail_on: FailOnFound = FailOn.ERROR,
    show_secrets: Annotated[
        bool, typer.Option("--show-secrets", help="Do not mask passwords, secrets and nonces.")
    ] = False,
) -> int:
    """Enrol a simulated device with a real MDM server, sync, fetch the hub, renew, unenrol.

    It stops where a real device would, and says which sentence of the server is wrong, where, what
    was expected, what the device shows, and how to fix it. Nothing but the protocol is sent.

    Exit code 0: all went well; 1: the device gave up, or a finding this grave was made; 2: usage.
    """
    from mdmcore.cli.probe.lives import live_all
    from mdmcore.cli.probe.plan import (
        Plan,
        Way,
        chosen_server,
        new_device_id,
        offered_policies,
        phone_clock,
        read_addresses,
        read_authorities,
        read_name_server,
        read_password,
    )
    from mdmcore.cli.probe.sweep import variations
    from mdmcore.errors import ConfigError
    from mdmcore.phone.settings import PhoneSettings
    from mdmcore.profiles import PROFILES

    if profile is Profile.AUTO:
        raise ConfigError("--profile auto: say which kind of device to be")
    ports = {"https": https_port, "http": http_port}
    moved = tuple((scheme, port) for scheme, port in ports.items() if port is not None)
    if proxy is not None and (resolve or dns_server is not None or moved):
        raise ConfigError(
            "--resolve, --dns-server, --https-port and --http-port are for direct connections; "
            "a proxy finds the way itself"
        )
    kind = "wp8" if profile is None else profile.value
    address, host = chosen_server(email, url, server)
    settings = PhoneSettings(
        email=address,
        username=user or address,
        password=read_password(password),
        device_id=new_device_id(),
        profile=kind,
        server=host,
        accepts_redirect=True,
        offered_auth_policies=offered_policies(kind, federated=federated),
    )
    way = Way(
        proxy=proxy,
        resolve=read_addresses(resolve or ()),
        name_server=None if dns_server is None else read_name_server(dns_server),
        ports=moved,
        authority_pem=read_authorities(ca or ()),
        verifies=not insecure,
        any_tls=any_tls,
        offers_certificate=client_tls,
        timeout_s=timeout,
    )
    plan = Plan(
        name="probe",
        settings=settings,
        way=way,
        clock=phone_clock(clock),
        skip=read_steps(skip or ()),
        keeps_going=keep_going,
        renews_now=renew_now,
    )
    swept = tuple(PROFILES) if profile is None else (kind,)
    plans = variations(plan, swept) if sweep else _repeated(plan, repeat)
    return live_all(
        plans,
        format=format,
        output=output,
        record=record,
        is_table=sweep,
        fail_on=fail_on.value,
        show_secrets=show_secrets,
    )


def _repeated(plan: Plan, times: int) -> list[Plan]:
    """The same device again and again: what its last life left behind must not harm the next."""
    if times == 1:
        return [plan]
    return [replace(plan, name=f"{plan.name}-{number}") for number in range(1, times + 1)]
