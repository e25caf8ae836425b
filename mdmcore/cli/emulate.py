"""``mdmproxy emulate``: be the MDM server of a device that uses us as its proxy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    Report,
    Web,
)

if TYPE_CHECKING:
    from mdmcore.mitm.configuration.schema import Configuration, FaultTable

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
    profile: Annotated[
        Profile | None,
        typer.Option(help="Kind of device where it does not tell its own.", show_default="wp8"),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(help="Configuration file (TOML); the options given here win over it."),
    ] = None,
    auth_policy: Annotated[
        list[str] | None,
        typer.Option(
            metavar="OnPremise|Federated",
            help="How users may prove themselves, the preferred way first; both if not given.",
        ),
    ] = None,
    key_length: Annotated[
        int | None,
        typer.Option(help="Bits of the RSA key that GetPolicies asks for.", show_default="2048"),
    ] = None,
    digest: Annotated[
        str | None,
        typer.Option(
            "--hash",
            metavar="sha1|sha256|OID",
            help="Digest that GetPolicies asks for.",
            show_default="sha1",
        ),
    ] = None,
    ca: Annotated[
        list[Path] | None,
        typer.Option(help="Your own CA: PEM with key, certificate and chain, or one PFX."),
    ] = None,
    ca_password_file: Annotated[
        Path | None, typer.Option(help="File with the password of --ca.")
    ] = None,
    subject: Annotated[
        str | None,
        typer.Option(
            metavar="TEMPLATE",
            help="Subject of device certificates: {guid}, {serial}, {username}, {device_type}.",
            show_default="CN={guid}",
        ),
    ] = None,
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
    fault: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID[,ID...]",
            help="Make mistakes on purpose: ids of rules (mdmproxy rules), each with @STEP and "
            "*TIMES behind it if wanted.",
        ),
    ] = None,
    record: Record = None,
    report: Report = None,
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

    options = _given(
        mdm_config=config,
        mdm_domains=domain,
        mdm_users=user,
        mdm_accounts=account,
        mdm_hub=hub,
        mdm_aetx=aetx,
        mdm_profile=profile,
        mdm_auth_policies=auth_policy,
        mdm_key_length=key_length,
        mdm_hash=digest,
        mdm_ca=ca,
        mdm_ca_password_file=ca_password_file,
        mdm_subject=subject,
        mdm_faults=fault,
        mdm_state=state,
        mdm_client_tls=client_tls or None,
        mdm_advertise=advertise,
    )
    configuration = _configuration(options)
    domains = list(configuration.server.domains)
    direct = DirectLines(domains=domains, advertised=advertised(dns, advertise, listen_host))
    settings = ProxySettings(
        scripts=(*(("mdm_legacy_tls",) if legacy_tls else ()), "mdm_emulate", "mdm_inspect"),
        host=listen_host,
        port=listen_port,
        confdir=confdir,
        record=record,
        web=web,
        options=options,
        direct=direct_ports(dns, domains=domains, dns=dns_port, https=https_port, http=http_port),
        on_direct=direct.take,
        on_log=relay,
        on_web=lambda url: say(f"flows are shown at {url}"),
    )

    return run_live(settings, hints=_hints(configuration, direct), fail_on=fail_on, report=report)


def _given(**values: Any) -> dict[str, Any]:
    """The options that somebody gave, as mitmproxy takes them."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, list):
            found[name] = list(map(str, value))
        elif value is not None:
            found[name] = value if isinstance(value, int) else str(value)
    return found


def _configuration(options: Mapping[str, Any]) -> Configuration:
    """What is emulated; ConfigError when the configuration cannot be read."""
    from mdmcore.mitm.configuration.overlay import configuration_of
    from mdmcore.mitm.options import options_from

    return configuration_of(options_from(options))


def _fault_line(fault: FaultTable) -> str:
    """A mistake with what the device does then."""
    from mdmcore.rules import entry

    where = f" in step {fault.step}" if fault.step else ""
    times = f", {fault.times} time{'s' if fault.times > 1 else ''}" if fault.times else ""
    return f"{fault.id}{where}{times} (a device {entry(fault.id).reaction})"


def _hints(configuration: Configuration, direct: DirectLines) -> Callable[[int], list[str]]:
    """What to do next, once it listens."""

    server, jobs = configuration.server, len(configuration.jobs)
    scenario = f"{jobs} job{'s' if jobs > 1 else ''} for each device that enrols"

    def lines(port: int) -> list[str]:
        who = "the users given may enrol" if server.users else "any user and password will do"
        return [
            f"answering as MDM server for {', '.join(server.domains)}; {who}",
            *(f"mistake on purpose: {_fault_line(one)}" for one in configuration.faults),
            *([scenario] if jobs else []),
            *direct.lines,
            f"set the device's proxy to this computer, port {port}; its CA is at http://mitm.it",
            "Ctrl-C ends",
        ]

    return lines
