"""The server's side of TLS over asyncio streams, in memory: so the bytes are ours to spoil."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from cryptography import x509
from OpenSSL import SSL

from mdmcore.mitm.tls_build import EVERYTHING
from mdmcore.mitm.transport_faults.certificates import ServerIdentity

_CHUNK = 65536
_SESSION_ID = b"mdmproxy"
_OVER = (SSL.ZeroReturnError, SSL.SysCallError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Versions (OpenSSL's numbers), and whether the device is asked for its certificate."""

    lowest: int = SSL.TLS1_VERSION
    highest: int = SSL.TLS1_3_VERSION
    asks_certificate: bool = False


def server_context(identity: ServerIdentity, offer: Offer) -> SSL.Context:
    """The context of a server that shows that certificate; HTTP/2 is not offered."""
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_cipher_list(":".join(EVERYTHING).encode())
    context.set_min_proto_version(offer.lowest)
    context.set_max_proto_version(offer.highest)
    context.set_session_id(_SESSION_ID)
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    leaf, *others = identity.chain
    context.use_certificate(leaf)
    context.use_privatekey(identity.key)
    for other in others:
        context.add_extra_chain_cert(other)
    if offer.asks_certificate:
        # Asked for and not judged here: that is the server's business.
        context.set_verify(SSL.VERIFY_PEER, lambda *_: True)
    return context


class TlsStream:
    """One connection; ``begin`` is what was read of it before. Raises SSL.Error and OSError."""

    def __init__(
        self,
        context: SSL.Context,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        begin: bytes,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._tls = SSL.Connection(context, None)
        self._tls.set_accept_state()
        self._tls.bio_write(begin)

    @property
    def version(self) -> str:
        """The version that was agreed on, as ``ssl`` names it."""
        return self._tls.get_protocol_version_name()

    @property
    def cipher(self) -> str | None:
        """The suite, as OpenSSL names it."""
        return self._tls.get_cipher_name()

    def client_certificates(self) -> tuple[x509.Certificate, ...]:
        """What the device showed, leaf first."""
        leaf = self._tls.get_peer_certificate(as_cryptography=True)
        return () if leaf is None else (leaf,)

    async def handshake(self) -> None:
        """To the end of the handshake; ConnectionError when the device leaves in it."""
        try:
            await self._until_done(self._tls.do_handshake)
        finally:
            # The alert that says why it failed, too.
            await self._flush()

    async def read(self) -> bytes:
        """What the device says next; empty at the end."""
        try:
            return await self._until_done(lambda: self._tls.recv(_CHUNK))
        except (*_OVER, ConnectionError):
            return b""

    async def write(self, data: bytes) -> None:
        """Send all of it."""
        while data:
            sent = self._tls.send(data[:_CHUNK])
            data = data[sent:]
            await self._flush()

    async def end(self) -> None:
        """Say goodbye as TLS wants it."""
        self._tls.shutdown()
        await self._flush()

    async def left(self) -> None:
        """Returns once the device is gone; what it says until then is thrown away."""
        while await self.read():
            pass

    async def _until_done[T](self, step: Callable[[], T]) -> T:
        while True:
            try:
                return step()
            except SSL.WantReadError:
                await self._flush()
                data = await self._reader.read(_CHUNK)
                if not data:
                    raise ConnectionAbortedError("the device left") from None
                self._tls.bio_write(data)

    async def _flush(self) -> None:
        while True:
            try:
                data = self._tls.bio_read(_CHUNK)
            except SSL.WantReadError:
                break
            self._writer.write(data)
        await self._writer.drain()
