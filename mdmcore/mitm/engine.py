"""The one engine of a mitmproxy master: what all our addons share, and what outlives a reload.

It is an addon of its own at the end of the chain, made by the first script that loads. It
declares the options, holds the emulated server with its state, the inspector and the hub origin.
mitmproxy runs a script again when its file changes; the engine stays.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mitmproxy import connection, exceptions, tls

from mdmcore.errors import ConfigError
from mdmcore.http import Request, Response, TlsFacts
from mdmcore.mitm.addresses import Address
from mdmcore.mitm.authority_file import read_authority
from mdmcore.mitm.commands import Commands
from mdmcore.mitm.configuration import Configuration, settings_of
from mdmcore.mitm.configuration.faults import standing_faults
from mdmcore.mitm.configuration.overlay import configuration_of
from mdmcore.mitm.configuration.schema import AuthorityTable
from mdmcore.mitm.dns_answers import advertised_addresses
from mdmcore.mitm.guard import guarded
from mdmcore.mitm.hub_origin import HubOrigin
from mdmcore.mitm.hub_redirect import HubRedirects
from mdmcore.mitm.judging import Judging, judge_settings
from mdmcore.mitm.lazy_connections import prefer_lazy
from mdmcore.mitm.legs import Legs, legs_for
from mdmcore.mitm.marks import Marks
from mdmcore.mitm.options import (
    OPTION_NAMES,
    PROFILES,
    MdmOptions,
    declare_options,
    read_options,
)
from mdmcore.mitm.order import KeyedLocks, device_key
from mdmcore.mitm.recorder import Recorder
from mdmcore.mitm.state import State, default_state_folder, open_state
from mdmcore.mitm.tls_failures import TlsFailures
from mdmcore.mitm.transport_faults import TransportListener
from mdmcore.server import MdmServer
from mdmcore.server.faults import ActiveFaults, FaultyServer, Tools
from mdmcore.server.management import Checkpoint

if TYPE_CHECKING:
    from mdmcore.store import Database

logger = logging.getLogger(__name__)


def utc_now() -> datetime:
    """The clock of the live server."""
    return datetime.now(UTC)


def engine_of(master: Any) -> Engine:
    """The master's engine, made when there is none yet."""
    found = master.addons.get(Engine.name)
    if not isinstance(found, Engine):
        found = Engine(master)
        # It has its last say before the recording is closed.
        master.addons.add(found.marks)
        master.addons.add(found)
        # Before whoever adds flows of our own: what is judged first is recorded first.
        master.addons.add(found.recorder)
        master.addons.add(Commands(master, found))
    return found


def _with_faults(server: MdmServer, configuration: Configuration, state: State) -> FaultyServer:
    """The server, and the mistakes that it was and will be told to make."""
    tools = Tools(
        settings=server.settings,
        authority=state.authority,
        store=state.database,
        clock=utc_now,
        random=secrets.token_bytes,
    )
    active = ActiveFaults(
        standing_faults(configuration.faults),
        orders=state.database.fault_orders,
        spend=state.database.spend_fault,
    )
    for one in active.now():
        logger.info("mdmproxy: the mistake %s is made on purpose", one.id)
    return FaultyServer(server, tools, active)


