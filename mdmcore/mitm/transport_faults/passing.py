"""Connections on their way from mitmproxy to the listener: whose they are, and for which host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mitmproxy import connection
from mitmproxy.proxy.context import Context

_MAX_WAITING = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """A device's connection: ``context`` is mitmproxy's, ``host`` and ``port`` whom it means."""

    context: Context
    host: str
    port: int

    @property
    def client(self) -> connection.Client:
        """The device's side."""
        return self.context.client


class PassingConnections:
    """First known by the device's connection, then by the address that mitmproxy dials from.

    A connection to the listener that is not announced here is somebody else's.
    """

    def __init__(self) -> None:
        self._by_client: dict[str, Passing] = {}
        self._by_address: dict[tuple[str, int], Passing] = {}

    def announce(self, passing: Passing) -> None:
        """It was told to go to the listener."""
        self._by_client[passing.client.id] = passing
        while len(self._by_client) > _MAX_WAITING:
            del self._by_client[next(iter(self._by_client))]

    def dialled(self, client: connection.Client, sockname: Any) -> None:
        """mitmproxy dialled for that device, from that address."""
        passing = self._by_client.pop(client.id, None)
        if passing is not None and sockname is not None:
            self._by_address[sockname[:2]] = passing

    def forget(self, client: connection.Client) -> None:
        """The device is gone."""
        self._by_client.pop(client.id, None)
        gone = [key for key, one in self._by_address.items() if one.client.id == client.id]
        for key in gone:
            del self._by_address[key]

    def arrived(self, peername: Any) -> Passing | None:
        """The connection that comes from that address, ``None`` for a stranger's."""
        return None if peername is None else self._by_address.pop(peername[:2], None)
