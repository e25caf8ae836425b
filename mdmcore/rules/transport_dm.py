"""Rules on the HTTP leg of DM sessions (session.md 3)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mdmcore.http import Headers, Request, Response, charset
from mdmcore.namespaces import SYNCML_WBXML_MEDIA_TYPE, SYNCML_XML_MEDIA_TYPE
from mdmcore.rules.content_length import counts_characters, declared_length
from mdmcore.rules.decoded import SOAP_KINDS, BodySide, Kind
from mdmcore.rules.http_answers import is_proxy_challenge
from mdmcore.rules.model import Hit
from mdmcore.rules.proxy_words import refused_by_proxy
from mdmcore.rules.redirects import is_dm_redirect
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.text_encoding import is_utf8_name, not_utf8_at
from mdmcore.rules.unchallenged import AUTH_STATUSES, is_unchallenged

_ENCODINGS = {SYNCML_XML_MEDIA_TYPE: "xml", SYNCML_WBXML_MEDIA_TYPE: "wbxml"}
_LEGS = SOAP_KINDS | {Kind.PROBE, Kind.WAB, Kind.SYNCML, Kind.HUB}
_FIRST_ERROR = 400
_NO_BODY = frozenset({204, 304})
_NEVER = re.compile(r"\s*q\s*=\s*0(\.0*)?\s*")


@rule("empty-response-body", kinds={Kind.SYNCML})
def empty_response_body(scene: Scene) -> Iterator[Hit]:
    """A DM message is answered with status 200 and no body: Windows 10 ends the session quietly,
    what a phone does is unknown. Send a message with Status for SyncHdr and Final."""
    response = _answer(scene)
    if response is None or is_unchallenged(scene):
        return
    if response.status == 200 and response.body == b"":
        yield scene.hit(
            "the server answers with status 200 and an empty body",
            part="response",
            offset=0,
            evidence="0 bytes",
        )


@rule("wrong-content-type", kinds={Kind.SYNCML})
def wrong_content_type(scene: Scene) -> Iterator[Hit]:
    """The Content-Type of a DM answer is not that of SyncML, so the device discards the body. Send
    application/vnd.syncml.dm+xml or application/vnd.syncml.dm+wbxml."""
    response = _answer(scene)
    # A text log may show no headers at all.
    if response is None or not len(response.headers) or response.media_type in _ENCODINGS:
        return
    if scene.decoded.response_syncml is None and is_unchallenged(scene):
        return
    if 200 <= response.status < 300 and response.body and response.body.strip():
        written = response.headers.get("Content-Type") or ""
        yield scene.hit(
            f"the answer's Content-Type is {written or 'missing'}, not {SYNCML_XML_MEDIA_TYPE} "
            f"or {SYNCML_WBXML_MEDIA_TYPE}",
            part="response",
            header="Content-Type",
            evidence=written or "absent",
        )


@rule("encoding-mismatch", kinds={Kind.SYNCML})
def encoding_mismatch(scene: Scene) -> Iterator[Hit]:
    """A DM answer is XML where the request was WBXML, or the other way, or the bytes are not what
    Content-Type says: the device cannot parse it. Answer in the encoding of the request."""
    response, side = _answer(scene), scene.decoded.response
    if response is None or side is None or not side.encoding:
        return
    if response.status >= _FIRST_ERROR:  # a refusal, whose body no device reads as a message
        return
    if side.encoding == "wbxml" and side.syncml is None and side.notes:
        why = side.notes[-1]
        yield scene.hit(
            f"the answer cannot be read as SyncML in WBXML: {why.message}",
            part="response",
            offset=0,
            evidence=why.place or "",
        )
    asked = scene.decoded.request.encoding
    told = _ENCODINGS.get(response.media_type, side.encoding)
    if told != side.encoding:
        yield scene.hit(
            f"the answer is {_name(side.encoding)}, but its Content-Type is {response.media_type}",
            part="response",
            header="Content-Type",
            evidence=response.media_type,
        )
    elif asked and asked != side.encoding:
        yield scene.hit(
            f"the request is {_name(asked)}, the answer {_name(side.encoding)}",
            part="response",
            offset=0,
            evidence=_name(side.encoding),
        )


def _name(encoding: str) -> str:
    return encoding.upper()


@rule("content-length-wrong", kinds=_LEGS)
def content_length_wrong(scene: Scene) -> Iterator[Hit]:
    """Content-Length of an answer is not the number of bytes of its body: the body is cut, or the
    device waits for ever. Compute it from the bytes that are sent."""
    yield from refused_by_proxy(scene, "content-length-wrong")
    response = scene.exchange.response
    came = response.body_length if response is not None else None
    if response is None or came is None or response.status in _NO_BODY:
        return
    if scene.exchange.request.method.upper() == "HEAD":
        return
    if not scene.exchange.verbatim or scene.exchange.error is not None:
        return
    length = declared_length(response.headers)
    if length is None or length == came:
        return
    # That mistake has a rule of its own: content-length-counts-characters.
    if not counts_characters(response.headers, response.body, is_broken_xml=False):
        yield scene.hit(
            f"Content-Length is {length}, the body has {came} bytes",
            part="response",
            header="Content-Length",
            evidence=str(length),
        )


@rule("wrong-charset", kinds={Kind.SYNCML})
def wrong_charset(scene: Scene) -> Iterator[Hit]:
    """A DM message is not UTF-8, or it or its Content-Type names another character set, so the
    other side cannot parse it. Send UTF-8 and name no other."""
    exchange = scene.exchange
    messages = zip(scene.decoded.sides, (exchange.request, exchange.response), strict=False)
    for side, message in messages:
        if message is not None and side.encoding:
            yield from _charset_hit(scene, side, message.headers)


def _charset_hit(scene: Scene, side: BodySide, headers: Headers) -> Iterator[Hit]:
    who = "message" if side.part == "request" else "answer"
    said = charset(headers) or ""
    at = not_utf8_at(side) if scene.exchange.verbatim else None
    if side.charset and not is_utf8_name(side.charset):
        text = f"the {who} is in {side.charset}, not in UTF-8"
        yield scene.hit(text, part=side.part, offset=0, evidence=side.charset)
    elif at is not None:
        text = f"the {who} is not UTF-8 from byte {at} on"
        yield scene.hit(text, part=side.part, offset=at, evidence=f"0x{side.body[at]:02X}")
    elif said and not is_utf8_name(said):
        text = f"the {who} is UTF-8, but its Content-Type names {said}"
        yield scene.hit(text, part=side.part, header="Content-Type", evidence=said)


@rule("http-401-instead-of-syncml", kinds={Kind.SYNCML})
def http_401(scene: Scene) -> Iterator[Hit]:
    """A DM message is answered with HTTP status 401, 403 or 407: the device takes that as a failed
    connection and tries again later and later. Answer HTTP 200 with Status 401 or 407 for SyncHdr
    and a Chal."""
    response = _answer(scene)
    if response is None or response.status not in AUTH_STATUSES or is_proxy_challenge(response):
        return
    yield scene.hit(
        f"a DM message is answered with HTTP {response.status}, not with a SyncML Status",
        part="response",
        field="status",
        evidence=str(response.status),
    )


@rule("redirect-or-compression", kinds={Kind.SYNCML})
def redirect_or_compression(scene: Scene) -> Iterator[Hit]:
    """A DM answer redirects the device, or is compressed though the device did not ask for it; what
    the device does then is unknown. Answer at the DM URL itself, uncompressed."""
    response = _answer(scene)
    if response is None:
        return
    if is_dm_redirect(response):
        yield scene.hit(
            f"a DM message is answered with the redirect HTTP {response.status}",
            part="response",
            field="status",
            evidence=str(response.status),
        )
    unasked = _unasked_coding(scene.exchange.request, response)
    if unasked:
        yield scene.hit(
            f"the answer is compressed ({unasked}), which the device did not ask for",
            part="response",
            header="Content-Encoding",
            evidence=unasked,
        )


def _unasked_coding(request: Request, response: Response) -> str:
    """The first content coding that the request does not accept, empty when there is none."""
    if not len(request.headers):  # not recorded
        return ""
    accepted: set[str] = set()
    for value in request.headers.get_all("Accept-Encoding"):
        for item in value.lower().split(","):
            name, _, weight = item.partition(";")
            if not _NEVER.fullmatch(weight):
                accepted.add(name.strip().removeprefix("x-"))
    codings = ",".join(response.headers.get_all("Content-Encoding")).lower().split(",")
    used = (coding.strip().removeprefix("x-") for coding in codings)
    return next(
        (c for c in used if c and c != "identity" and "*" not in accepted and c not in accepted), ""
    )


def _answer(scene: Scene) -> Response | None:
    """The answer to a DM message; devices send those by POST only."""
    is_post = scene.exchange.request.method.upper() == "POST"
    return scene.exchange.response if is_post else None
