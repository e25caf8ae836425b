"""What a format would lose of an exchange, as plain JSON: its record, and putting it back.

A writer says what a reader of its format finds of an exchange by itself (``seen``); only where that
is otherwise something is noted. So an exchange that is converted and read again is the same, and a
capture that needs nothing of ours gets nothing.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from mdmcore.capture.plain_json import plain_text
from mdmcore.errors import ParseError
from mdmcore.http import Exchange, Headers, Request, Response, TlsFacts
from mdmcore.passed_body import PassedBody, parse_passed, passed_fields

MAX_CERTIFICATES = 100
"""Of a chain with more certificates the first ones are kept."""
_MAX_TEXT = 100_000
_MAX_LINES = 10_000


def facts_of(exchange: Exchange, seen: Exchange) -> dict[str, Any]:
    """The facts of an exchange that are others in ``seen``; empty where nothing is lost.

    Notes, id, index, capture and the record of a connection are not looked at.
    """
    found: dict[str, Any] = {}
    for name, write in _WRITERS.items():
        value = getattr(exchange, name)
        if value != getattr(seen, name):
            found[name] = None if value is None else write(value)
    request = _differing(exchange.request, seen.request)
    if request:
        found["request"] = request
    if exchange.response is None:
        if seen.response is not None:
            found["response"] = None
    else:
        response = _differing(exchange.response, seen.response or Response(status=0))
        if response:
            found["response"] = response
    return found


def with_facts(exchange: Exchange, facts: Mapping[Any, Any]) -> Exchange:
    """The exchange with these facts in the place of its own; unknown ones are passed over.

    Raises ParseError for facts that are damaged.
    """
    changes: dict[str, Any] = {
        name: _read(name, facts[name], read) for name, read in _READERS.items() if name in facts
    }
    if "request" in facts:
        changes["request"] = _changed(exchange.request, facts["request"])
    if "response" in facts:
        told = facts["response"]
        base = exchange.response or Response(status=0)
        changes["response"] = None if told is None else _changed(base, told)
    return replace(exchange, **changes)


def _differing(message: Request | Response, seen: Request | Response) -> dict[str, Any]:
    """What a message has otherwise, by the names of its fields."""
    found: dict[str, Any] = {}
    for name in _names_of(message):
        value = getattr(message, name)
        if value != getattr(seen, name):
            found[name] = None if value is None else _PART_WRITERS[name](value)
    return found


def _names_of(message: Request | Response) -> tuple[str, ...]:
    """The fields of a message; what a kind of request has beyond them is no part of it."""
    kind = Request if isinstance(message, Request) else Response
    return tuple(item.name for item in fields(kind))


def _changed[Message: (Request, Response)](message: Message, told: object) -> Message:
    if not isinstance(told, Mapping):
        raise ParseError("the facts of a message are no table")
    names = _names_of(message)
    changes: dict[str, Any] = {
        name: None
        if value is None and name in ("body", "passed")
        else _read(name, value, _PART_READERS[name], is_optional=False)
        for name, value in told.items()
        if name in names
    }
    return replace(message, **changes)


def _read(name: str, value: object, read: Callable[[Any], Any], *, is_optional: bool = True) -> Any:
    if value is None and is_optional and name not in ("verbatim", "is_begun", "remarks"):
        return None
    try:
        return read(value)
    except (TypeError, ValueError, LookupError, AttributeError):
        raise ParseError(f"the facts have a wrong {name}") from None


# --- writing ---------------------------------------------------------------------------------


def _same[Value](value: Value) -> Value:
    return value


def _packed(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _tls_fields(tls: TlsFacts) -> dict[str, Any]:
    result: dict[str, Any] = {
        name: plain_text(text) for name in _TLS_TEXTS if (text := getattr(tls, name)) is not None
    }
    for name in _TLS_CHAINS:
        chain = getattr(tls, name)
        if chain:
            result[name] = [_packed(der) for der in chain[:MAX_CERTIFICATES]]
    return result


_TLS_TEXTS = ("version", "cipher", "sni", "server_sni")
_TLS_CHAINS = ("client_certificates", "server_certificates")

_WRITERS: dict[str, Callable[[Any], Any]] = {
    "tls": _tls_fields,
    "peer": plain_text,
    "error": plain_text,
    "started": datetime.isoformat,
    "ended": datetime.isoformat,
    "verbatim": _same,
    "is_begun": _same,
    "remarks": lambda lines: [plain_text(line) for line in lines],
}
_PART_WRITERS: dict[str, Callable[[Any], Any]] = {
    "method": plain_text,
    "url": plain_text,
    "status": _same,
    "headers": lambda headers: [[plain_text(text) for text in pair] for pair in headers],
    "body": _packed,
    "passed": passed_fields,
}


# --- reading ---------------------------------------------------------------------------------


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value[:_MAX_TEXT]


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return value


def _time(value: object) -> datetime:
    found = datetime.fromisoformat(_text(value))
    if found.tzinfo is None:
        raise ValueError
    return found


def _unpacked(value: object) -> bytes:
    if not isinstance(value, str):
        raise TypeError
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError from error


def _list(value: object) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise TypeError
    return list(value[:_MAX_LINES])


def _headers(value: object) -> Headers:
    return Headers((_text(name), _text(text)) for name, text in _list(value))


def _read_tls(value: object) -> TlsFacts:
    if not isinstance(value, Mapping):
        raise TypeError
    told: dict[str, Any] = {name: _text(value[name]) for name in _TLS_TEXTS if name in value}
    for name in _TLS_CHAINS:
        chain = _list(value.get(name, []))[:MAX_CERTIFICATES]
        told[name] = tuple(_unpacked(each) for each in chain)
    return TlsFacts(**told)


def _read_passed(value: object) -> PassedBody:
    return parse_passed(value)


_READERS: dict[str, Callable[[Any], Any]] = {
    "tls": _read_tls,
    "peer": _text,
    "error": _text,
    "started": _time,
    "ended": _time,
    "verbatim": _flag,
    "is_begun": _flag,
    "remarks": lambda value: tuple(_text(each) for each in _list(value)),
}
_PART_READERS: dict[str, Callable[[Any], Any]] = {
    "method": _text,
    "url": _text,
    "status": _number,
    "headers": _headers,
    "body": _unpacked,
    "passed": _read_passed,
}
