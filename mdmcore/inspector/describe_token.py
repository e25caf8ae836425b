"""The user's token of a Federated enrolment as plain JSON values: of a JWT what it claims.

The token and its signature are secrets; five claims say whose it is, for whom, and until when.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from mdmcore.base64_text import decode_base64
from mdmcore.enrollment.jwt import Jwt, parse_jwt
from mdmcore.enrollment.soap import UserToken
from mdmcore.errors import MdmError
from mdmcore.inspector.masking import MASKED, Mask
from mdmcore.inspector.shown import shown
from mdmcore.namespaces import VALUE_TYPE_JWT

SHOWN_CLAIMS = frozenset({"upn", "aud", "iss", "exp", "tid"})
"""User, audience, issuer, end and tenant; other claims are named, not shown."""

_TIMES = frozenset({"exp", "nbf", "iat"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_CLAIMS = 100
_START = b"eyJ"  # of every JWT: the base64 of its first brace and quote


def describe_user_token(token: UserToken, mask: Mask) -> dict[str, Any]:
    """``value_type``, the masked ``text``, and ``jwt`` where the token is one."""
    result: dict[str, Any] = {"value_type": token.value_type, "text": mask.secret(token.text)}
    data = decode_base64(token.text) or b""
    if token.value_type != VALUE_TYPE_JWT and not data.startswith(_START):
        return result
    try:
        result["jwt"] = _jwt(parse_jwt(data), mask)
    except MdmError as error:
        if token.value_type == VALUE_TYPE_JWT:
            result["problem"] = str(error)
    return result


def _jwt(token: Jwt, mask: Mask) -> dict[str, Any]:
    claims = list(token.claims.items())[:_MAX_CLAIMS]
    return {
        "algorithm": shown(str(token.header.get("alg", ""))),
        "claims": {
            shown(name): _claim(name, value)
            if name in SHOWN_CLAIMS or mask.show_secrets
            else MASKED
            for name, value in claims
        },
    }


def _claim(name: str, value: object) -> str:
    if name in _TIMES and isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return (_EPOCH + timedelta(seconds=value)).isoformat().replace("+00:00", "Z")
        except (OverflowError, ValueError):
            pass
    return shown(str(value))
