"""What one connection is: HTTP in the clear, TLS, a tunnel through a proxy, or nothing of ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mdmcore.capture.http1_stream import find_answer, find_request, is_http
from mdmcore.capture.pcap.connections import tls_connection
from mdmcore.capture.pcap.directions import Direction, direction_of
from mdmcore.capture.pcap.exchanges import Conversation, Note, exchanges_of
from mdmcore.capture.pcap.follow import Document, Piece
from mdmcore.capture.pcap.handshakes import Handshake, is_tls, watched
from mdmcore.capture.pcap.pairing import Tunnel, talk
from mdmcore.capture.pcap.places import Target, authority
from mdmcore.capture.pcap.streams import Stream
from mdmcore.capture.pcap.undecrypted import Undecrypted
from mdmcore.http import Exchange, connection_exchange

_HTTP2 = b"PRI * HTTP/2.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A connection with its bytes: of TCP, and decrypted of TLS. Peers are its ends."""

    stream: Stream
    raw: Document
    inside: Document


@dataclass(slots=True, kw_only=True)
class Conversations:
    """Reads them one by one. ``names`` are hosts by their addresses; ``passed_over`` counts those
    that are no HTTP; ``http2`` are hosts of those that cannot be read."""

    names: Mapping[str, str]
    undecrypted: Undecrypted
    note: Note
    passed_over: int = 0

    def exchanges(self, one: Followed) -> Iterator[Exchange]:
        """What was asked over a connection, or the connection itself."""
        pieces = one.raw.pieces
        client_end = self._client_end(one, pieces)
        if is_tls(pieces):
            yield from self._tls(one, client_end, None, skip=(0, 0))
            return
        client, server = _directions(pieces, client_end)
        if client.data.startswith(_HTTP2):
            self._tell_http2(one.stream, self._name(one.stream, client_end))
        elif _is_talk(client, server, one.stream):
            target = self._target("http", one.stream, client_end)
            yield from self._http(one, client, server, client_end, target)
        elif one.stream.has_tls:  # the capture begins inside a record
            yield from self._tls(one, client_end, None, skip=(0, 0))
        else:
            self.passed_over += 1

    def _http(
        self,
        one: Followed,
        client: Direction,
        server: Direction,
        client_end: int,
        target: Target,
    ) -> Iterator[Exchange]:
        talked = talk(client, server)
        for frame, words in talked.troubles:
            self.note(frame, words)
        pairs = talked.pairs
        if talked.tunnel is not None:
            pairs = pairs[:-1]
        conversation = Conversation(
            stream=one.stream,
            client=client,
            server=server,
            client_end=client_end,
            target=target,
        )
        yield from exchanges_of(conversation, pairs, self.note)
        if talked.tunnel is not None:
            yield from self._tunnel(one, talked.tunnel, client_end)
        elif talked.switched:
            self.passed_over += 1

    def _tunnel(self, one: Followed, tunnel: Tunnel, client_end: int) -> Iterator[Exchange]:
        """What passed behind a CONNECT."""
        skip = (tunnel.client, tunnel.server)[:: 1 if client_end == 0 else -1]
        rest = [_rest(one.raw.pieces, end, skip[end]) for end in (0, 1)]
        client, server = rest[client_end], rest[1 - client_end]
        name, port = authority(tunnel.target)
        if client.data[:2] == b"\x16\x03" or not client.data:
            target = self._target("https", one.stream, client_end, name=name, port=port or 443)
            yield from self._tls(one, client_end, target, skip=(skip[0], skip[1]))
        elif _is_talk(client, server, one.stream):
            target = self._target("http", one.stream, client_end, name=name, port=port or 80)
            yield from self._http(one, client, server, client_end, target)
        else:
            self.passed_over += 1

    def _tls(
        self, one: Followed, client_end: int, target: Target | None, *, skip: tuple[int, int]
    ) -> Iterator[Exchange]:
        stream = one.stream
        handshake = watched(
            one.raw.pieces, stream, client_end, skip=skip, has_data=bool(one.inside.pieces)
        )
        if target is None:
            target = self._target("https", stream, client_end, name=handshake.name)
        elif handshake.name:
            target = Target(
                scheme="https", server=target.server, name=handshake.name, port=target.port
            )
        self.undecrypted.take(stream, target.host, handshake)
        found = list(self._decrypted(one, client_end, target, handshake))
        yield from found
        if not found or handshake.seen.is_asked:
            connection = tls_connection(stream, client_end, target, handshake, requests=len(found))
            yield connection_exchange(connection, id="", index=0, capture="", tls=handshake.facts)

    def _decrypted(
        self, one: Followed, client_end: int, target: Target, handshake: Handshake
    ) -> Iterator[Exchange]:
        client, server = _directions(one.inside.pieces, client_end)
        if client.data.startswith(_HTTP2):
            self._tell_http2(one.stream, target.host)
            return
        talked = talk(client, server)
        for frame, words in talked.troubles:
            self.note(frame, words)
        conversation = Conversation(
            stream=one.stream,
            client=client,
            server=server,
            client_end=client_end,
            target=target,
            tls=handshake.facts,
        )
        yield from exchanges_of(conversation, talked.pairs, self.note)

    def _target(
        self, scheme: str, stream: Stream, client_end: int, *, name: str = "", port: int = 0
    ) -> Target:
        server = stream.ends[1 - client_end]
        if scheme == "https":
            name = name or self.names.get(server[0], "")
        return Target(scheme=scheme, server=server, name=name, port=port)

    def _name(self, stream: Stream, client_end: int) -> str:
        address = stream.ends[1 - client_end][0]
        return self.names.get(address, address)

    def _client_end(self, one: Followed, pieces: list[Piece]) -> int:
        """Which end is the device: it opened the connection, or speaks as one that asks."""
        if one.stream.client is not None:
            return one.stream.client
        for piece in pieces[:50]:
            if piece.data[:1] == b"\x16" and len(piece.data) > 5 and piece.data[5] in (1, 2):
                return piece.peer if piece.data[5] == 1 else 1 - piece.peer
            if find_answer(piece.data, 0) is not None:
                return 1 - piece.peer
            if find_request(piece.data, 0) is not None:
                return piece.peer
        ports = [port for _, port in one.stream.ends]
        return 0 if ports[0] >= ports[1] else 1

    def _tell_http2(self, stream: Stream, host: str) -> None:
        self.note(
            stream.first_frame,
            f"the connection {stream.words} ({host}) speaks HTTP/2, which is not read in packet "
            "captures: let the device or the proxy speak HTTP/1.1",
        )


def _directions(pieces: list[Piece], client_end: int) -> tuple[Direction, Direction]:
    client = direction_of(one for one in pieces if one.peer == client_end)
    return client, direction_of(one for one in pieces if one.peer != client_end)


def _rest(pieces: list[Piece], end: int, skip: int) -> Direction:
    return direction_of((one for one in pieces if one.peer == end), skip=skip)


def _is_talk(client: Direction, server: Direction, stream: Stream) -> bool:
    """Whether these are requests and answers; a capture may begin inside one."""
    if is_http(client.data) or (not client.data and is_http(server.data)):
        return True
    if stream.client is not None and not stream.cut and not stream.lost:
        return stream.has_http and find_request(client.data, 0) is not None
    return (
        find_request(client.data, 0, client.is_begin) is not None
        or find_answer(server.data, 0, server.is_begin) is not None
    )
