"""Mistakes about the parts of the Company Hub (RFC 9110 13.1.5, 14, 15.3.7, 15.5.17)."""

from __future__ import annotations

from dataclasses import replace

from mdmcore.http import Request, Response
from mdmcore.server.answers import plain_answer
from mdmcore.server.faults.model import Answered, Step, fault
from mdmcore.server.faults.texts import with_header

_BOUNDARY = "part"


@fault("hub-content-range-wrong", Step.HUB)
def one_byte_too_many(answered: Answered) -> Response | None:
    """Content-Range counts the end as if it were not included."""
    response = answered.response
    text = response.headers.get("Content-Range") or ""
    span, slash, total = text.removeprefix("bytes ").partition("/")
    first, _, last = span.partition("-")
    if response.status != 206 or not (slash and last.isdigit()):
        return None
    return with_header(response, "Content-Range", f"bytes {first}-{int(last) + 1}/{total}")


@fault("hub-206-multipart", Step.HUB)
def in_several_parts(answered: Answered) -> Response | None:
    """The one range stands in a multipart body."""
    response = answered.response
    if response.status != 206 or response.body is None:
        return None
    head = (
        f"--{_BOUNDARY}\r\nContent-Type: {response.media_type}\r\n"
        f"Content-Range: {response.headers.get('Content-Range')}\r\n\r\n"
    )
    body = head.encode("ascii") + response.body + f"\r\n--{_BOUNDARY}--\r\n".encode("ascii")
    headers = response.headers.without("Content-Range").replaced("Content-Length", str(len(body)))
    kind = f"multipart/byteranges; boundary={_BOUNDARY}"
    return Response(status=206, headers=headers.replaced("Content-Type", kind), body=body)


@fault("hub-416-wrong", Step.HUB)
def refused(answered: Answered) -> Response | None:
    """A range inside the package is refused."""
    if answered.response.status != 206:
        return None
    return plain_answer(416, "range not satisfiable")


@fault("hub-package-changed", Step.HUB)
def another_version(answered: Answered) -> Response | None:
    """Every part but the first has another entity tag."""
    response = answered.response
    text = response.headers.get("Content-Range") or ""
    if response.status != 206 or text.startswith("bytes 0-"):
        return None
    return with_header(response, "ETag", '"another"')


def _without_if_range(request: Request) -> Request:
    return replace(request, headers=request.headers.without("If-Range"))


def _from_the_beginning(request: Request) -> Request:
    asked = (request.headers.get("Range") or "").replace(" ", "").lower()
    if asked.startswith("bytes=0-"):
        return request
    return replace(request, headers=request.headers.without("Range"))


@fault("hub-if-range-ignored", Step.HUB, prepare=_without_if_range)
def part_of_another(answered: Answered) -> Response | None:
    """If-Range is not looked at."""
    is_part = answered.response.status == 206 and "If-Range" in answered.request.headers
    return answered.response if is_part else None


@fault("hub-bytes-differ", Step.HUB)
def other_bytes(answered: Answered) -> Response | None:
    """What comes the first time, and what comes again, are not the same."""
    response, memory = answered.response, answered.tools.memory
    if response.status not in {200, 206} or not response.body:
        return None
    key = ("hub-bytes-differ", response.headers.get("Content-Range") or "")
    if memory.recall(*key):
        return replace(response, body=bytes(byte ^ 0xFF for byte in response.body))
    memory.note(b"sent", *key)
    return None


@fault("hub-range-ignored", Step.HUB, prepare=_from_the_beginning)
def whole_again(answered: Answered) -> Response | None:
    """Ranges that begin later get the whole package."""
    is_later = answered.response.status == 200 and "Range" in answered.request.headers
    return answered.response if is_later else None


@fault("hub-content-type-wrong", Step.HUB)
def as_text(answered: Answered) -> Response | None:
    """The package comes as text/plain, as from a server that does not know its type."""
    if answered.response.status not in {200, 206}:
        return None
    return with_header(answered.response, "Content-Type", "text/plain")
