"""The listener at which connections end that are to meet a mistake below HTTP.

It listens on 127.0.0.1 from the first such connection until the engine's end, and serves nobody
but devices whose connection was announced. How a connection gets here: mitmproxy is told in
``tls_clienthello`` to let its bytes pass, and that its server is this one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import struct
import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any
from weakref import WeakSet

from mitmproxy import certs, http, tls
from mitmproxy.proxy.layers.tls import TlsEstablishedClientHook, TlsFailedClientHook
from OpenSSL import SSL

from mdmcore.mitm.guard import explain
from mdmcore.mitm.transport_faults.certificates import CertificateMaker, Issuer, ServerIdentity
from mdmcore.mitm.transport_faults.exchanges import Exchanges, Line
from mdmcore.mitm.transport_faults.passing import Passing, PassingConnections
from mdmcore.mitm.transport_faults.tls_stream import Offer, TlsStream, server_context
from mdmcore.server.faults import FaultyServer
from mdmcore.server.faults.below import domain_of_hub_host

logger = logging.getLogger(__name__)

_HOST = "127.0.0.1"
_HELLO = 65536
_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER: on, no seconds: the connection is reset when it is closed."""


class TransportListener:
    """``master`` is mitmproxy's, ``server_of`` gives the emulated server of the moment."""

    def __init__(self, master: Any, server_of: Callable[[], FaultyServer | None]) -> None:
        self._master = master
        self._server_of = server_of
        self._passing = PassingConnections()
        self._listening: asyncio.Server | None = None
        self._starting = asyncio.Lock()
        self._open: set[asyncio.StreamWriter] = set()
        self._maker: CertificateMaker | None = None
        self._flows: WeakSet[http.HTTPFlow] = WeakSet()
        self.port = 0

    def __contains__(self, flow: object) -> bool:
        """Whether the flow is of a connection that ends here."""
        return flow in self._flows

    # --- mitmproxy's side -------------------------------------------------------------------

    async def take(self, data: tls.ClientHelloData) -> bool:
        """Lead the connection here when it is to meet a mistake; whether it is."""
        server, context = self._server_of(), data.context
        address = context.server.address
        host = data.client_hello.sni or (address[0] if address else "")
        if server is None or context.client.transport_protocol != "tcp":
            return False
        if not server.answers_for(host) or not server.below(host):
            return False
        if context.server.connected:
            logger.warning("mdmproxy: no mistake below HTTP for %s: it was dialled already", host)
            return False
        await self._start()
        port = address[1] if address else 443
        self._passing.announce(Passing(context=context, host=host.lower().rstrip("."), port=port))
        context.server.via = None
        context.server.address = (_HOST, self.port)
        data.ignore_connection = True
        return True

    def dialled(self, data: Any) -> None:
        """mitmproxy has a connection to its server (``server_connected``)."""
        self._passing.dialled(data.client, data.server.sockname)

    def forget(self, client: Any) -> None:
        """A device left."""
        self._passing.forget(client)

    def close(self) -> None:
        """Stop listening and cut what is open; from the loop's thread, at once."""
        if self._listening is not None:
            self._listening.close()
            self._listening = None
        for writer in self._open:
            writer.transport.abort()

    # --- our side ---------------------------------------------------------------------------

    async def _start(self) -> None:
        async with self._starting:
            if self._listening is None:
                self._listening = await asyncio.start_server(self._serve, _HOST, 0)
                self.port = self._listening.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            # mitmproxy says whose connection it is before it sends the first byte.
            hello = await reader.read(_HELLO)
            passing = self._passing.arrived(writer.get_extra_info("peername"))
            server = self._server_of()
            if passing is not None and server is not None and hello:
                await self._converse(passing, server, reader, writer, hello)
        except (SSL.Error, OSError) as error:
            logger.debug("mdmproxy: a connection with mistakes ended: %s", error)
        except Exception as error:  # noqa: BLE001 - nobody else would hear of it
            logger.error("mdmproxy: the listener of mistakes below HTTP: %s", explain(error))
        finally:
            self._open.discard(writer)
            writer.close()

    async def _converse(
        self,
        passing: Passing,
        server: FaultyServer,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        hello: bytes,
    ) -> None:
        active = [one for one in server.below(passing.host) if one.is_for_connections]
        mistakes = frozenset(one.id for one in active)
        identity = await asyncio.to_thread(self._identity, passing.host, server, mistakes)
        context = server_context(identity, self._offer(passing.host, server, mistakes))
        for one in active:
            await asyncio.to_thread(server.made, one)
        stream = TlsStream(context, reader, writer, hello)
        if not await self._is_shaken(stream, passing):
            return
        line = Line(
            stream=stream,
            passing=passing,
            chain=identity.chain,
            reset=lambda: self._reset(passing),
        )
        await Exchanges(
            line, server=server, addons=self._master.addons, flows=self._flows.add
        ).serve()

    async def _is_shaken(self, stream: TlsStream, passing: Passing) -> bool:
        """Whether the handshake succeeds; addons hear of it either way."""
        client: Any = passing.client
        data = tls.TlsData(conn=client, context=passing.context)
        try:
            await stream.handshake()
        except (SSL.Error, OSError) as error:
            client.error = _reason(error)
            await self._master.addons.handle_lifecycle(TlsFailedClientHook(data))
            return False
        client.tls_version, client.cipher = stream.version, stream.cipher
        client.certificate_list = [certs.Cert(one) for one in stream.client_certificates()]
        client.timestamp_tls_setup = time.time()
        await self._master.addons.handle_lifecycle(TlsEstablishedClientHook(data))
        return True

    def _identity(
        self, host: str, server: FaultyServer, mistakes: Collection[str]
    ) -> ServerIdentity:
        if self._maker is None:
            store: Any = self._master.addons.get("tlsconfig").certstore
            authority = Issuer(
                certificate=store.default_ca.to_cryptography(), key=store.default_privatekey
            )
            self._maker = CertificateMaker(authority, now=datetime.now(UTC))
        settings = server.settings
        domain = settings.domain_of(host) or domain_of_hub_host(host, settings)
        return self._maker.identity(host, domain or host, mistakes)

    def _offer(self, host: str, server: FaultyServer, mistakes: Collection[str]) -> Offer:
        has_legacy = self._master.addons.get("mdm_legacy_tls") is not None
        lowest = SSL.TLS1_VERSION if has_legacy else SSL.TLS1_2_VERSION
        highest = SSL.TLS1_3_VERSION
        if "tls-too-modern" in mistakes:
            lowest = SSL.TLS1_3_VERSION
        elif "tls-too-old" in mistakes:
            lowest = highest = SSL.TLS1_VERSION
        asks = "tls-client-cert-asked-early" in mistakes or server.asks_client_certificate(host)
        return Offer(lowest=lowest, highest=highest, asks_certificate=asks)

    def _reset(self, passing: Passing) -> None:
        """Let the device's own connection, which mitmproxy holds, end by a reset."""
        proxy: Any = self._master.addons.get("proxyserver")
        for handler in list(proxy.connections.values()):
            if handler.client.id != passing.client.id:
                continue
            held = handler.transports.get(handler.client)
            writer = None if held is None else held.writer
            if writer is not None:
                with contextlib.suppress(OSError):
                    writer.get_extra_info("socket").setsockopt(
                        socket.SOL_SOCKET, socket.SO_LINGER, _RESET
                    )
                writer.transport.abort()


def _reason(error: Exception) -> str:
    """OpenSSL's words, where it has some."""
    if isinstance(error, SSL.Error) and error.args and isinstance(error.args[0], list):
        return "; ".join(str(part[-1]) for part in error.args[0])
    return str(error) or type(error).__name__
