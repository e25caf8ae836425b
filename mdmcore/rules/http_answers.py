"""Rules on the HTTP of the enrolment steps: status, body and headers (enrollment.md 2, 11).

Of a POST without a usable answer only one of them speaks. What the SOAP inside says is judged in
the modules of the steps; TLS in ``tls_certificate``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mdmcore.http import Response
from mdmcore.namespaces import SOAP_CONTENT_TYPE, SOAP_MEDIA_TYPE
from mdmcore.rules.content_length import counts_characters
from mdmcore.rules.decoded import SOAP_KINDS, BodySide, Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.refusals import status_causes
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.urls import redirect_of

_CHARSET = re.compile(r';\s*charset\s*=\s*"?([^\s;"]+)', re.IGNORECASE)
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_POSTED_KINDS = SOAP_KINDS | {Kind.SYNCML, Kind.OTHER}
_NOT_ROUTED = frozenset({404, 405})
_PROXY_AUTHENTICATION = 407


@rule("response-chunked", kinds=SOAP_KINDS)
def chunked(scene: Scene) -> Iterator[Hit]:
    """The answer of an enrolment step is chunked, and the device ignores such an answer without
    telling why. Buffer the answer and send it whole, with a Content-Length."""
    response = scene.exchange.response
    coding = "" if response is None else response.headers.get("Transfer-Encoding") or ""
    if "chunked" in coding.lower():
        yield scene.hit(
            "the answer is sent in chunks, without Content-Length",
            part="response",
            header="Transfer-Encoding",
            evidence=coding,
        )


@rule("content-length-counts-characters")
def length_counts_characters(scene: Scene) -> Iterator[Hit]:
    """Content-Length is the number of characters of the body, which has more bytes: the other side
    reads a cut document and cannot parse it. Count the bytes of the encoded body."""
    if not scene.exchange.verbatim:
        return
    exchange = scene.exchange
    messages = zip(scene.decoded.sides, (exchange.request, exchange.response), strict=False)
    for side, message in messages:
        if message is None or not counts_characters(
            message.headers, message.body, is_broken_xml=bool(side.problems)
        ):
            continue
        length = (message.headers.get("Content-Length") or "").strip()
        is_cut = int(length) == len(side.body)
        body = "was cut there" if is_cut else f"has {len(side.body)} bytes"
        yield scene.hit(
            f"Content-Length {length} is the number of characters; the body {body}",
            part=side.part,
            header="Content-Length",
            evidence=length,
        )


@rule("enroll-http-error", kinds=SOAP_KINDS)
def http_error(scene: Scene) -> Iterator[Hit]:
    """An enrolment step is answered with an HTTP error and no SOAP fault, so enrolment ends and the
    device knows no more than the status. Answer with status 500 and a SOAP fault that has a
    subcode."""
    response = _posted(scene)
    if response is None or response.status < 400 or _has_fault(scene, response):
        return
    if is_not_routed(scene) or is_proxy_challenge(response):
        return
    what = "a web page" if _is_page(scene, response) else _body_words(scene)
    code = 0x80190000 + response.status
    side = scene.decoded.response
    unreadable = ("xml-not-wellformed",) if side is not None and side.problems else ()
    yield scene.hit(
        f"the answer is HTTP {response.status} with {what} (0x{code:08X} on the device)",
        part="response",
        field="status",
        evidence=str(response.status),
        caused_by=(*unreadable, *status_causes(scene, response.status)),
    )


@rule("html-error-page", kinds=SOAP_KINDS)
def html_page(scene: Scene) -> Iterator[Hit]:
    """An enrolment step is answered with a web page, so the device reports a message of the wrong
    format (0x80180001). Answer with SOAP, errors with a SOAP fault and status 500."""
    response = _without_error(scene)
    if response is not None and _is_page(scene, response):
        yield scene.hit(
            f"the answer is a web page under HTTP {response.status}",
            part="response",
            offset=0,
            evidence=response.media_type or "no Content-Type",
        )


@rule("empty-200-body", kinds=SOAP_KINDS)
def empty_body(scene: Scene) -> Iterator[Hit]:
    """An enrolment step is answered with a good status and no body, so enrolment ends (0x80180029
    on Windows 10). Return the SOAP envelope, or a SOAP fault with status 500."""
    response = _without_error(scene)
    side = scene.decoded.response
    if response is not None and side is not None and _is_empty(side):
        yield scene.hit(
            f"the answer is HTTP {response.status} without a body",
            part="response",
            offset=0,
            evidence=f"{len(side.body)} bytes",
        )


@rule("soap-content-type-wrong", kinds=SOAP_KINDS)
def content_type_wrong(scene: Scene) -> Iterator[Hit]:
    """The Content-Type of an enrolment answer is not that of SOAP 1.2 in UTF-8, so the device may
    refuse it. Send application/soap+xml; charset=utf-8."""
    response, side = _posted(scene), scene.decoded.response
    if response is None or side is None or not side.is_recorded or _is_empty(side):
        return
    is_soap = side.envelope is not None
    if not is_soap and (_without_error(scene) is None or _is_page(scene, response)):
        return
    written = response.headers.get("Content-Type") or ""
    if response.media_type == SOAP_MEDIA_TYPE and _charset(written) in ("", "utf-8"):
        return
    yield scene.hit(
        f"the answer's Content-Type is {written or 'missing'}, not {SOAP_CONTENT_TYPE}",
        part="response",
        header="Content-Type",
        evidence=written,
    )


@rule("request-body-empty", kinds=_POSTED_KINDS)
def request_empty(scene: Scene) -> Iterator[Hit]:
    """A POST of enrolment or management came without a body, so the server can only refuse it. Find
    the client or middle box that drops the body; answer 4xx or a fault, not 200."""
    request = scene.exchange.request
    # A loose file is judged without a request of its own, so without a URL.
    if request.method.upper() != "POST" or not request.url:
        return
    if not _is_empty(scene.decoded.request):
        return
    if scene.decoded.kind is Kind.OTHER and request.media_type != SOAP_MEDIA_TYPE:
        return
    length = request.headers.get("Content-Length")
    expects = request.headers.get("Expect")
    words = [f"Content-Length {length}" if length is not None else "no Content-Length"]
    words += [f"Expect {expects}"] if expects is not None else []
    yield scene.hit(
        f"the request has no body ({', '.join(words)})",
        part="request",
        offset=0,
        evidence=", ".join(words),
    )


@rule("proxy-auth-challenge")
def proxy_challenge(scene: Scene) -> Iterator[Hit]:
    """A proxy asks for a password with HTTP 407, which an enrolling device cannot give: the step
    ends without a prompt. Let these hosts through the proxy without authentication."""
    response = scene.exchange.response
    if response is not None and is_proxy_challenge(response):
        yield scene.hit(
            "a proxy asks the device for credentials (HTTP 407)",
            part="response",
            header="Proxy-Authenticate",
            evidence=(response.headers.get("Proxy-Authenticate") or "").partition(" ")[0],
        )


def is_not_routed(scene: Scene) -> bool:
    """Whether a discovery POST finds nothing where the GET before it was answered well."""
    response = scene.exchange.response
    return (
        scene.decoded.kind is Kind.DISCOVER
        and response is not None
        and response.status in _NOT_ROUTED
        and scene.before.probe_status == 200
    )


def is_proxy_challenge(response: Response) -> bool:
    """Whether a proxy asks for credentials, which is no word of the server's."""
    return response.status == _PROXY_AUTHENTICATION and "Proxy-Authenticate" in response.headers


