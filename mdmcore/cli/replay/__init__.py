"""``mdmproxy replay``: a capture once more, as the device or as the server.

The command line is here; the life is found in ``captured``, replayed in ``as_device`` and
``as_server``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mdmcore.cli.captures import given_options
from mdmcore.cli.options import (
    ConfDir,
    FailOnSeen,
    Format,
    KeyLog,
    ListenHost,
    ListenPort,
    MaxEntries,
    MaxEntry,
    MaxRatio,
    MaxTotal,
    Output,
    OutputFormat,
    Password,
    Report,
    RsaKeys,
    Secrets,
    Web,
)
from mdmcore.cli.replay.captured import captured_life
from mdmcore.errors import ConfigError

if TYPE_CHECKING:
    from mdmcore.replay import User

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(
    epilog="Example: mdmproxy replay day.mitm --as-device --to https://test.acme.test",
)
def replay(
    capture: Annotated[
        Path, typer.Argument(metavar="CAPTURE", help="Whatever mdmproxy analyze reads.")
    ],
    as_device: Annotated[
        bool,
        typer.Option("--as-device", help="Send the device's requests to a server under test."),
    ] = False,
    as_server: Annotated[
        bool, typer.Option("--as-server", help="Serve the server's answers to a device.")
    ] = False,
    life: Annotated[
        str | None,
        typer.Option(
            metavar="ID", help="Which device, where there are several: life, address or device id."
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(metavar="URL", help="As device: the server under test."),
    ] = None,
    user: Annotated[
        str | None,
        typer.Option(
            metavar="NAME:PASSWORD", help="As device: who enrols instead of the captured user."
        ),
    ] = None,
    proxy: Annotated[
        str | None, typer.Option(metavar="URL", help="As device: go through this HTTP proxy.")
    ] = None,
    resolve: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST:IP[:PORT]", help="As device: where a host is, instead of asking DNS."
        ),
    ] = None,
    upstream_ca: Annotated[
        list[Path] | None,
        typer.Option(help="As device: PEM file of the CA that vouches for the server."),
    ] = None,
    insecure: Annotated[
        bool,
        typer.Option("--insecure", help="As device: do not check the server's certificate."),
    ] = False,
    timeout: Annotated[
        float,
        typer.Option(min=0.1, max=600, help="As device: seconds to wait for an answer."),
    ] = 30.0,
    any_encoding: Annotated[
        bool,
        typer.Option("--any-encoding", help="As device: XML or WBXML is no difference."),
    ] = False,
    format: OutputFormat = Format.TEXT,
    output: Output = None,
    show_secrets: Annotated[
        bool, typer.Option("--show-secrets", help="Do not mask passwords, secrets and nonces.")
    ] = False,
    record: Annotated[
        Path | None,
        typer.Option(help="Write the new exchanges as mitmproxy flows to this file."),
    ] = None,
    listen_host: ListenHost = "127.0.0.1",
    listen_port: ListenPort = 8080,
    confdir: ConfDir = None,
    legacy_tls: Annotated[
        bool,
        typer.Option(
            "--legacy-tls/--no-legacy-tls",
            help="As server: accept TLS 1.0 and 1.1, too, and offer no HTTP/2.",
        ),
    ] = True,
    web: Web = False,
    report: Report = None,
    fail_on: FailOnSeen = None,
    secrets: Secrets = None,
    password: Password = None,
    max_entry: MaxEntry = None,
    max_total: MaxTotal = None,
    max_entries: MaxEntries = None,
    max_ratio: MaxRatio = None,
    key_log: KeyLog = None,
    rsa_key: RsaKeys = None,
) -> int:
    """Replay a captured life: as its device against a server, or as its server for a device.

    Ids, nonces, digests, certificates and URLs are made anew, so that the other side accepts them.
    As device it says what the server under test answers differently; what the capture has on other
    hosts is asked at --to. As server it answers for the captured hosts, through the proxy.

    Exit code with --as-device: 0 the answers are the same but for names, ids, times, keys and
    nonces; 1 something differs; 2 the capture cannot be replayed, or the server gives no answer.
    """
    from mdmcore.inspector import Inspector
    from mdmcore.inspector.known_secrets import NO_SECRETS, read_secrets

    if as_device == as_server:
        raise ConfigError("say which side to be: --as-device --to URL, or --as-server")
    if as_device and to is None:
        raise ConfigError("--as-device needs --to URL, the server under test")
    if as_server and (to is not None or user is not None):
        raise ConfigError("--to and --user go with --as-device")
    who = None if user is None else _user(user)
    known = NO_SECRETS if secrets is None else read_secrets(secrets)
    options = given_options(
        password=password,
        max_entry=max_entry,
        max_total=max_total,
        max_entries=max_entries,
        max_ratio=max_ratio,
        key_log=key_log,
        rsa_key=rsa_key,
    )
    found, is_whole = captured_life(
        capture, wanted=life, options=options, secrets=known, show_secrets=show_secrets
    )
    if as_server:
        from mdmcore.cli.replay.as_server import Listening, replay_as_server

        return replay_as_server(
            found,
            Listening(
                host=listen_host,
                port=listen_port,
                confdir=confdir,
                record=record,
                report=report,
                web=web,
                legacy_tls=legacy_tls,
                fail_on=fail_on,
            ),
        )
    from mdmcore.cli.replay.as_device import Server, Wanted, replay_as_device

    code = replay_as_device(
        found,
        Server(
            url=to or "",
            proxy=proxy,
            resolve=tuple(resolve or ()),
            authorities=tuple(upstream_ca or ()),
            verifies=not insecure,
            timeout_s=timeout,
        ),
        Wanted(
            is_json=format is Format.JSON,
            output=output,
            record=record,
            any_encoding=any_encoding,
            show_secrets=show_secrets,
        ),
        user=who,
        start=lambda: Inspector(secrets=known, show_secrets=show_secrets),
    )
    return code if is_whole else 2


def _user(text: str) -> User:
    from mdmcore.replay import User

    name, colon, password = text.partition(":")
    if not colon or not name:
        raise ConfigError("--user: use NAME:PASSWORD")
    return User(name=name, password=password)
