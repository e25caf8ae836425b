"""``mdmproxy inspect``: sit in front of a real MDM server and explain each exchange."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from mdmcore.cli.direct import (
    Advertise,
    DirectLines,
    Dns,
    DnsPort,
    HttpPort,
    HttpsPort,
    advertised,
)
from mdmcore.cli.live import relay, run_live, say
from mdmcore.cli.options import (
    Aetx,
    ConfDir,
    Disable,
    FailOnSeen,
    ListenHost,
    Profile,
    Record,
    Report,
    Secrets,
    Web,
    Weigh,
)
from mdmcore.cli.place import Place, place_of
from mdmcore.errors import ConfigError

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(
    epilog="Example: mdmproxy inspect --upstream https://mdm.acme.test --record session.mitm",
)
def inspect(
    upstream: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="Stand in front of this server; without it be a forward proxy."
        ),
    ] = None,
    upstream_ca: Annotated[
        Path | None, typer.Option(help="PEM file of the CA that vouches for the server.")
    ] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Do not check the server's certificate.")
    ] = False,
    upstream_proxy: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="Be a forward proxy that passes everything on to this proxy."
        ),
    ] = None,
    mode: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MODE", help="A mode of mitmproxy: transparent, wireguard, socks5, local, ..."
        ),
    ] = None,
    domain: Annotated[
        list[str] | None,
        typer.Option(
            help="Domain of the server's users: with --dns enterpriseenrollment.DOMAIN resolves to "
            "us, and a forward proxy hands certificates on to its hosts alone.",
            show_default="the server's, without its first label",
        ),
    ] = None,
    legacy_tls: Annotated[
        bool,
        typer.Option(
            "--legacy-tls/--no-legacy-tls",
            help="Accept TLS 1.0 and 1.1, too, and offer no HTTP/2: old phones need it.",
        ),
    ] = True,
    profile: Annotated[
        Profile, typer.Option(help="Kind of device; auto finds it out.")
    ] = Profile.AUTO,
    state: Annotated[
        Path | None,
        typer.Option(help="Folder through which marks reach us; default: your data folder."),
    ] = None,
    pass_client_tls: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST",
            help="Let TLS to this host (or *.acme.test) pass untouched, for client certificates; "
            "the connections are still listed with what their handshakes show.",
        ),
    ] = None,
    forward_client_cert: Annotated[
        str | None,
        typer.Option(
            metavar="HEADER[=FORM]",
            help="Ask devices for their certificate and hand it to the server in this header; "
            "FORM is pem, der, xfcc or rfc9440.",
        ),
    ] = None,
    client_certs: Annotated[
        Path | None,
        typer.Option(help="PEM file with key and certificate for the server, or folder of them."),
    ] = None,
    record: Record = None,
    report: Report = None,
    listen_host: ListenHost = "127.0.0.1",
    listen_port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help="Port to listen on, 0 for a free one.", show_default="8080"
        ),
    ] = None,
    dns: Dns = False,
    advertise: Advertise = None,
    dns_port: DnsPort = 53,
    https_port: HttpsPort = 443,
    http_port: HttpPort = 80,
    confdir: ConfDir = None,
    console: Annotated[
        bool, typer.Option("--console", help="Show the flows in this terminal (mitmproxy's own).")
    ] = False,
    web: Web = False,
    aetx: Aetx = None,
    disable: Disable = None,
    severity: Weigh = None,
    secrets: Secrets = None,
    fail_on: FailOnSeen = None,
) -> int:
    """Decode and judge what passes between devices and a real server.

    Nothing is changed, but for the one header of --forward-client-cert.
    """
    from mdmcore.mitm.marks import prepare_folder
    from mdmcore.mitm.runner import ProxySettings
    from mdmcore.rules.overrides import parse_overrides

    if console and web:
        raise ConfigError("--console and --web exclude each other")
    place = place_of(
        upstream=upstream,
        upstream_proxy=upstream_proxy,
        modes=mode or (),
        domains=domain or (),
        dns=dns,
        ports=(dns_port, https_port, http_port),
    )
    parse_overrides(disable or (), severity or ())  # a name that does not exist is told at once
    if state is not None:
        prepare_folder(state)
    if secrets is not None:
        _check_secrets(secrets)
    direct = DirectLines(
        domains=list(place.dns_names),
        advertised=advertised(dns, advertise, listen_host),
        are_hosts=True,
    )
    notes: list[str] = []
    settings = ProxySettings(
        scripts=(*(("mdm_legacy_tls",) if legacy_tls else ()), "mdm_inspect"),
        host=listen_host,
        port=listen_port if listen_port is not None or mode else 8080,
        confdir=confdir,
        upstream=upstream,
        upstream_ca=upstream_ca,
        insecure=insecure,
        modes=place.modes,
        direct=place.direct,
        on_direct=direct.take,
        record=record,
        console=console,
        web=web,
        options={
            "mdm_profile": profile.value,
            "mdm_disable": disable or [],
            "mdm_severity": severity or [],
            **{
                name: str(path)
                for name, path in (("mdm_state", state), ("mdm_aetx", aetx))
                if path is not None
            },
            "mdm_secrets": "" if secrets is None else str(secrets.absolute()),
            "mdm_names": list(place.names),
            **_certificates(place, pass_client_tls or [], forward_client_cert, client_certs),
            **({"upstream_auth": place.login} if place.login else {}),
            **({"mdm_advertise": advertise} if advertise else {}),
        },
        on_log=None if console else relay,
        on_notes=notes.extend,
        on_web=lambda url: say(f"flows are shown at {url}"),
    )

    def hints(port: int) -> list[str]:
        return [*direct.lines, *place.hints(port), *notes, "Ctrl-C ends"]

    return run_live(settings, hints=hints, fail_on=fail_on, report=report)


def _check_secrets(path: Path) -> None:
    """A file that cannot be used is told at once."""
    from mdmcore.inspector.known_secrets import read_secrets

    read_secrets(path)


def _certificates(
    place: Place, passed: list[str], header: str | None, own: Path | None
) -> dict[str, Any]:
    """The options of the three ways to a server that wants a client certificate, checked here so
    that errors name what was typed. Raises ConfigError."""
    from mdmcore.mitm.certificate_header import parse_certificate_header
    from mdmcore.mitm.client_certificates import check_client_certificates
    from mdmcore.mitm.host_patterns import host_patterns

    host_patterns(passed, option="--pass-client-tls")
    found: dict[str, Any] = {"mdm_pass_client_tls": passed}
    if header is not None:
        parse_certificate_header(header, option="--forward-client-cert")
        if not place.knows_server:
            raise ConfigError("--forward-client-cert needs --upstream or --domain: to whom?")
        found["mdm_forward_client_cert"] = header
    if own is not None:
        check_client_certificates(own.expanduser(), option="--client-certs")
        found["client_certs"] = str(own)
    return found