def _posted(scene: Scene) -> Response | None:
    """The answer to a POST of a step, where it sends the device nowhere else."""
    is_post = scene.exchange.request.method.upper() == "POST"
    return scene.exchange.response if is_post and not redirect_of(scene.exchange) else None


def _without_error(scene: Scene) -> Response | None:
    """That answer, where its status promises a message."""
    response = _posted(scene)
    return response if response is not None and response.status < 400 else None


def _has_fault(scene: Scene, response: Response) -> bool:
    """Whether the answer is a SOAP fault, or may be one that was not recorded."""
    side = scene.decoded.response
    if side is None:
        return False
    return side.fault is not None or (
        not side.is_recorded and response.media_type == SOAP_MEDIA_TYPE
    )


def _is_page(scene: Scene, response: Response) -> bool:
    side = scene.decoded.response
    if side is None or side.envelope is not None or (side.is_recorded and _is_empty(side)):
        return False
    return side.is_html or response.media_type in _HTML_TYPES


def _is_empty(side: BodySide) -> bool:
    return side.is_recorded and not side.body.strip()


def _body_words(scene: Scene) -> str:
    side = scene.decoded.response
    if side is None or not side.is_recorded:
        return "a body that was not recorded"
    if _is_empty(side):
        return "no body"
    return "SOAP that is no fault" if side.envelope is not None else "a body that is no SOAP"


def _charset(content_type: str) -> str:
    """The charset parameter in lower case, empty when there is none."""
    found = _CHARSET.search(content_type)
    return "" if found is None else found[1].lower()