class Engine:
    """Shared by our addons; every method runs on the event loop's thread."""

    name = "mdmproxy-engine"

    def __init__(self, master: Any) -> None:
        self._master = master
        self._is_running = False
        self._wants_server = False
        self._options: MdmOptions | None = None
        self._state: State | None = None
        self._opened_with: tuple[str, AuthorityTable] | None = None
        self._order = KeyedLocks()
        self.server: FaultyServer | None = None
        self.hub_origin: HubOrigin | None = None
        self.redirects = HubRedirects()
        self.recorder = Recorder()
        self.marks = Marks(master, self._state_folder)
        self.below = TransportListener(master, lambda: self.server)
        self._tls_failures = TlsFailures()
        self.legs = Legs()
        self.judging = Judging(lambda: utc_now())
        self._recorded = ""
        self.checkpoint: Checkpoint | None = None
        """For the server that is built next (``MdmServer``); nothing of ours sets it."""
        self.problem: ConfigError | None = None
        """Why the options given at the start cannot be used; the runner turns it into exit 2."""

    # --- mitmproxy's events -----------------------------------------------------------------

    def load(self, loader: Any) -> None:
        """Declare the options."""
        declare_options(loader)

    def configure(self, updated: set[str]) -> None:
        """Take over changed options. One log line at the start, OptionsError when running."""
        if not updated & OPTION_NAMES:
            return
        try:
            self._take(read_options(self._master.options))
        except (ConfigError, exceptions.OptionsError) as error:
            if self._is_running:
                raise exceptions.OptionsError(str(error)) from None
            if self.problem is None or str(self.problem) != str(error):
                self.problem = ConfigError(str(error))
                logger.error("mdmproxy: %s", error)
        else:
            self.problem = None

    def running(self) -> None:
        """From now on a bad option is refused instead of ending the start."""
        self._is_running = True

    def done(self) -> None:
        """Give everything back; a later use opens it again."""
        self._is_running = False
        self._options = None
        self._recorded = ""
        self.server = None
        self._close_origin()
        self.below.close()
        self.marks.stop()
        self.judging.end(self.recorder)
        self.recorder.stop()
        if self._state is not None:
            self._state.database.close()
            self._state = None

    @guarded
    def tls_clienthello(self, data: tls.ClientHelloData) -> None:
        """Remember what the device offers."""
        self._tls_failures.heard(data)

    @guarded
    def tls_established_client(self, data: tls.TlsData) -> None:
        """Forget it: the handshake ended well."""
        self._tls_failures.forget(data.context.client)

    @guarded
    def tls_failed_client(self, data: tls.TlsData) -> None:
        """Say why a device cannot connect."""
        self._tls_failures.failed(data)

    @guarded
    def client_disconnected(self, client: connection.Client) -> None:
        """A device left, perhaps in the middle of its handshake."""
        self._tls_failures.forget(client)

    # --- what the addons use ----------------------------------------------------------------

    def want_server(self) -> None:
        """Build the emulated server with the next options; without this no state is made."""
        if not self._wants_server:
            self._wants_server = True
            self._options = None

    def prefer_lazy(self) -> None:
        """Let no upstream be dialled before a request is seen, unless the user chose otherwise."""
        prefer_lazy(self._master.options)

    def advertised(self) -> tuple[Address, ...]:
        """The addresses that our hosts have in DNS. Raises ConfigError when none is known."""
        advertise = None if self._options is None else self._options.advertise
        return advertised_addresses(advertise or "", self._master.options.listen_host)

    def answers_for(self, host: str) -> bool:
        """Whether the emulated server answers for that host."""
        return self.server is not None and self.server.answers_for(host)

    def asks_client_certificate(self, host: str) -> bool:
        """Whether a connection to that host is to be asked for a client certificate."""
        return self.server is not None and self.server.asks_client_certificate(host)

    async def answer(
        self, request: Request, peer: str | None, tls: TlsFacts | None = None
    ) -> Response:
        """The emulated server's answer, made in a thread; one device's messages in order."""
        server = self.server
        if server is None:
            raise ConfigError("the emulated server is not running")
        key = await asyncio.to_thread(device_key, request, peer)
        async with self._order.hold(key):
            return await asyncio.to_thread(server.answer, request, tls)

    @property
    def store(self) -> Database | None:
        """The emulated server's state; ``None`` where none runs."""
        return None if self._state is None else self._state.database

    def _state_folder(self) -> Path:
        """That of the emulated server; where none runs, the one that is chosen for it."""
        if self._state is not None:
            return self._state.folder
        chosen = self._options.state if self._options is not None else None
        return Path(chosen).expanduser() if chosen else default_state_folder()

    # --- options ----------------------------------------------------------------------------

    def _take(self, new: MdmOptions) -> None:
        old = self._options
        if new == old:
            return
        # mitmproxy itself checks choices only where a person types them.
        if new.profile is not None and new.profile not in PROFILES:
            raise ConfigError(f"mdm_profile is {new.profile!r}: use {', '.join(PROFILES)}")
        if new.advertise:
            advertised_addresses(new.advertise, "")
        self.legs = legs_for(new, self.legs)
        profile, aetx = new.profile or "auto", new.aetx or ""
        if self._wants_server:
            configuration = configuration_of(new)
            profile, aetx = configuration.server.profile, configuration.hub.aetx
            self._build_server(configuration, source=new.config or "")
        self.judging.take(judge_settings(new, profile=profile, aetx=aetx))
        self._record(new.record or "")
        self._options = new

    def _build_server(self, configuration: Configuration, *, source: str) -> None:
        settings = settings_of(configuration, source=source)
        state = self._opened(configuration)
        if self._state is not None and state is not self._state:
            self._state.database.close()
        self._state = state
        # For whoever queues jobs beside us.
        state.database.keep_server_facts(settings.facts(settings.domains[0]))
        if state.authority.not_after - utc_now() <= timedelta(days=settings.renewal_period_days):
            logger.warning(
                "mdmproxy: the CA ends on %s, inside the renewal period: devices renew at once",
                state.authority.not_after.date(),
            )
        server = MdmServer(
            settings,
            authority=state.authority,
            store=state.database,
            clock=utc_now,
            random=secrets.token_bytes,
            checkpoint=self.checkpoint,
        )
        self.server = _with_faults(server, configuration, state)
        self._close_origin()
        if settings.hub is not None:
            self.hub_origin = HubOrigin(settings.hub.package, token=secrets.token_urlsafe(32))

    def _opened(self, configuration: Configuration) -> State:
        """The state for the configuration: that of before where neither folder nor CA changed."""
        chosen, table = configuration.server.state, configuration.authority
        if self._state is not None and self._opened_with == (chosen, table):
            return self._state
        authority = read_authority(table, now=utc_now())
        folder = Path(chosen).expanduser() if chosen else default_state_folder()
        state = open_state(folder, authority=authority, clock=utc_now, random=secrets.token_bytes)
        self._opened_with = (chosen, table)
        return state

    def _record(self, path: str) -> None:
        """Write flows there from now on, with our annotations; nowhere for an empty path."""
        chosen = getattr(self._master.options, "save_stream_file", None)
        if path and chosen and Path(chosen.removeprefix("+")) == Path(path):
            raise ConfigError(f"mdm_record and -w both name {path}: use one of them")
        if path != self._recorded:
            self._recorded = ""
            self.recorder.stop()
            if path:
                self.recorder.start(Path(path).expanduser())
            self._recorded = path

    def _close_origin(self) -> None:
        if self.hub_origin is not None:
            self.hub_origin.close()
            self.hub_origin = None
