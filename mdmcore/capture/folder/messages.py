"""Files as messages: what is in each, and which make an exchange."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from mdmcore.capture.content_coding import decode_content
from mdmcore.capture.folder.files import LooseFile, is_in_scope
from mdmcore.capture.folder.names import named
from mdmcore.capture.http1 import StoredMessage, parse_message, without_chunks
from mdmcore.capture.limits import Limits
from mdmcore.capture.messages import Message, bare_request, bare_response, facts_of, paired
from mdmcore.capture.source import Reading
from mdmcore.errors import CaptureError, ParseError
from mdmcore.http import Exchange, Request, Response
from mdmcore.syncml.wbxml import looks_like_wbxml

_OTHER_FILES = re.compile(
    r"(?i)\.(?:md|rst|png|jpe?g|gif|svg|webp|pdf|docx?|xlsx?|pptx?|csv|json|ya?ml|toml|ini|log"
    r"|pem|cer|crt|der|key|pfx|p12|p7b|csr|py|ps1|sh|cmd|bat|html?|css|js|zip|evtx|etl)$"
)
_REQUEST_LINE = re.compile(rb"[A-Z]{3,10} \S{1,4000}(?: HTTP/\d(?:\.\d)?)\r?\n")
_STATUS_LINE = re.compile(rb"HTTP/\d(?:\.\d)? \d{3}")
_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<")
_ROOT = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,2000}?-->\s*)*"
    rb"(?:<!DOCTYPE[^>]{0,400}>\s*)?<(?:[A-Za-z_][\w.-]{0,40}:)?(?:SyncML|Envelope)[\s>]",
    re.DOTALL,
)


_ROOTS = re.compile(rb"<(?:[A-Za-z_][\w.-]{0,40}:)?(?:SyncML|Envelope)[\s>]")
_SEVERAL = re.compile(rb"<!--\s*OmaDmSession")
"""What a save of SyncMLViewer has: that is a capture of its own."""


def looks_like_message(file: LooseFile) -> bool:
    """Whether a file is a message by its first bytes: HTTP, or a body of these protocols."""
    if not is_in_scope(file.name) or _OTHER_FILES.search(file.name):
        return False
    head = file.head()
    if _SEVERAL.search(head) or len(_ROOTS.findall(head)) > 1:
        return False
    return bool(
        _REQUEST_LINE.match(head)
        or _STATUS_LINE.match(head)
        or _ROOT.match(head)
        or looks_like_wbxml(head)
    )


def exchanges_of(
    files: Iterable[LooseFile], reading: Reading, *, limits: Limits
) -> Iterator[Exchange]:
    """The exchanges in the order of the files. Files that are none of a message are counted, those
    that should be one and cannot be read are problems by name."""
    yield from paired(_in_order(files, reading), reading)


def _in_order(files: Iterable[LooseFile], reading: Reading) -> Iterator[Message]:
    """The messages, each answer behind the request that its name belongs to."""
    waiting: dict[str, list[LooseFile]] = {}
    order: list[str] = []
    for file in files:
        if not is_in_scope(file.name) or _OTHER_FILES.search(file.name):
            reading.passed_over["other file"] += 1
            continue
        key = named(file.name).key
        if key not in waiting:
            order.append(key)
        waiting.setdefault(key, []).append(file)
    for key in order:
        found = [_message(file, reading) for file in waiting.pop(key)]
        messages = [message for message in found if message is not None]
        messages.sort(key=lambda message: message.role == "response")
        yield from messages


def _message(file: LooseFile, reading: Reading) -> Message | None:
    try:
        data = file.read()
        message = message_of(data, file.name)
    except (CaptureError, ParseError) as error:
        reading.problem(file.name, f"this file cannot be read: {error}")
        return None
    return message


def message_of(data: bytes, name: str) -> Message:
    """The message in a file. Raises ParseError where it is none."""
    role = named(name).role
    if _REQUEST_LINE.match(data) or _STATUS_LINE.match(data):
        return _whole(parse_message(data), name)
    if _SEVERAL.search(data) or len(_ROOTS.findall(data)) > 1:
        raise ParseError("several messages are in it: give it as a capture of its own")
    facts = facts_of(data)
    if facts is None:
        if data.strip() or role is None:
            raise ParseError("it is no message: neither HTTP nor SyncML nor SOAP")
        return Message(
            role=role, request=Request(method="POST", url=""), response=Response(status=200)
        )
    # What a message says of itself is surer than a name: people mean different sides by in and out.
    return Message(
        role=facts.role or role,
        request=bare_request(facts, data),
        response=bare_response(facts, data),
        session=facts.session,
        names=facts.names,
        is_verbatim=True,
        comment=name,
    )


def _whole(stored: StoredMessage, name: str) -> Message:
    body = _body(stored)
    if stored.first_line.startswith("HTTP/"):
        response = Response(status=stored.status(), headers=stored.headers, body=body)
        return Message(
            role="response", response=response, is_bare=False, is_verbatim=True, comment=name
        )
    method, target = stored.request_line()
    request = Request(method=method, url=_url(stored, target), headers=stored.headers, body=body)
    return Message(role="request", request=request, is_bare=False, is_verbatim=True, comment=name)


def _body(stored: StoredMessage) -> bytes:
    body = stored.body
    if "chunked" in (stored.headers.get("Transfer-Encoding") or "").lower():
        plain = without_chunks(body)
        body = body if plain is None else plain
    return decode_content(body, stored.headers.get("Content-Encoding"))


def _url(stored: StoredMessage, target: str) -> str:
    try:
        if urlsplit(target).scheme in ("http", "https"):
            return target.split("#", 1)[0]
    except ValueError:
        return target
    host = (stored.headers.get("Host") or "").strip()
    scheme = "http" if host.endswith(":80") else "https"
    return f"{scheme}://{host}{'' if target.startswith('/') else '/'}{target}"
