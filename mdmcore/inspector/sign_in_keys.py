"""What joins the steps of a sign-in where several devices share an address (enrollment.md 5.2).

A page is followed by what it handed out: cookies, a URL to go to, hidden fields; the token that it
ends with comes again in GetPolicies and RST. Only digests of such values are remembered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl

from mdmcore.base64_text import decode_base64
from mdmcore.enrollment.jwt import parse_jwt
from mdmcore.enrollment.soap import Envelope
from mdmcore.errors import MdmError
from mdmcore.http import Exchange, Request
from mdmcore.namespaces import VALUE_TYPE_JWT
from mdmcore.rules.decoded import WabPart
from mdmcore.rules.urls import redirect_of

_MIN_LENGTH = 16
"""Shorter values are names of steps and buttons, the same for everybody."""
_MAX_TRACES = 16
_MAX_TEXT = 64 * 1024
_MAX_FIELDS = 64
_NAME_CLAIMS = ("upn", "unique_name", "preferred_username", "email")


def given_traces(exchange: Exchange, page: WabPart | None) -> tuple[str, ...]:
    """Digests of what the answer handed out, to be found again in the next request."""
    response = exchange.response
    if response is None:
        return ()
    cookies = response.headers.get_all("Set-Cookie")
    values = [text.partition(";")[0].partition("=")[2] for text in cookies]
    values.append(redirect_of(exchange))
    if page is not None and page.form is not None:
        values += [one.value for one in page.form.inputs]
    return _digests(values, page)


def shown_traces(exchange: Exchange, page: WabPart | None) -> tuple[str, ...]:
    """Digests of what a request brings of an earlier page, its own URL included."""
    request = exchange.request
    values = [
        pair.partition("=")[2]
        for text in request.headers.get_all("Cookie")
        for pair in text.split(";")
    ]
    values += [request.url, *(value for _, value in _fields(request))]
    return _digests(values, page)


def addresses(request: Request) -> tuple[str, ...]:
    """The e-mail addresses in query, Referer and posted form, in lower case, each once."""
    referer = Request(method="GET", url=request.headers.get("Referer") or "")
    pairs = (*_fields(request), *_fields(referer))
    return tuple(dict.fromkeys(value.strip().lower() for _, value in pairs if "@" in value))


def token_digest(text: str) -> str:
    """What a token is remembered by; that of the page's own text, and of its base64."""
    return hashlib.sha256(text.encode()).hexdigest()


def token_digests(envelope: Envelope | None) -> tuple[str, ...]:
    """The digests that the user's token of a message may be remembered by."""
    if envelope is None or envelope.user_token is None:
        return ()
    text = envelope.user_token.text
    decoded = decode_base64(text)
    found = [token_digest(text)]
    if decoded is not None:
        found.append(hashlib.sha256(decoded).hexdigest())
    return tuple(found)


def user_names(envelope: Envelope | None) -> tuple[str, ...]:
    """The user's names in the security header: that of a UsernameToken, or those of a JWT."""
    if envelope is None:
        return ()
    if envelope.username:
        return (envelope.username,)
    token = envelope.user_token
    if token is None or token.value_type != VALUE_TYPE_JWT:
        return ()
    try:
        claims = parse_jwt(decode_base64(token.text) or token.text.encode()).claims
    except MdmError:
        return ()
    names = (claims.get(name) for name in _NAME_CLAIMS)
    return tuple(name for name in names if isinstance(name, str) and name)


def _fields(request: Request) -> Iterator[tuple[str, str]]:
    texts = [request.query]
    if request.body and request.media_type == "application/x-www-form-urlencoded":
        texts.append(request.body[:_MAX_TEXT].decode("utf-8", "replace"))
    for text in texts:
        try:
            yield from parse_qsl(text, max_num_fields=_MAX_FIELDS)
        except ValueError:
            continue


def _digests(values: Iterable[str], page: WabPart | None) -> tuple[str, ...]:
    """``appru`` is the client's own address, the same on all devices of its kind."""
    same = page.appru if page is not None else ""
    traces = [one for one in values if len(one) >= _MIN_LENGTH and one != same and "@" not in one]
    return tuple(dict.fromkeys(token_digest(one) for one in traces))[:_MAX_TRACES]
