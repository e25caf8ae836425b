"""Requests and their answers on one connection: kept alive, pipelined, cut, begun in the middle.

Source: RFC 9112 sections 6.3 and 9.3. Answers come in the order of the requests; where bytes are
missing on the server's side, an answer belongs to the latest request before it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from mdmcore.capture.http1_stream import (
    StreamedMessage,
    find_answer,
    find_request,
    read_answer,
    read_request,
)
from mdmcore.capture.pcap.directions import Direction
from mdmcore.errors import ParseError

_SWITCHING = 101


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A request and its answer; ``is_lost``: the answer is one that the capture does not hold."""

    request: StreamedMessage
    answer: StreamedMessage | None = None
    is_lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tunnel:
    """Where the device's and the server's bytes behind a CONNECT, or another protocol that was
    switched to, begin; ``target`` is what the CONNECT named."""

    target: str
    client: int
    server: int


@dataclass(slots=True, kw_only=True)
class Talked:
    """``troubles`` are frame and words of what could not be read."""

    pairs: list[Pair] = field(default_factory=list)
    troubles: list[tuple[int, str]] = field(default_factory=list)
    tunnel: Tunnel | None = None
    switched: str = ""


class _Requests:
    """The device's side, read up to each CONNECT until its answer is known."""

    def __init__(self, direction: Direction, talked: Talked) -> None:
        self._direction = direction
        self._talked = talked
        self._at = 0
        self.pending: deque[StreamedMessage] = deque()

    def read_on(self) -> None:
        """Take all requests up to the next CONNECT, with it."""
        for request in self._read():
            self.pending.append(request)
            if _method(request) == "CONNECT":
                return

    def _read(self) -> Iterator[StreamedMessage]:
        data = self._direction.data
        while (start := find_request(data, self._at, self._direction.is_begin)) is not None:
            self._skipped(start)
            request = _read(self._talked, self._direction, start, None)
            if request is None:
                self._at = len(data)
                return
            self._at = request.end
            yield request
        self._skipped(len(data))
        self._at = len(data)

    def _skipped(self, start: int) -> None:
        _note_skipped(self._talked, self._direction, self._at, start, "device")


def talk(client: Direction, server: Direction) -> Talked:
    """What was asked and answered."""
    talked = Talked()
    requests = _Requests(client, talked)
    requests.read_on()
    at = 0
    while (start := find_answer(server.data, at, server.is_begin)) is not None:
        _note_skipped(talked, server, at, start, "server")
        if (
            server.hole_in(at, start) is not None
            or (at and start - at > 4)
            or (
                talked.pairs and (last := talked.pairs[-1].answer) is not None and not last.is_whole
            )
        ):
            _give_up(talked, requests, client, server, start)
        request = _asked(requests, client, server, start)
        method = "" if request is None else _method(request)
        answer = _read(talked, server, start, method)
        if answer is None:
            at = len(server.data)
            break
        at = answer.end
        status = answer.message.status()
        if request is None:
            if status >= 200:
                frame = server.frame_at(start)
                talked.troubles.append((frame, "an answer whose request is not in the capture"))
            continue
        if status < 200 and status != _SWITCHING:
            continue
        requests.pending.popleft()
        talked.pairs.append(Pair(request=request, answer=answer))
        if status == _SWITCHING:
            talked.switched = answer.message.headers.get("Upgrade") or "another protocol"
            at = len(server.data)
            break
        if method == "CONNECT":
            if 200 <= status < 300:
                target = request.message.request_line()[1]
                talked.tunnel = Tunnel(target=target, client=request.end, server=answer.end)
                return talked
            requests.read_on()
    _note_skipped(talked, server, at, len(server.data), "server")
    talked.pairs += [Pair(request=one) for one in requests.pending]
    return talked


def _asked(
    requests: _Requests, client: Direction, server: Direction, start: int
) -> StreamedMessage | None:
    """The request that the answer belongs to: none that came later than it."""
    if not requests.pending:
        return None
    asked, answered = client.time_at(requests.pending[0].start), server.time_at(start)
    if asked is not None and answered is not None and asked > answered:
        return None
    return requests.pending[0]


def _give_up(
    talked: Talked, requests: _Requests, client: Direction, server: Direction, start: int
) -> None:
    """Answers were lost before this one: it belongs to the latest request before it."""
    answered = server.time_at(start)
    while len(requests.pending) > 1:
        following = client.time_at(requests.pending[1].start)
        if following is None or answered is None or following > answered:
            return
        talked.pairs.append(Pair(request=requests.pending.popleft(), is_lost=True))


def _read(
    talked: Talked, direction: Direction, start: int, method: str | None
) -> StreamedMessage | None:
    """The message there: a request where there is no method of one."""
    try:
        if method is None:
            found = read_request(direction.data, start)
        else:
            found = read_answer(direction.data, start, method)
    except ParseError as error:
        talked.troubles.append((direction.frame_at(start), str(error)))
        return None
    if found is None:
        talked.troubles.append((direction.frame_at(start), "headers that do not end"))
    return found


def _note_skipped(talked: Talked, direction: Direction, start: int, end: int, whose: str) -> None:
    """Say that bytes between messages are no HTTP; what is missing is said elsewhere."""
    between = direction.data[start:end]
    if between.strip(b"\r\n\0"):
        text = f"{len(between)} bytes of the {whose} that are no whole message of HTTP/1"
        talked.troubles.append((direction.frame_at(start), text))


def _method(request: StreamedMessage) -> str:
    return request.message.request_line()[0].upper()
