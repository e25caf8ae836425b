"""JSON Web Tokens: what the token of an Entra ID enrolment says (RFC 7519, RFC 7515 section 3).

The security header carries the token once more in base64 (enrollment.md 5.2). The signature is
not verified and not kept: its keys are not ours. Whom a claim admits is the server's matter.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from mdmcore.errors import DeviceFault

MAX_JWT_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Jwt:
    """A token's header and claims, as the JSON says them."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any] = field(repr=False)


def parse_jwt(token: bytes) -> Jwt:
    """The token in compact form. DeviceFault when it is too long or cannot be read."""
    if len(token) > MAX_JWT_BYTES:
        raise DeviceFault("the JWT is too long")
    parts = token.strip().split(b".")
    header, claims = (_object(part) for part in (*parts, b"", b"")[:2])
    if header is None or claims is None:
        raise DeviceFault("the JWT cannot be read")
    return Jwt(header=MappingProxyType(header), claims=MappingProxyType(claims))


def _object(part: bytes) -> dict[str, Any] | None:
    try:
        padded = part + b"=" * (-len(part) % 4)
        value = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
