"""Changes of HTTP headers: credentials, cookies, addresses, certificates, and all known values."""

from __future__ import annotations

import re

from mdmcore.base64_text import decode_base64, encode_base64
from mdmcore.capture.redact.edits import apply_edits
from mdmcore.capture.redact.kinds import BY_NAME, FORM_ONLY, ValueKind
from mdmcore.capture.redact.leaf import Leaf
from mdmcore.capture.redact.run import Run
from mdmcore.http import Headers

_HOSTS = frozenset({"host", "x-forwarded-host", "x-original-host", ":authority"})
_ADDRESSES = frozenset(
    [
        "x-forwarded-for",
        "x-real-ip",
        "forwarded",
        "via",
        "x-client-ip",
        "true-client-ip",
        "cf-connecting-ip",
        "x-forwarded-server",
        "x-ms-client-ip",
    ]
)
_CREDENTIALS = frozenset({"authorization", "proxy-authorization"})
_COOKIES = frozenset({"cookie", "set-cookie"})
_CHALLENGES = frozenset({"www-authenticate", "proxy-authenticate", "authentication-info"})
_PLAIN = frozenset(
    [
        "content-length",
        "content-type",
        "date",
        "server",
        "user-agent",
        "accept",
        "accept-encoding",
        "accept-language",
        "cache-control",
        "connection",
        "pragma",
        "expires",
        "last-modified",
        "etag",
        "vary",
        "transfer-encoding",
        "content-encoding",
        "content-range",
        "range",
        "accept-ranges",
        "age",
        "keep-alive",
    ]
)
"""Headers that hold nothing of anybody."""
_SECRET_NAME = re.compile(r"token|secret|api-?key|password|cookie|session|auth", re.IGNORECASE)
_COOKIE_ATTRIBUTES = frozenset(
    [
        "expires",
        "max-age",
        "path",
        "secure",
        "httponly",
        "samesite",
        "priority",
        "version",
        "comment",
    ]
)
_DIGEST_PART = re.compile(r'([A-Za-z]+)=("?)([^",]*)\2')
_ADDRESS_TOKEN = re.compile(r"[0-9A-Fa-f.:]*[.:][0-9A-Fa-f.:]*[0-9A-Fa-f]")


def rewritten(run: Run, headers: Headers) -> Headers:
    """The headers with other values, in the same order."""
    return Headers((name, _value(run, name.lower(), value)) for name, value in headers)


def _value(run: Run, name: str, value: str) -> str:
    if not value or name in _PLAIN:
        return value
    if name in _CREDENTIALS:
        return _credentials(run, value)
    if name in _CHALLENGES:
        return _challenge(run, value)
    if name in _COOKIES:
        return _cookies(run, value)
    if name in _HOSTS:
        return _host(run, value)
    if name in _ADDRESSES:
        value = _ADDRESS_TOKEN.sub(lambda one: run.value(ValueKind.ADDRESS, one[0]), value)
        return apply_edits(value, run.free(value))
    if name in BY_NAME and name not in FORM_ONLY:
        return apply_edits(value, run.leaf(Leaf(name=name, is_form=True), value))
    packed = run.packed(value.strip())
    if packed is not None:
        return value.replace(value.strip(), packed)
    changes = run.free(value)
    if not changes and _SECRET_NAME.search(name) and " " not in value.strip():
        return run.value(ValueKind.TOKEN, value)
    return apply_edits(value, changes)


def _host(run: Run, value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not colon or not port.isdigit() or (host.count(":") and not host.endswith("]")):
        host, colon, port = value, "", ""
    return run.value(ValueKind.HOST, host.strip()) + colon + port


def _credentials(run: Run, value: str) -> str:
    scheme, blank, rest = value.partition(" ")
    if not blank:
        return run.value(ValueKind.TOKEN, value)
    if scheme.lower() == "basic":
        data = decode_base64(rest.strip())
        text = data.decode("utf-8", "surrogateescape") if data is not None else ""
        user, colon, password = text.partition(":")
        if colon:
            new = f"{run.value(ValueKind.USER, user)}:{run.value(ValueKind.SECRET, password)}"
            return f"{scheme} {encode_base64(new.encode('utf-8', 'surrogateescape'))}"
    if scheme.lower() == "digest":
        return scheme + blank + _DIGEST_PART.sub(lambda one: _digest_part(run, one), rest)
    changes = run.free(rest) if scheme.lower() == "bearer" and rest.startswith("eyJ") else []
    if changes:
        return scheme + blank + apply_edits(rest, changes)
    return scheme + blank + run.value(ValueKind.TOKEN, rest)


def _challenge(run: Run, value: str) -> str:
    """Schemes stay; what follows one is a token or has parts with names."""
    scheme, blank, rest = value.partition(" ")
    if blank and decode_base64(rest.strip()) and "=" not in rest.strip().rstrip("="):
        return scheme + blank + run.value(ValueKind.TOKEN, rest)
    return _DIGEST_PART.sub(lambda one: _digest_part(run, one), value)


def _digest_part(run: Run, part: re.Match[str]) -> str:
    name, quote, value = part[1], part[2], part[3]
    if name in ("username",):
        value = run.value(ValueKind.USER, value)
    elif name in ("nonce", "cnonce", "response", "opaque"):
        value = run.value(ValueKind.TOKEN, value)
    elif name in ("uri", "realm", "domain"):
        value = apply_edits(value, run.free(value))
    return f"{name}={quote}{value}{quote}"


def _cookies(run: Run, value: str) -> str:
    parts = []
    for part in value.split(";"):
        name, equals, inside = part.partition("=")
        low = name.strip().lower()
        if low == "domain":
            dot = "." if inside.startswith(".") else ""
            part = name + equals + dot + run.value(ValueKind.HOST, inside.lstrip("."))
        elif equals and low not in _COOKIE_ATTRIBUTES:
            part = name + equals + run.value(ValueKind.TOKEN, inside)
        parts.append(part)
    return ";".join(parts)
