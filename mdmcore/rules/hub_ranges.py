"""Rules on the parts of a download (RFC 9110 13.1.5, 14, 15.3.7, 15.5.17; enrollment.md 12).

A device fetches its hub in ranges and goes on where it was interrupted. That a 206 has no
Content-Range at all is judged in ``hub``, that a length does not hold in ``content_length``.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.enrollment.html_form import is_html
from mdmcore.http import Response, is_coded
from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.package_seen import is_another, start_of
from mdmcore.rules.ranges import AskedRange, ContentRange, parse_content_range, parse_range
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene

_MULTIPART = "multipart/byteranges"
_HEADER = "Content-Range"


@rule("hub-content-range-wrong", kinds={Kind.HUB})
def content_range_wrong(scene: Scene) -> Iterator[Hit]:
    """A 206 answer's Content-Range is not the range that was asked for, or does not fit the bytes
    that came, so the device cannot put the package together. Write first byte, last byte and the
    length of the whole package, of exactly what is sent."""
    response = _partial(scene)
    text = response.headers.get(_HEADER) if response is not None else None
    if response is None or text is None or response.media_type == _MULTIPART:
        return
    problem = _range_problem(parse_content_range(text), _asked(scene), _length(scene))
    if problem:
        yield scene.hit(
            f"Content-Range {problem}",
            part="response",
            header=_HEADER,
            evidence=f"{text}; asked for: {_asked_text(scene) or 'the whole'}",
        )


def _range_problem(given: ContentRange | None, asked: AskedRange | None, length: int | None) -> str:
    if given is None or given.first is None or given.last is None:
        return "names no range of bytes"
    first, last = given.first, given.last
    if last < first:
        return "ends before it begins"
    if given.total is not None and last >= given.total:
        return "ends behind the package's end"
    if asked is not None and not asked.covers(first, last, given.total):
        return "is not what was asked for"
    if length is not None and length != last - first + 1:
        return f"names {last - first + 1} bytes, {length} came"
    return ""


@rule("hub-206-multipart", kinds={Kind.HUB})
def multipart(scene: Scene) -> Iterator[Hit]:
    """One range was asked for and multipart/byteranges came, whose parts and boundaries a device
    takes for the package. Answer one range with its bytes alone."""
    response = _partial(scene)
    if response is None or response.media_type != _MULTIPART or _asked(scene) is None:
        return
    yield scene.hit(
        "one range was asked for, several parts came",
        part="response",
        header="Content-Type",
        evidence=response.headers.get("Content-Type") or "",
    )


@rule("hub-416-wrong", kinds={Kind.HUB})
def refused_range(scene: Scene) -> Iterator[Hit]:
    """A 416 answer to a range that the package has, or one that does not say how long the package
    is: the device cannot know where to go on. Answer a range inside the package with 206, others
    with Content-Range: bytes */LENGTH."""
    response = scene.exchange.response
    if response is None or response.status != 416:
        return
    text = response.headers.get(_HEADER)
    given = parse_content_range(text or "")
    total = given.total if given is not None else None
    known = scene.package_before.total if total is None else total
    asked = _asked(scene)
    if asked is not None and asked.first is not None and known is not None and asked.first < known:
        problem = f"byte {asked.first} was asked for, the package has {known}"
    elif total is None:
        problem = "it does not say how long the package is"
    else:
        return
    yield scene.hit(
        f"416 Range Not Satisfiable: {problem}",
        part="response",
        header=_HEADER,
        evidence=f"{text or 'no Content-Range'}; asked for: {_asked_text(scene)}",
    )


@rule("hub-package-changed", kinds={Kind.HUB})
def package_changed(scene: Scene) -> Iterator[Hit]:
    """A later part has another ETag, date or length than the parts before it, so two versions of
    the package would be put together. Keep a package until nobody fetches it, give all servers
    behind one name the same file, and answer an If-Range that does not match with 200."""
    told, response = scene.package_told, _partial(scene)
    given = parse_content_range(response.headers.get(_HEADER) or "") if response else None
    if told is None or given is None or not given.first:
        return
    before = scene.package_before
    if not is_another(before, told):
        return
    for header, earlier, now in (
        ("ETag", before.etag, told.etag),
        ("Last-Modified", before.last_modified, told.last_modified),
        (_HEADER, before.total, told.total),
    ):
        if earlier not in ("", None) and now not in ("", None, earlier):
            yield scene.hit(
                f"the part from byte {given.first} on is of another package than those before",
                part="response",
                header=header,
                evidence=f"{now}, before: {earlier}",
            )
            return


@rule("hub-if-range-ignored", kinds={Kind.HUB})
def if_range_ignored(scene: Scene) -> Iterator[Hit]:
    """The device wanted the rest only if the package is still the one it has, and got the rest of
    another. Answer an If-Range that does not match with 200 and the whole package."""
    response = _partial(scene)
    wanted = (scene.exchange.request.headers.get("If-Range") or "").strip()
    etag = (response.headers.get("ETag") or "").strip() if response is not None else ""
    # A date may be judged by the second only; a weak tag never matches (RFC 9110 13.1.5).
    if not etag or not wanted.startswith(('"', "W/")) or wanted == etag:
        return
    yield scene.hit(
        "If-Range does not match, and a part was sent all the same",
        part="response",
        header="ETag",
        evidence=f"{etag}; If-Range: {wanted}",
    )


@rule("hub-bytes-differ", kinds={Kind.HUB})
def bytes_differ(scene: Scene) -> Iterator[Hit]:
    """The same bytes of the same package came with other contents than before, so what the device
    puts together is damaged. Look for servers behind one name with different files, and for
    programs on the way that change packages."""
    told, before = scene.package_told, scene.package_before
    if told is None or is_another(before, told):
        return
    offset = before.blocks.first_difference(told.blocks)
    if offset is not None:
        yield scene.hit(
            f"the block at byte {offset} of the package differs from what came before",
            part="response",
            offset=offset,
            evidence=told.etag or "no ETag",
        )


@rule("hub-range-ignored", kinds={Kind.HUB})
def range_ignored(scene: Scene) -> Iterator[Hit]:
    """The device wanted to go on where it had stopped and gets the whole package once more. That
    is allowed; on slow networks a large package may never come whole."""
    response, asked = scene.exchange.response, _asked(scene)
    if response is None or response.status != 200 or asked is None or not asked.first:
        return
    if "If-Range" in scene.exchange.request.headers:  # then it says that the package is another
        return
    yield scene.hit(
        "a part was asked for, the whole package came",
        part="response",
        header="Accept-Ranges",
        evidence=f"asked for: {_asked_text(scene)}",
    )


@rule("hub-content-type-wrong", kinds={Kind.HUB})
def content_type_wrong(scene: Scene) -> Iterator[Hit]:
    """The package comes as text, or a web page comes in its place: something else was sent, such
    as a sign-in or error page, or the server does not know the package's type. Serve it without
    sign-in and give the server the package's media type."""
    response, hub = scene.exchange.response, scene.decoded.hub
    if response is None or hub is None or response.status not in {200, 206}:
        return
    given = response.headers.get("Content-Type") or ""
    if response.media_type.startswith("text/"):
        problem = f"the package comes as {response.media_type}"
    elif start_of(response) == 0 and is_html(_beginning(response)):
        problem = "a web page comes in the place of the package"
    else:
        return
    yield scene.hit(problem, part="response", header="Content-Type", evidence=given or "absent")


def _beginning(response: Response) -> bytes:
    if response.body is not None:
        return response.body
    return response.passed.beginning if response.passed is not None else b""


def _partial(scene: Scene) -> Response | None:
    response = scene.exchange.response
    is_head = scene.exchange.request.method == "HEAD"
    return response if response is not None and response.status == 206 and not is_head else None


def _asked_text(scene: Scene) -> str:
    return scene.exchange.request.headers.get("Range") or ""


def _asked(scene: Scene) -> AskedRange | None:
    return parse_range(_asked_text(scene))


def _length(scene: Scene) -> int | None:
    """The bytes that came, a coding still on; what was announced where that is not known, or the
    answer was broken off."""
    response = scene.exchange.response
    assert response is not None
    if response.body is not None and not is_coded(response.headers):
        return len(response.body)
    if response.passed is not None and response.passed.is_whole:
        return response.passed.length
    text = (response.headers.get("Content-Length") or "").strip()
    return int(text) if text.isdigit() and len(text) < 19 else None
