"""A packet capture read from its begin to its end: listed, followed in batches, told in order.

Memory is that of one batch, and of exchanges that came after the begin of a connection that is
still to be followed.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from mdmcore.capture.limits import Limits
from mdmcore.capture.pcap.connections import bare_connection
from mdmcore.capture.pcap.conversations import Conversations, Followed
from mdmcore.capture.pcap.following import batches, follow_arguments, followed
from mdmcore.capture.pcap.keys import Keys
from mdmcore.capture.pcap.streams import Stream
from mdmcore.capture.pcap.survey import Survey, survey, survey_arguments
from mdmcore.capture.pcap.tshark import Room, Run
from mdmcore.capture.pcap.undecrypted import Undecrypted
from mdmcore.capture.source import Reading
from mdmcore.http import Exchange, connection_exchange

_SECONDS = 120.0
_BYTES_A_SECOND = 256 * 1024
_UNKNOWN_BYTES = 16 * 1024 * 1024
"""Of a protocol that tshark does not know, more than this is not looked at."""
_LAST = datetime.max.replace(tzinfo=UTC)
_USUAL_PORTS = frozenset({443})
_MAX_SAID = 200
_CUT = 2
"""tshark's exit code for a file that ends in a packet, or is damaged."""
_BAD_KEY = "Error loading"


class PcapReading:
    """One pass over one capture, with the program and the keys for it."""

    def __init__(self, path: Path, program: Path, keys: Keys, limits: Limits) -> None:
        self._path = path
        self._program = program
        self._keys = keys
        self._limits = limits
        self._left = limits.total_bytes
        self._heap: list[tuple[datetime, int, Exchange]] = []
        self._number = 0

    def exchanges(self, reading: Reading) -> Iterator[Exchange]:
        """All that can be read, in the order of time; the rest goes to ``reading``."""
        seconds = _SECONDS + self._path.stat().st_size / _BYTES_A_SECOND
        with Room(self._program, seconds=seconds) as room:
            listed = self._survey(room, reading)
            undecrypted = Undecrypted(self._keys)
            conversations = Conversations(
                names=listed.names,
                undecrypted=undecrypted,
                note=lambda frame, words: reading.problem(f"frame {frame}", words),
            )
            streams = self._chosen(listed, reading)
            self._bare(listed)
            todo = list(batches(streams))
            for number, batch in enumerate(todo):
                for one in self._follow(room, batch, reading):
                    self._take(one, conversations)
                following = todo[number + 1][0].opened if number + 1 < len(todo) else _LAST
                yield from self._ready(following, reading)
            yield from self._ready(_LAST, reading)
            for place, words in undecrypted.problems():
                reading.problem(place, words)
            if conversations.passed_over:
                reading.passed_over["tcp"] += conversations.passed_over

    def _arguments(self, room: Room) -> list[str]:
        # TLS and HTTP are told by their content, whatever the port.
        usual = ["-r", str(self._path.absolute()), "-o", "tcp.try_heuristic_first:TRUE"]
        return usual + self._keys.arguments(room)

    def _survey(self, room: Room, reading: Reading) -> Survey:
        with room.run([*self._arguments(room), *survey_arguments()]) as run:
            found = survey(run.lines, self._limits)
        _tell_of_run(run, f"frame {found.last_frame}", reading)
        if found.unlisted:
            count = len(found.unlisted)
            reading.problem(
                f"connection {self._limits.entries}",
                f"{count} more connections than the {self._limits.entries} that are read",
            )
        if found.quic:
            reading.passed_over["quic"] += len(found.quic)
        return found

    def _chosen(self, listed: Survey, reading: Reading) -> list[Stream]:
        """The connections that are followed: what may be ours, within the limits."""
        chosen = []
        for stream in listed.streams.values():
            is_ours = stream.has_tls or stream.has_http
            if not stream.size:
                continue
            if not is_ours and (stream.has_other or stream.size > _UNKNOWN_BYTES):
                reading.passed_over["tcp"] += 1
            elif stream.size > self._limits.entry_bytes or stream.size > self._left:
                reading.problem(
                    stream.place,
                    f"the connection {stream.words} carries {stream.size} bytes, more than is "
                    "read: it is left out",
                )
            else:
                self._left -= stream.size
                chosen.append(stream)
            self._tell_of_loss(stream, reading, is_ours=is_ours)
        return chosen

    def _tell_of_loss(self, stream: Stream, reading: Reading, *, is_ours: bool) -> None:
        if not is_ours:
            return
        if stream.cut:
            reading.problem(
                f"frame {stream.hurt_at}",
                f"of {stream.cut} frames of the connection {stream.words} only the beginning was "
                "kept: capture whole frames (tcpdump -s 0)",
            )
        elif stream.lost:
            reading.problem(
                f"frame {stream.hurt_at}",
                f"frames of the connection {stream.words} are missing in the capture",
            )

    def _bare(self, listed: Survey) -> None:
        """Connections over which nothing came, at ports that others speak TLS on."""
        streams = listed.streams.values()
        ports = _USUAL_PORTS | {_server_port(one) for one in streams if one.has_tls}
        for stream in streams:
            if not stream.size and stream.client is not None and _server_port(stream) in ports:
                address = stream.ends[1 - stream.client][0]
                connection = bare_connection(stream, listed.names.get(address, address))
                self._push(
                    connection_exchange(connection, id="", index=0, capture=""), stream.opened
                )

    def _follow(self, room: Room, batch: list[Stream], reading: Reading) -> Iterator[Followed]:
        with room.run([*self._arguments(room), *follow_arguments(batch)]) as run:
            for stream, raw, inside in followed(batch, run.lines):
                yield Followed(stream=stream, raw=raw, inside=inside)
        if run.was_stopped:
            _tell_of_run(run, batch[0].place, reading)

    def _take(self, one: Followed, conversations: Conversations) -> None:
        time = one.stream.opened
        for exchange in conversations.exchanges(one):
            # What a connection asks for is told behind its first exchange, as it is live.
            if exchange.connection is None or not exchange.connection.requests:
                time = exchange.started or one.stream.opened
            self._push(exchange, time)

    def _push(self, exchange: Exchange, time: datetime) -> None:
        self._number += 1
        heapq.heappush(self._heap, (time, self._number, exchange))

    def _ready(self, until: datetime, reading: Reading) -> Iterator[Exchange]:
        """What begins before any connection that is still to be followed."""
        while self._heap and self._heap[0][0] <= until:
            exchange = heapq.heappop(self._heap)[2]
            index = reading.next_index()
            yield replace(
                exchange, id=reading.exchange_id(index), index=index, capture=reading.name
            )


def _server_port(stream: Stream) -> int:
    return stream.ends[1 - (stream.client or 0)][1]


def _tell_of_run(run: Run, place: str, reading: Reading) -> None:
    """Where tshark did not come to the end of the file, and why."""
    if run.was_stopped:
        reading.problem(place, "tshark took too long and was stopped there")
    elif run.code:
        said = next(iter(run.said), f"exit code {run.code}")
        what = "the capture is not whole" if run.code == _CUT else "tshark failed"
        reading.problem(place, f"{what}: {said[:_MAX_SAID]}")
    for said in run.said:
        if said.startswith(_BAD_KEY):
            reading.problem(place, f"tshark cannot use the key: {said[:_MAX_SAID]}")
