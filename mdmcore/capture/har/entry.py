"""One entry of a HAR as an exchange.

Source: HAR 1.2; formats.md sections 2.1 to 2.3 for how programs differ. Headers stay as they are
written; a body has no Content-Encoding any more, as with flows. What our own writer adds stands
under ``_mdmproxy``: the record of a connection, annotations, and what HAR has no room for.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from mdmcore.capture.extension import Extension, read_extension
from mdmcore.capture.har.bodies import request_body, response_body
from mdmcore.capture.har.fields import Place
from mdmcore.capture.source import Reading
from mdmcore.errors import ParseError
from mdmcore.http import Exchange, Headers, Notes, Request, Response, connection_exchange

EXTENSION = "_mdmproxy"
_NOT_HTTP = ("data", "blob", "file", "about", "chrome-extension", "ws", "wss")
_MAX_HEADERS = 1000


def exchange_of(entry: Place, reading: Reading, *, creator: str) -> Exchange | None:
    """The exchange of an entry; ``None`` for what is no HTTP, which is counted. ``creator`` is the
    program that wrote the archive.

    Raises ParseError, which names the JSON path, for an entry that cannot be read.
    """
    entry.table()
    extension = read_extension(entry.get(EXTENSION).value)
    index = reading.exchanges + 1
    id = reading.exchange_id(index)
    if extension.connection is not None:
        seen = connection_exchange(
            extension.connection,
            id=id,
            index=index,
            capture=reading.name,
            notes=_notes(entry, extension),
        )
        exchange = extension.apply(seen)
        reading.next_index()
        return exchange
    request = entry.get("request").table()
    url = request.get("url").text()
    scheme = url.partition(":")[0].strip().lower() if ":" in url else ""
    if scheme in _NOT_HTTP:
        reading.passed_over[scheme] += 1
        return None
    answer = entry.get("response")
    started = _time(entry.get("startedDateTime"))
    seen = Exchange(
        id=id,
        index=index,
        capture=reading.name,
        request=Request(
            method=request.get("method").text(),
            url=url.split("#", 1)[0],
            headers=_headers(request.get("headers")),
            body=_body(request_body, request, reading, creator),
        ),
        response=_response(answer, reading, creator),
        started=started,
        ended=_ended(started, entry.get("time").number()),
        error=_error(answer),
        notes=_notes(entry, extension),
    )
    exchange = extension.apply(seen)
    reading.next_index()
    return exchange


def _response(answer: Place, reading: Reading, creator: str) -> Response | None:
    status = answer.get("status").number()
    if not status:
        return None
    return Response(
        status=int(status),
        headers=_headers(answer.get("headers")),
        body=_body(response_body, answer, reading, creator),
    )


def _body(
    read: Callable[[Place, str], bytes | None], place: Place, reading: Reading, creator: str
) -> bytes | None:
    try:
        return read(place, creator)
    except ParseError as error:
        reading.problem(place.path, f"this body cannot be read: {error}")
        return None


def _headers(listed: Place) -> Headers:
    """The headers, as objects or as pairs; those of HTTP/2 itself (``:method``) are left out."""
    fields: list[tuple[str, str]] = []
    for item in listed.items():
        name, value = item.get("name").value, item.get("value").value
        if isinstance(item.value, list) and len(item.value) == 2:
            name, value = item.value
        if isinstance(name, str) and isinstance(value, str) and not name.startswith(":"):
            fields.append((name, value))
        if len(fields) == _MAX_HEADERS:
            break
    return Headers(fields)


def _error(answer: Place) -> str | None:
    if answer.get("status").number():
        return None
    said = (answer.get(name).text_or("") for name in ("_error", "statusText"))
    return next((text[:300] for text in said if text), "the capture holds no response")


def _notes(entry: Place, extension: Extension) -> Notes:
    places = (entry.get("comment"), entry.get("_comment"), entry.get("response").get("comment"))
    comments = (place.text_or("") for place in places)
    comment = next((text for text in comments if text), "")
    return Notes(comment=comment, marker=extension.marker, data=extension.data)


def _time(place: Place) -> datetime | None:
    """The time; one without a zone is taken for UTC."""
    try:
        found = datetime.fromisoformat(place.text_or(""))
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _ended(started: datetime | None, milliseconds: float | None) -> datetime | None:
    if started is None or not milliseconds:
        return None
    try:
        return started + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None
