"""What a device asks of HTTP before it looks at a body: URLs, status, headers, whole bodies.

Sources: enrollment.md section 2, session.md section 3. The connection itself is the driver's.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Generator
from urllib.parse import urljoin, urlsplit

from mdmcore.errors import XmlError
from mdmcore.http import Request, Response
from mdmcore.phone.refusal import NoAnswer, Refusal, Step
from mdmcore.xml import Element, declared_encoding, parse_strict

type Leg = Generator[Request, Response, Response]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
"""Which of them enrolment knows is unconfirmed; 302 in practice (enrollment.md 2)."""

_HOST = re.compile(r"^[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_-]+)*\.?$")
_UTF8 = {"utf-8", "utf8", "us-ascii", "ascii"}


def fetch(request: Request, step: Step) -> Leg:
    """One exchange; a missing answer is the end of the step."""
    try:
        response = yield request
    except NoAnswer as error:
        raise Refusal(
            f"no answer from {request.host}: {error.reason}",
            step=step,
            place="url",
            evidence=request.url,
        ) from None
    return response


def redirect_target(response: Response, url: str) -> str | None:
    """Where the answer to ``url`` sends the device; ``None`` when it is no redirect."""
    location = response.headers.get("Location")
    if response.status not in _REDIRECTS or not location:
        return None
    return joined(url, location)


def joined(url: str, reference: str) -> str:
    """The URL that a reference means there; as it stands when it cannot be read."""
    try:
        return urljoin(url, reference)
    except ValueError:
        return reference


def url_problem(url: str) -> str | None:
    """Why a device does not go there, ``None`` when it does: https and a DNS name are needed."""
    if url != url.strip() or any(character.isspace() for character in url):
        return "the URL has blanks in or around it"
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError as error:
        return f"not a URL: {error}"
    if parts.scheme.lower() != "https":
        return f"the scheme is {parts.scheme or 'missing'!r}, not https"
    if not host:
        return "the URL names no host"
    if is_address(host):
        return f"{host} is an IP address, a DNS name is needed"
    if not _HOST.match(host):
        return f"{host!r} is not a host name"
    return None


def is_address(host: str) -> bool:
    """Whether a host is an IPv4 or IPv6 address in place of a name."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return bool(re.fullmatch(r"[\d.]+", host))
    return True


def check_url(url: str, *, step: Step, place: str) -> str:
    """The URL; Refusal when a device would not go there."""
    problem = url_problem(url)
    if problem is not None:
        raise Refusal(problem, step=step, place=place, evidence=url)
    return url


def check_whole(response: Response, step: Step) -> bytes:
    """The body of an enrolment answer: in one piece, uncompressed, of the announced length."""
    transfer = response.headers.get("Transfer-Encoding")
    if transfer is not None:
        raise Refusal(
            "the answer is chunked, the device reads only whole messages with a Content-Length",
            step=step,
            place="header Transfer-Encoding",
            evidence=transfer,
        )
    return announced_body(response, step)


def announced_body(response: Response, step: Step) -> bytes:
    """The body up to its Content-Length; Refusal when it is shorter, or compressed."""
    coding = response.headers.get("Content-Encoding")
    if coding is not None and coding.strip().lower() not in {"", "identity"}:
        raise Refusal(
            "the answer is compressed, which the device did not ask for",
            step=step,
            place="header Content-Encoding",
            evidence=coding,
        )
    body = response.body or b""
    text = response.headers.get("Content-Length")
    if text is None:
        return body
    length = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
    if length is None or length > len(body):
        raise Refusal(
            f"Content-Length does not fit, {len(body)} bytes came",
            step=step,
            place="header Content-Length",
            evidence=text,
        )
    return body[:length]


def strict_xml(body: bytes, step: Step) -> Element:
    """The root of a well-formed UTF-8 document with nothing before its declaration."""
    if body.startswith(b"\xef\xbb\xbf"):
        raise Refusal(
            "a byte order mark stands before the document",
            step=step,
            place="body offset 0",
            evidence="EF BB BF",
        )
    declared = declared_encoding(body)
    if declared is not None and declared not in _UTF8:
        raise Refusal(
            "the document declares another encoding than UTF-8",
            step=step,
            place="xml declaration",
            evidence=declared,
        )
    try:
        return parse_strict(body)
    except XmlError as error:
        is_namespace = "is not a valid URI" in error.message
        problem = "a namespace is not recognised" if is_namespace else "not well-formed"
        raise Refusal(
            f"the document cannot be read, {problem}: {error.message}",
            step=step,
            place=error.where or "body",
            evidence=body[:80].decode("utf-8", "replace"),
        ) from None


def is_utf8(name: str | None) -> bool:
    """Whether that charset name (``None``: not given) is UTF-8 or a subset."""
    return name is None or name in _UTF8
