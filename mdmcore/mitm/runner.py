"""mitmproxy in our own process: our exit codes and messages, our scripts at their usual place.

The scripts are loaded by mitmproxy's own loader, so that they stand before its writer in the
chain and annotations reach the recorded file. Nothing is printed here: what is worth a line goes
to the callbacks. Errors of the start become ConfigError with one line.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mitmproxy import exceptions
from mitmproxy import options as mitmproxy_options
from mitmproxy.tools.dump import DumpMaster

from mdmcore.errors import ConfigError
from mdmcore.mitm.addon_path import addon_directory
from mdmcore.mitm.control import Control, OnDirect, OnListening, OnNotes
from mdmcore.mitm.direct import DirectPorts
from mdmcore.mitm.engine import Engine
from mdmcore.mitm.judging import OnInspected
from mdmcore.mitm.log_relay import LogRelay
from mdmcore.rules.life import Life
from mdmcore.rules.model import Finding

_DRAIN_S = 3.0
_MAX_LOADING_TURNS = 1000

type OnLog = Callable[[int, str], None]
"""Called with a ``logging`` level and one line, from the loop's thread or a worker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxySettings:
    """What to run. ``scripts`` are names of our addons, ``options`` further mitmproxy options.

    ``upstream`` makes it a reverse proxy for that URL, with the device's Host header kept.
    ``upstream_ca`` is a PEM file that vouches for the upstream; ``insecure`` checks nothing.
    ``confdir`` holds mitmproxy's own CA; ``None`` for its usual place. ``port`` 0: a free one.
    ``direct`` serves phones without a proxy setting, too; ``on_direct`` is told where. With
    ``upstream`` what they ask goes on to it. ``modes`` are mitmproxy's own, in the place of both;
    ``port`` may then be ``None`` for that of each mode, and ``on_notes`` hears what else a device
    must be told. ``addons`` are ready ones that stand before our scripts. ``console`` is
    mitmproxy's own interface in this terminal: leaving it ends the run, too.
    """

    scripts: tuple[str, ...]
    host: str = "127.0.0.1"
    port: int | None = 8080
    confdir: Path | None = None
    direct: DirectPorts | None = None
    modes: tuple[str, ...] = ()
    upstream: str | None = None
    upstream_ca: Path | None = None
    insecure: bool = False
    record: Path | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    addons: tuple[object, ...] = ()
    console: bool = False
    web: bool = False
    web_host: str = "127.0.0.1"
    web_port: int = 8081
    on_log: OnLog | None = None
    on_web: Callable[[str], None] | None = None
    on_direct: OnDirect | None = None
    on_inspected: OnInspected | None = None
    on_notes: OnNotes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyOutcome:
    """How it ended: where it listened, every finding of the exchanges that passed, every device.

    ``unrecorded`` counts flows that should be in the recording and could not be written.
    """

    host: str
    port: int
    findings: tuple[Finding, ...] = ()
    lives: tuple[Life, ...] = ()
    unrecorded: int = 0


async def run_proxy(
    settings: ProxySettings, *, on_listening: OnListening, stop: asyncio.Event
) -> ProxyOutcome:
    """Run until ``stop`` is set. Raises ConfigError when it cannot start; else it always ends well.

    Works in any running event loop; a second proxy in the same process must wait for the first.
    """
    with LogRelay(settings.on_log) as relay:
        master = _make_master(settings)
        control = Control(
            master,
            relay,
            on_listening=on_listening,
            on_direct=settings.on_direct if settings.direct is not None else None,
            upstream=settings.upstream,
            on_notes=settings.on_notes,
        )
        try:
            master.addons.add(*settings.addons)
            _set_options(master, settings)
            await _scripts_loaded(master, relay)
            if (engine := _engine(master)) is not None:
                engine.judging.on_inspected = settings.on_inspected
            master.addons.add(control)
            await _run_until(stop, master)
            _raise_if_failed(master, relay, settings)
        except exceptions.OptionsError as error:
            raise ConfigError(_first_line(str(error))) from None
        except OSError as error:
            raise ConfigError(_first_line(error.strerror or str(error))) from None
        finally:
            await _close(master)
        assert control.address is not None
        host, port = control.address
        if engine is None:
            return ProxyOutcome(host=host, port=port)
        return ProxyOutcome(
            host=host,
            port=port,
            findings=engine.judging.findings(),
            lives=engine.judging.lives(),
            unrecorded=engine.recorder.unrecorded,
        )


def run_until_signal(settings: ProxySettings, *, on_listening: OnListening) -> ProxyOutcome:
    """``run_proxy`` in a loop of its own, until SIGINT or SIGTERM."""

    async def main() -> ProxyOutcome:
        stop = asyncio.Event()
        with _signals_set(stop):
            return await run_proxy(settings, on_listening=on_listening, stop=stop)

    return asyncio.run(main())


