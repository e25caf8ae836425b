"""A user's token: a JWT (RFC 7519) of an Azure AD enrolment, or an opaque one of a sign-in page.

Its signature is not verified: that needs the issuer's keys. Whoever has the whole text may use
it, so it is never shown unasked.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from mdmcore.base64_text import decode_base64
from mdmcore.enrollment.jwt import Jwt, parse_jwt
from mdmcore.errors import ParseError
from mdmcore.inspector.artifact.kinds import token_in

_MAX_TOKEN = 256 * 1024
_MAX_VALUE = 300
_TIMES = ("iat", "nbf", "exp")
_CLAIMS = (
    "iss",
    "aud",
    "upn",
    "unique_name",
    "oid",
    "tid",
    "deviceid",
    "appid",
    "scp",
    "ver",
    *_TIMES,
)
_HEADER = ("typ", "alg", "kid")


def parse_user_token(data: bytes) -> Jwt:
    """The JWT that is all of ``data``; ParseError with the place otherwise."""
    text = token_in(data)
    if not text:
        raise ParseError("no JWT of three parts", offset=0)
    return parse_jwt(text.encode("ascii"), most=_MAX_TOKEN)


def jwt_of(base64_text: str) -> Jwt | None:
    """The JWT in the base64 of a security header; ``None`` when it is another token."""
    data = decode_base64(base64_text)
    try:
        return None if data is None else parse_user_token(data)
    except ParseError:
        return None


def token_facts(token: Jwt, now: datetime | None) -> dict[str, Any]:
    """The header and the claims that tell whose it is, for whom, and how long it holds."""
    facts: dict[str, Any] = {
        name: _text(token.header[name]) for name in _HEADER if name in token.header
    }
    for name in _CLAIMS:
        if name in token.claims:
            value = token.claims[name]
            facts[name] = _moment(value) if name in _TIMES else _text(value)
    others = sorted(set(token.claims) - set(_CLAIMS))
    if others:
        facts["other_claims"] = [_text(name) for name in others[:40]]
    facts["signature"] = "not verified" if token.signature else "none"
    expires = _time(token.claims.get("exp"))
    if now is not None and expires is not None:
        facts["state"] = "expired" if now >= expires else "not expired"
    return facts


def token_summary(token: Jwt) -> str:
    """One line."""
    who = next((token.claims[n] for n in ("upn", "unique_name", "sub") if n in token.claims), None)
    of = "" if who is None else f" of {_text(who)}"
    return f"JWT{of} from {_text(token.claims.get('iss', 'an unknown issuer'))}"


def _text(value: object) -> str:
    try:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "..."
    return text if len(text) <= _MAX_VALUE else f"{text[: _MAX_VALUE - 3]}..."


def _time(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _moment(value: object) -> str:
    moment = _time(value)
    return _text(value) if moment is None else moment.isoformat().replace("+00:00", "Z")
