"""JSON Web Tokens: what the token of an Entra ID enrolment says (RFC 7519, RFC 7515 section 3).

The security header carries the token once more in base64 (enrollment.md 5.2). The signature is
not verified: its keys are not ours. Whom a claim admits is the server's matter.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from mdmcore.errors import ParseError

MAX_JWT_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Jwt:
    """A token's header and claims, as the JSON says them; ``signature`` as it is written, empty
    without one."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any] = field(repr=False)
    signature: str = field(default="", repr=False)


def parse_jwt(token: bytes, *, most: int = MAX_JWT_BYTES) -> Jwt:
    """The token in compact form. ParseError with the place when it is longer than ``most`` bytes or
    cannot be read."""
    if len(token) > most:
        raise ParseError("the JWT is too long")
    header, claims, signature = (*token.strip().split(b"."), b"", b"", b"")[:3]
    return Jwt(
        header=_object(header, "header", 0),
        claims=_object(claims, "claims", len(header) + 1),
        signature=signature.decode("ascii", "replace"),
    )


def _object(part: bytes, what: str, offset: int) -> Mapping[str, Any]:
    try:
        padded = part + b"=" * (-len(part) % 4)
        value = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        raise ParseError(f"the {what} of the JWT is no JSON in base64url", offset=offset) from None
    if not isinstance(value, dict):
        raise ParseError(f"the {what} of the JWT is no JSON object", offset=offset)
    return MappingProxyType(value)
