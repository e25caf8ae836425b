"""``mdmproxy inspect``: sit in front of a real MDM server and explain each exchange."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from mdmcore.cli.live import relay, run_live, say
from mdmcore.cli.options import (
    ConfDir,
    Disable,
    FailOnSeen,
    ListenHost,
    ListenPort,
    Profile,
    Record,
    Web,
    Weigh,
)
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
    record: Record = None,
    listen_host: ListenHost = "127.0.0.1",
    listen_port: ListenPort = 8080,
    confdir: ConfDir = None,
    web: Web = False,
    disable: Disable = None,
    severity: Weigh = None,
    fail_on: FailOnSeen = None,
) -> int:
    """Decode and judge what passes between devices and a real server; nothing is changed."""
    from mdmcore.mitm.runner import ProxySettings
    from mdmcore.rules.overrides import parse_overrides

    if upstream is not None:
        _check_upstream(upstream)
    parse_overrides(disable or (), severity or ())  # a name that does not exist is told at once
    settings = ProxySettings(
        scripts=(*(("mdm_legacy_tls",) if legacy_tls else ()), "mdm_inspect"),
        host=listen_host,
        port=listen_port,
        confdir=confdir,
        upstream=upstream,
        upstream_ca=upstream_ca,
        insecure=insecure,
        record=record,
        web=web,
        options={
            "mdm_profile": profile.value,
            "mdm_disable": disable or [],
            "mdm_severity": severity or [],
        },
        on_log=relay,
        on_web=lambda url: say(f"flows are shown at {url}"),
    )

    def hints(port: int) -> list[str]:
        if upstream is None:
            return [f"set the device's proxy to this computer, port {port}", "Ctrl-C ends"]
        return [f"passing everything on to {upstream}", "Ctrl-C ends"]

    return run_live(settings, hints=hints, fail_on=fail_on)


def _check_upstream(url: str) -> None:
    """mitmproxy's own message for a bad URL does not name our option."""
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good:
        raise ConfigError(f"--upstream {url!r}: give a URL like https://mdm.example.test")
