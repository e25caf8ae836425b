"""Joining messages that follow each other into exchanges: a device's, and the server's answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from mdmcore.capture.messages.facts import MessageFacts, Role
from mdmcore.capture.source import Reading
from mdmcore.http import Exchange, Headers, Notes, Request, Response

NO_RESPONSE = "the file holds no answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One side of an exchange: a request, or an answer, where ``role`` says so.

    ``comment`` is what the file says of it, ``remarks`` what it says behind it.
    """

    role: Role | None
    request: Request | None = None
    response: Response | None = None
    session: str = ""
    names: tuple[str, str] = ("", "")
    is_bare: bool = True
    is_verbatim: bool = False
    comment: str = ""
    remarks: tuple[str, ...] = ()


def bare_request(facts: MessageFacts, body: bytes) -> Request:
    """The request that a message implies."""
    headers = Headers([("Content-Type", facts.media_type)])
    return Request(method="POST", url=facts.url, headers=headers, body=body)


def bare_response(facts: MessageFacts, body: bytes) -> Response:
    """The answer that a message implies: a device goes on with those of status 200 only."""
    return Response(status=200, headers=Headers([("Content-Type", facts.media_type)]), body=body)


def paired(messages: Iterable[Message], reading: Reading) -> Iterator[Exchange]:
    """The exchanges: each request with the answer behind it. One without the other is kept: an
    answer alone has a request of which nothing is known."""
    pending: Message | None = None
    for message in _told_apart(messages):
        if message.role == "request":
            if pending is not None:
                yield _exchange(pending, None, reading)
            pending = message
        elif pending is not None and _belong_together(pending, message):
            yield _exchange(pending, message, reading)
            pending = None
        else:
            if pending is not None:
                yield _exchange(pending, None, reading)
                pending = None
            yield _exchange(None, message, reading)
    if pending is not None:
        yield _exchange(pending, None, reading)


def _told_apart(messages: Iterable[Message]) -> Iterator[Message]:
    """Each message with its role. Where the message does not tell it, it has that of an earlier
    one with the same Source and Target, else it answers the request before it."""
    known: dict[tuple[str, str], Role] = {}
    before: Role = "response"
    for message in messages:
        role = message.role or known.get(message.names)
        if role is None:
            role = "response" if before == "request" else "request"
        if any(message.names) and len(known) < _MOST_NAMES:
            known[message.names] = role
            known[message.names[::-1]] = "request" if role == "response" else "response"
        before = role
        yield replace(message, role=role)


_MOST_NAMES = 1000


def _belong_together(request: Message, answer: Message) -> bool:
    return not (request.session and answer.session and request.session != answer.session)


def _exchange(asked: Message | None, answered: Message | None, reading: Reading) -> Exchange:
    both = [message for message in (asked, answered) if message is not None]
    request = asked.request if asked is not None else None
    index = reading.next_index()
    return Exchange(
        id=reading.exchange_id(index),
        index=index,
        capture=reading.name,
        request=request or Request(method="POST", url="", body=None),
        response=answered.response if answered is not None else None,
        error=NO_RESPONSE if answered is None else None,
        verbatim=all(message.is_verbatim for message in both),
        is_bare=any(message.is_bare for message in both),
        notes=Notes(comment="; ".join(message.comment for message in both if message.comment)),
        remarks=tuple(remark for message in both for remark in message.remarks),
    )