@contextlib.contextmanager
def _signals_set(stop: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    try:
        yield
    finally:
        for number, handler in before.items():
            with contextlib.suppress(NotImplementedError):
                loop.remove_signal_handler(number)
            signal.signal(number, handler)


def _make_master(settings: ProxySettings) -> Any:
    options: Any = mitmproxy_options.Options()
    if settings.confdir is not None:
        options.update(confdir=str(settings.confdir))
    if settings.web:
        # Imported here: the web interface costs time that nobody else should pay.
        from mdmcore.mitm.web_master import ClosingWebMaster

        master: Any = ClosingWebMaster(options, settings.on_web)
    elif settings.console:
        from mdmcore.mitm.console_master import make_console_master

        master = make_console_master(options)
    else:
        master = DumpMaster(options, with_termlog=False, with_dumper=False)
    # It would print and exit by itself.
    errorcheck = master.addons.get("errorcheck")
    master.addons.remove(errorcheck)
    errorcheck.finish()
    return master


def _set_options(master: Any, settings: ProxySettings) -> None:
    values: dict[str, Any] = {
        "listen_host": settings.host,
        "listen_port": settings.port,
        "ssl_insecure": settings.insecure,
    }
    if settings.direct is not None:
        values |= {"mode": settings.direct.modes(settings.host), "keep_host_header": True}
    elif settings.upstream is not None:
        values |= {"mode": [f"reverse:{settings.upstream}"], "keep_host_header": True}
    elif settings.modes:
        values |= {"mode": list(settings.modes), "keep_host_header": True}
    if settings.upstream_ca is not None:
        if not settings.upstream_ca.is_file():
            raise ConfigError(f"{settings.upstream_ca}: no such file")
        values["ssl_verify_upstream_trusted_ca"] = str(settings.upstream_ca)
    if settings.web:
        values |= {
            "web_host": settings.web_host,
            "web_port": settings.web_port,
            "web_open_browser": False,
        }
    ours = dict(settings.options)
    if settings.record is not None:
        ours["mdm_record"] = str(settings.record)
    try:
        master.options.update(**values)
        # Ours are known once a script has loaded; the scripts go last.
        master.options.update_defer(**ours)
        folder = addon_directory()
        master.options.update(scripts=[str(folder / f"{name}.py") for name in settings.scripts])
    except (TypeError, KeyError, ValueError) as error:
        raise ConfigError(_first_line(str(error))) from None


async def _scripts_loaded(master: Any, relay: LogRelay) -> None:
    """mitmproxy loads scripts in tasks of their own, in the loop's next turns."""
    loader = master.addons.get("scriptloader")
    for _ in range(_MAX_LOADING_TURNS):
        if relay.first_error is not None:
            break
        if all(script.ns is not None for script in loader.addons):
            break
        await asyncio.sleep(0)
    if relay.first_error is None and master.options.deferred:
        names = ", ".join(sorted(master.options.deferred))
        raise ConfigError(f"no such option: {names}")
    _raise_engine_problem(master)
    if relay.first_error is not None:
        raise ConfigError(_first_line(relay.first_error))


async def _run_until(stop: asyncio.Event, master: Any) -> None:
    async def watch() -> None:
        await stop.wait()
        await _drain(master)
        master.shutdown()

    watching = asyncio.create_task(watch())
    try:
        await master.run()
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching


async def _drain(master: Any) -> None:
    """Listen no more, end every connection, and wait until their last events have passed: a device
    may be gone while the package that streamed to it is judged."""
    proxyserver = master.addons.get("proxyserver")
    await proxyserver.servers.update([])
    for handler in list(proxyserver.connections.values()):
        io = handler.transports.get(handler.client)
        if io is not None and io.handler is not None:
            io.handler.cancel("mdmproxy ends")
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_DRAIN_S):
            while proxyserver.connections or _is_judging(master):
                await asyncio.sleep(0.01)


async def _close(master: Any) -> None:
    """What ``Master.run`` leaves behind, also when it was never reached."""
    await _drain(master)
    loader = master.addons.get("scriptloader")
    for script in loader.addons:
        script.done()
    if (engine := _engine(master)) is not None:
        engine.done()
    legacy = master._legacy_log_events
    with contextlib.suppress(ValueError):
        legacy.uninstall()


def _raise_if_failed(master: Any, relay: LogRelay, settings: ProxySettings) -> None:
    if not relay.is_starting:
        return
    proxyserver = master.addons.get("proxyserver")
    for server in proxyserver.servers:
        error = server.last_exception
        if isinstance(error, OSError):
            cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
            reason = (cause.strerror or str(cause)).lower()
            port = server.mode.listen_port(settings.port)
            raise ConfigError(f"cannot listen on {settings.host}:{port}: {reason}")
    _raise_engine_problem(master)
    raise ConfigError(_first_line(relay.first_error or "mitmproxy did not start"))


def _is_judging(master: Any) -> bool:
    engine = master.addons.get(Engine.name)
    return isinstance(engine, Engine) and engine.judging.is_busy


def _raise_engine_problem(master: Any) -> None:
    engine = _engine(master)
    if engine is not None and engine.problem is not None:
        raise engine.problem


def _engine(master: Any) -> Engine | None:
    found = master.addons.get(Engine.name)
    return found if isinstance(found, Engine) else None


def _first_line(text: str) -> str:
    return text.strip().split("\n", 1)[0][:300]
