"""``mdmproxy emulate``: be the MDM server of a device that uses us as its proxy."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mdmcore.cli.direct import (
    Advertise,
    DirectLines,
    Dns,
    DnsPort,
    HttpPort,
    HttpsPort,
    advertised,
    direct_ports,
)
from mdmcore.cli.live import relay, run_live, say
from mdmcore.cli.options import (
    ConfDir,
    FailOnSeen,
    ListenHost,
    ListenPort,
    Profile,
    Record,
    Web,
)

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(
    epilog=(
        "Example: mdmproxy emulate --domain example.test --user demo@example.test:secret "
        "--record session.mitm"
    ),
)
def emulate(
    domain: Annotated[
        list[str] | None,
        typer.Option(help="Domain to answer for, with mdm. and enterpriseenrollment. before it."),
    ] = None,
    user: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME:PASSWORD", help="Who may enrol; not given: anybody."),
    ] = None,
    account: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME:SECRET:basic|md5[:DEVID]",
            help="DM account of a device that enrolled elsewhere.",
        ),
    ] = None,
    hub: Annotated[
        Path | None, typer.Option(help="Company Hub package (.xap, .appx); needs --aetx.")
    ] = None,
    aetx: Annotated[Path | None, typer.Option(help="The .aetx that goes with --hub.")] = None,
    profile: Annotated[Profile, typer.Option(help="Kind of device.")] = Profile.WP8,
    state: Annotated[
        Path | None, typer.Option(help="Folder for state; default: your data folder.")
    ] = None,
    legacy_tls: Annotated[
        bool,
        typer.Option(
            "--legacy-tls/--no-legacy-tls",
            help="Accept TLS 1.0 and 1.1, too, and offer no HTTP/2: old phones need it.",
        ),
    ] = True,
    client_tls: Annotated[
        bool,
        typer.Option(
            "--client-tls",
            help="Ask for a client certificate on mdm.DOMAIN, where devices then renew theirs.",
        ),
    ] = False,
    record: Record = None,
    listen_host: ListenHost = "127.0.0.1",
    listen_port: ListenPort = 8080,
    dns: Dns = False,
    advertise: Advertise = None,
    dns_port: DnsPort = 53,
    https_port: HttpsPort = 443,
    http_port: HttpPort = 80,
    confdir: ConfDir = None,
    web: Web = False,
    fail_on: FailOnSeen = None,
) -> int:
    """Answer enrolment, management and Company Hub of a Windows Phone, as its MDM server.

    Point the phone's proxy (or with --dns its DNS server) at this computer, install mitmproxy's
    CA on it (http://mitm.it), and add a workplace account with any address of the domain.
    """
    from mdmcore.mitm.runner import ProxySettings

    domains = domain or ["example.test"]
    addresses = advertised(dns, advertise, listen_host)
    direct = DirectLines(domains=domains, advertised=addresses)
    settings = ProxySettings(
        scripts=(*(("mdm_legacy_tls",) if legacy_tls else ()), "mdm_emulate", "mdm_inspect"),
        host=listen_host,
        port=listen_port,
        confdir=confdir,
        record=record,
        web=web,
        options={
            "mdm_domains": domains,
            "mdm_users": user or [],
            "mdm_accounts": account or [],
            "mdm_hub": str(hub or ""),
            "mdm_aetx": str(aetx or ""),
            "mdm_profile": profile.value,
            "mdm_client_tls": client_tls,
            "mdm_state": str(state or ""),
            "mdm_advertise": advertise or "",
        },
        direct=direct_ports(dns, domains=domains, dns=dns_port, https=https_port, http=http_port),
        on_direct=direct.take,
        on_log=relay,
        on_web=lambda url: say(f"flows are shown at {url}"),
    )

    def hints(port: int) -> list[str]:
        who = "the users given may enrol" if user else "any user and password will do"
        return [
            f"answering as MDM server for {', '.join(domains)}; {who}",
            *direct.lines,
            f"set the device's proxy to this computer, port {port}; its CA is at http://mitm.it",
            "Ctrl-C ends",
        ]

    return run_live(settings, hints=hints, fail_on=fail_on)
