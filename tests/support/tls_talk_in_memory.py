"""Real TLS of OpenSSL between two ends in memory: what passed, to be put into a capture.

Nothing is sent anywhere: both ends speak into buffers (``ssl.MemoryBIO``), turn by turn.
"""

from __future__ import annotations

import contextlib
import ssl
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.support.packets import CLIENT, SERVER


@dataclass(kw_only=True)
class TlsEnds:
    """A device and a server that speak TLS; ``say`` gets each turn, as (side, bytes)."""

    device: ssl.SSLContext
    server: ssl.SSLContext
    say: Callable[[str, bytes], None]
    name: str | None = "mdm.example.test"
    session: ssl.SSLSession | None = None

    def __post_init__(self) -> None:
        """Buffers and ends; nothing is said yet."""
        self._in = {CLIENT: ssl.MemoryBIO(), SERVER: ssl.MemoryBIO()}
        self._out = {CLIENT: ssl.MemoryBIO(), SERVER: ssl.MemoryBIO()}
        self.ends = {
            CLIENT: self.device.wrap_bio(
                self._in[CLIENT],
                self._out[CLIENT],
                server_hostname=self.name,
                session=self.session,
            ),
            SERVER: self.server.wrap_bio(self._in[SERVER], self._out[SERVER], server_side=True),
        }

    def shake_hands(self) -> str:
        """Until both are done, or one minds something: its words then."""
        waiting = {CLIENT, SERVER}
        for _ in range(20):
            for side in (CLIENT, SERVER):
                if side not in waiting:
                    continue
                try:
                    self.ends[side].do_handshake()
                    waiting.discard(side)
                except ssl.SSLWantReadError:
                    pass
                except ssl.SSLError as error:
                    self._pass(side)
                    return f"{side}: {error.reason}"
                self._pass(side)
            if not waiting:
                self.read(CLIENT)  # tickets of TLS 1.3, and an alert
                return ""
        raise AssertionError("the handshake does not end")

    def send(self, side: str, data: bytes) -> None:
        """One side writes, the other reads it all."""
        for at in range(0, len(data), 16_000):
            self.ends[side].write(data[at : at + 16_000])
            self._pass(side)
        other = SERVER if side == CLIENT else CLIENT
        assert self.read(other) == data

    def read(self, side: str) -> bytes:
        """What is there to read."""
        found = b""
        while True:
            try:
                block = self.ends[side].read(65536)
            except ssl.SSLWantReadError:
                return found
            if not block:
                return found
            found += block

    def close(self, side: str = CLIENT) -> None:
        """Say goodbye."""
        with contextlib.suppress(ssl.SSLWantReadError):
            self.ends[side].unwrap()
        self._pass(side)

    def _pass(self, side: str) -> None:
        data = self._out[side].read()
        if data:
            self.say(side, data)
            self._in[SERVER if side == CLIENT else CLIENT].write(data)


def device_context(
    *,
    keys: Path | None = None,
    newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
    suites: str = "ALL:@SECLEVEL=0",
    trusts: Path | None = None,
    certificate: Path | None = None,
) -> ssl.SSLContext:
    """A device's side, which writes its secrets into ``keys``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = trusts is not None
    context.verify_mode = ssl.CERT_NONE if trusts is None else ssl.CERT_REQUIRED
    if trusts is not None:
        context.load_verify_locations(trusts)
    _allow(context, newest)
    context.set_ciphers(suites)
    if keys is not None:
        context.keylog_filename = str(keys)
    if certificate is not None:
        context.load_cert_chain(certificate)
    return context


def server_context(
    chain: Path,
    *,
    newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
    suites: str = "ALL:@SECLEVEL=0",
    asks: Path | None = None,
) -> ssl.SSLContext:
    """A server's side with that chain; it asks for certificates of the CA in ``asks``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    _allow(context, newest)
    context.set_ciphers(suites)
    if asks is not None:
        context.load_verify_locations(asks)
        context.verify_mode = ssl.CERT_OPTIONAL
    return context


def _allow(context: ssl.SSLContext, newest: ssl.TLSVersion) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = newest
