"""Exchanges out of the requests and answers of one connection.

What the capture does not hold is unknown, never empty: such a body is ``None``, and the reading
says what is missing. What the server or the device broke off is said in the exchange.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from mdmcore.capture.content_coding import decode_content
from mdmcore.capture.http1_stream import StreamedMessage
from mdmcore.capture.pcap.directions import Direction
from mdmcore.capture.pcap.pairing import Pair
from mdmcore.capture.pcap.places import Target
from mdmcore.capture.pcap.streams import Stream
from mdmcore.errors import ParseError
from mdmcore.http import Exchange, Request, Response, TlsFacts
from mdmcore.passed_body import BEGINNING_BYTES, PassedBody

type Note = Callable[[int, str], None]
"""Takes frame and words of what could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """Both sides of one connection, or of what passed inside it, and what is known around them."""

    stream: Stream
    client: Direction
    server: Direction
    client_end: int
    target: Target
    tls: TlsFacts | None = None

    @property
    def peer(self) -> str:
        """The device's address."""
        return self.stream.ends[self.client_end][0]

    @property
    def is_closed_by_device(self) -> bool:
        """Whether the device closed it first."""
        return self.stream.closed_by == self.client_end


def exchanges_of(talk: Conversation, pairs: list[Pair], note: Note) -> Iterator[Exchange]:
    """The exchanges, without ids; what is not whole is noted."""
    for pair in pairs:
        try:
            yield _exchange(talk, pair, note)
        except ParseError as error:
            note(talk.client.frame_at(pair.request.start), str(error))


def _exchange(talk: Conversation, pair: Pair, note: Note) -> Exchange:
    asked = pair.request
    url = talk.target.url(asked.message)
    is_known = _is_all_there(talk.client, asked, "request", note)
    response, error = _response(talk, pair, note)
    answer = pair.answer
    is_whole = answer is not None and answer.is_whole
    return Exchange(
        id="",
        index=0,
        capture="",
        request=Request(
            method=asked.message.request_line()[0],
            url=url,
            headers=asked.message.headers,
            body=_body(asked) if is_known else None,
        ),
        response=response,
        started=talk.client.time_at(asked.start),
        ended=_ended(talk, answer) if is_whole or error is None else talk.stream.closed,
        peer=talk.peer,
        tls=talk.tls,
        error=error,
        is_begun=response is not None and error is not None,
    )


def _ended(talk: Conversation, answer: StreamedMessage | None) -> datetime | None:
    return None if answer is None else talk.server.time_at(answer.end - 1)


def _response(talk: Conversation, pair: Pair, note: Note) -> tuple[Response | None, str | None]:
    """The answer, and what ended it or stood in its place."""
    answer = pair.answer
    if answer is None:
        return None, _no_answer(talk, pair, note)
    status, headers = answer.message.status(), answer.message.headers
    if talk.server.hole_in(answer.start, answer.end) is not None:
        _is_all_there(talk.server, answer, "answer", note)
        return Response(status=status, headers=headers, body=None), None
    if answer.is_whole and not _is_left_open(talk, answer):
        return Response(status=status, headers=headers, body=_body(answer)), None
    body = answer.message.body
    passed = PassedBody(length=len(body), is_whole=False, beginning=body[:BEGINNING_BYTES])
    cut = Response(status=status, headers=headers, body=None, passed=passed)
    if talk.stream.closed_by is None or talk.stream.lost or talk.stream.cut:
        note(talk.server.frame_at(answer.start), "the rest of this answer is not in the capture")
        return cut, None
    return cut, _cut_short(talk, answer)


def _is_left_open(talk: Conversation, answer: StreamedMessage) -> bool:
    """Whether an answer that goes on until the connection is closed was never closed."""
    return answer.is_open and talk.stream.closed_by is None


def _no_answer(talk: Conversation, pair: Pair, note: Note) -> str:
    stream = talk.stream
    if pair.is_lost or (talk.server.holes and stream.closed_by is None):
        note(talk.client.frame_at(pair.request.start), "the answer is not in the capture")
        return "the capture does not hold the answer"
    if stream.closed_by is None:
        return "the capture ends before the answer"
    if stream.lost or stream.cut:
        note(talk.client.frame_at(pair.request.start), "the answer is not in the capture")
        return "the capture does not hold the answer"
    how = "reset" if stream.is_reset else "closed"
    if talk.is_closed_by_device:
        return f"the device left: it {how} the connection before the answer"
    return f"the server {how} the connection without an answer"


def _cut_short(talk: Conversation, answer: StreamedMessage) -> str:
    how = "reset" if talk.stream.is_reset else "closed"
    if talk.is_closed_by_device:
        return f"the device left: it {how} the connection inside the answer"
    if answer.expected is None:
        return f"the server {how} the connection before the last chunk"
    return (
        f"the server {how} the connection: received {len(answer.message.body)} bytes, "
        f"expected {answer.expected} bytes"
    )


def _is_all_there(direction: Direction, message: StreamedMessage, what: str, note: Note) -> bool:
    hole = direction.hole_in(message.start, message.end)
    if hole is not None:
        missing = direction.missing_in(message.start, message.end)
        note(hole.frame, f"{missing} bytes of this {what} are missing in the capture")
    elif not message.is_whole:
        note(direction.frame_at(message.start), f"the rest of this {what} is not in the capture")
    return hole is None and message.is_whole


def _body(found: StreamedMessage) -> bytes:
    message = found.message
    return decode_content(message.body, message.headers.get("Content-Encoding"))
