"""``mdmproxy replay --as-device``: the captured device's requests, sent to a server under test."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mdmcore.cli.life import machine_clock
from mdmcore.cli.live import say
from mdmcore.cli.output import binary_output, text_output, wants_colour, width_of
from mdmcore.errors import ConfigError
from mdmcore.phone.refusal import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mdmcore.cli.transport import HttpTransport
    from mdmcore.http import Exchange
    from mdmcore.inspector import Inspector
    from mdmcore.phone.keyring import Keyring
    from mdmcore.replay import Replayed, UnreachableError, User
    from mdmcore.report.diff import DiffDocument, GatheredLife


_MAX_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The server under test, and the way to it."""

    url: str
    proxy: str | None = None
    resolve: tuple[str, ...] = ()
    authorities: tuple[Path, ...] = ()
    verifies: bool = True
    timeout_s: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to come of it."""

    is_json: bool = False
    output: Path | None = None
    record: Path | None = None
    any_encoding: bool = False
    show_secrets: bool = field(default=False, repr=False)


def replay_as_device(
    life: GatheredLife,
    server: Server,
    wanted: Wanted,
    *,
    user: User | None,
    start: Callable[[], Inspector],
) -> int:
    """Replay and write what differs; 1 where something does. ``start`` makes a fresh inspector."""
    from mdmcore.replay import compare_answers, unanswered
    from mdmcore.report.diff import gather

    _check_url(server.url)
    for option, path in (("-o", wanted.output), ("--record", wanted.record)):
        if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
            raise ConfigError(f"{option} {path}: cannot be written there")
    say(f"{len(life.scenes)} exchanges of {life.life.id} are replayed with {server.url}")
    replayed = _replayed(life, server, user=user, inspector=start())
    if wanted.record is not None:
        _record(wanted.record, replayed.exchanges)
    lives = gather(replayed.exchanges, start(), server.url, show_secrets=wanted.show_secrets)
    if not lives:
        raise ConfigError(f"{server.url}: nothing that it answered belongs to a device")
    new = max(lives, key=lambda one: len(one.steps))
    diff = compare_answers(life, new, replayed, any_encoding=wanted.any_encoding)
    if replayed.strange:
        say(_strange(replayed.strange))
    if number := unanswered(life):
        say(f"{number} requests have no whole answer in the capture: not compared")
    _write(diff, wanted)
    return 1 if diff.differences else 0


def _strange(commands: tuple[str, ...]) -> str:
    """What became of commands that are not in the capture."""
    shown = ", ".join(commands[:_MAX_SHOWN])
    more = f" and {len(commands) - _MAX_SHOWN} more" if len(commands) > _MAX_SHOWN else ""
    return (
        f"commands that the captured server had not sent there: {shown}{more}; answered as "
        "elsewhere in the capture, else 404 (Get) or 406"
    )


def _replayed(
    life: GatheredLife, server: Server, *, user: User | None, inspector: Inspector
) -> Replayed:
    from mdmcore.phone.drive import run
    from mdmcore.phone.keyring import Keyring
    from mdmcore.pki.request import generate_key
    from mdmcore.replay import Tools, UnreachableError, replay

    keys = Keyring(generate_key)
    with _transport(server, keys) as transport:
        tools = Tools(
            keys=keys,
            clock=machine_clock,
            random=os.urandom,
            user=user,
            tls=lambda: transport.tls,
            on_roots=lambda roots: _trust(transport, roots),
        )
        steps = replay(life, to=server.url, name=server.url, tools=tools, inspector=inspector)
        try:
            return run(steps, transport)
        except UnreachableError as error:
            raise ConfigError(f"--to {server.url}: no answer: {_with_remedy(error)}") from None


def _transport(server: Server, keys: Keyring) -> HttpTransport:
    from mdmcore.cli.probe.plan import read_addresses
    from mdmcore.cli.transport import HttpTransport, TlsSide, Whereabouts

    return HttpTransport(
        proxy=server.proxy,
        trust=TlsSide(
            authority_pem=_authorities(server.authorities),
            trusts_system=True,
            verifies=server.verifies,
        ),
        keys=keys,
        timeout_s=server.timeout_s,
        whereabouts=Whereabouts(
            dict(read_addresses(list(server.resolve))), timeout_s=server.timeout_s
        ),
    )


def _with_remedy(error: UnreachableError) -> str:
    """The reason, and what helps where the certificate is not trusted."""
    text = str(error)
    is_about_trust = error.failure in (Failure.TLS_ROOT, Failure.TLS_ISSUER)
    return f"{text}; --upstream-ca FILE or --insecure" if is_about_trust else text


def _authorities(files: Iterable[Path]) -> str:
    from mdmcore.cli.probe.plan import read_authorities

    try:
        return read_authorities(files)
    except ConfigError as error:
        raise ConfigError(str(error).replace("--ca ", "--upstream-ca ", 1)) from None


def _trust(transport: HttpTransport, roots: Iterable[bytes]) -> None:
    """Trust the roots that the server installs, as far as they are certificates."""
    from mdmcore.cli.transport import trust_only

    for der in roots:
        pem = _pem((der,))
        with contextlib.suppress(ConfigError):
            trust_only(pem).context()
            transport.trust_also(pem)


def _pem(roots: Iterable[bytes]) -> str:
    from mdmcore.pki.authority import certificate_pem

    return "".join(certificate_pem(der).decode("ascii") for der in roots)


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        is_whole = parts.scheme in ("http", "https") and bool(parts.hostname)
        _ = parts.port
    except ValueError as error:
        raise ConfigError(f"--to {url}: {error}") from None
    if not is_whole:
        raise ConfigError(f"--to {url}: give a whole URL, such as https://mdm.acme.test")


def _record(path: Path, exchanges: Iterable[Exchange]) -> None:
    from mitmproxy.io import FlowWriter

    from mdmcore.mitm.flow_file import flow_from

    try:
        file = path.open("wb")
    except OSError as error:
        raise ConfigError(f"--record {path}: {(error.strerror or str(error)).lower()}") from None
    with file:
        writer = FlowWriter(file)
        for exchange in exchanges:
            writer.add(flow_from(exchange))


def _write(diff: DiffDocument, wanted: Wanted) -> None:
    import msgspec

    from mdmcore.report.diff import write_diff_text

    if wanted.is_json:
        with binary_output(wanted.output) as raw:
            raw.write(msgspec.json.format(msgspec.json.encode(diff)) + b"\n")
        return
    with text_output(wanted.output) as out:
        write_diff_text(out, diff, width=width_of(out), colour=wants_colour(out))
