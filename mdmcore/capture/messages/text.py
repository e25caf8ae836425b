"""Documents in text: SyncMLViewer's saves, and messages that any log prints between its lines.

SyncMLViewer writes one pretty-printed message after the other, with comments between: the time as
the device's language has it, the begin and the end of a session, names of ETW events. A message
that did not fit into the trace was closed by an added tag behind a comment that says so; it is
left as it is, since rules know that comment (``rules.truncation``). In other logs a request or
status line with its headers may stand before a document: then these are its HTTP.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from mdmcore.capture.messages.facts import MessageFacts, facts_of
from mdmcore.capture.messages.pairing import Message, bare_request, bare_response, paired
from mdmcore.capture.source import Reading
from mdmcore.capture.text_blocks import Block, blocks, opening
from mdmcore.capture.text_lines import decoded
from mdmcore.http import Exchange, Headers, Request, Response

_NAMES = ("SyncML", "Envelope")
_BEGIN = opening(_NAMES)
_INSIDE = re.compile(r"<(?:[A-Za-z_][\w.-]{0,40}:)?(?:SyncHdr|Body)[\s>/]")
_COMMENT = re.compile(r"<!--\s*(.*?)\s*-->")
_SESSION_END = re.compile(r"OmaDmSessionComplete")
_REQUEST_LINE = re.compile(
    r"(?:^|[\s\"'>])(GET|HEAD|POST|PUT|DELETE|OPTIONS) (\S{1,2000}) HTTP/\d(?:\.\d)?[\"']?\s*$"
)
_STATUS_LINE = re.compile(r"(?:^|[\s\"'>])HTTP/\d(?:\.\d)? (\d{3})(?:\s|$)")
_MAX_HEAD_LINE = 4000
_HEADER = re.compile(r"\s*([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)\s*")
_MAX_COMMENT = 200
_MAX_COMMENTS = 8


def has_documents(data: bytes) -> bool:
    """Whether SyncML or SOAP messages stand in this text (UTF-8, or UTF-16 with a mark)."""
    text = decoded(data)
    found = _BEGIN.search(text)
    return found is not None and _INSIDE.search(text, found.end()) is not None


def read_messages(file: BinaryIO, reading: Reading) -> Iterator[Exchange]:
    """The exchanges of all messages in a text; a document that cannot be used is a problem with
    its line."""
    yield from paired(_messages(file, reading), reading)


def _messages(file: BinaryIO, reading: Reading) -> Iterator[Message]:
    held: Message | None = None
    for block in blocks(file, reading, _NAMES):
        between = block if isinstance(block, tuple) else block.between
        if held is not None:
            yield replace(held, remarks=_ends(between))
            held = None
        if isinstance(block, Block):
            held = _message(block, reading)
    if held is not None:
        yield held


def _ends(between: tuple[str, ...]) -> tuple[str, ...]:
    found = (match[1] for line in between for match in _COMMENT.finditer(line))
    return tuple(text[:_MAX_COMMENT] for text in found if _SESSION_END.search(text))[:_MAX_COMMENTS]


def _message(block: Block, reading: Reading) -> Message | None:
    body = block.body
    facts = facts_of(body)
    if facts is None:
        reading.problem(f"line {block.line}", f"this {block.name} message cannot be read")
        return None
    return _with_http(facts, body, block.between) or Message(
        role=facts.role,
        request=bare_request(facts, body),
        response=bare_response(facts, body),
        session=facts.session,
        names=facts.names,
        comment=_comment(block.between),
    )


def _with_http(facts: MessageFacts, body: bytes, between: tuple[str, ...]) -> Message | None:
    """The message with the request or status line and the headers that stand before it."""
    for back, line in enumerate(reversed(between)):
        head = line[:_MAX_HEAD_LINE]
        asked, answered = _REQUEST_LINE.search(head), _STATUS_LINE.search(head)
        if asked is None and answered is None:
            continue
        fields = (_HEADER.fullmatch(each) for each in between[len(between) - back :])
        headers = Headers((found[1], found[2]) for found in fields if found is not None)
        if answered is not None and facts.role != "request":
            response = Response(status=int(answered[1]), headers=headers, body=body)
            return Message(role="response", response=response, session=facts.session, is_bare=False)
        if asked is not None and facts.role != "response":
            request = Request(
                method=asked[1], url=_url(headers, asked[2]), headers=headers, body=body
            )
            return Message(role="request", request=request, session=facts.session, is_bare=False)
        return None
    return None


def _url(headers: Headers, target: str) -> str:
    if target.startswith(("http://", "https://")):
        return target
    host = re.sub(r"[^0-9A-Za-z.:_\-\[\]]", "", headers.get("Host") or "")
    slash = "" if target.startswith("/") else "/"
    # A log does not tell the scheme; these services are reached by HTTPS alone.
    return f"https://{host}{slash}{target}"


def _comment(between: tuple[str, ...]) -> str:
    """What comments before a message say: times, the begin of a session."""
    found = [match[1] for line in between for match in _COMMENT.finditer(line)]
    kept = [text[:_MAX_COMMENT] for text in found if text and not _SESSION_END.search(text)]
    return "; ".join(kept[-_MAX_COMMENTS:])
