"""A JSON Web Token as readable text for the content views: header, claims, what is unproven.

A view shows a message as it is, so the claims are whole; the signature is told by its length only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mdmcore.errors import MdmError
from mdmcore.inspector.artifact.kind_names import ArtifactKind
from mdmcore.inspector.artifact.kinds import kind_of
from mdmcore.inspector.artifact.user_token import parse_user_token

_START = re.compile(
    rb"\s*[\"']?(?:Bearer )?eyJ[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){0,2}[\"']?\s*\Z"
)
_TIMES = ("iat", "nbf", "exp")


def is_jwt(data: bytes) -> bool:
    """Whether the bytes are a JWT in compact form, alone, quoted or behind ``Bearer``."""
    return kind_of(data) is ArtifactKind.USER_TOKEN


def starts_like_jwt(head: bytes) -> bool:
    """Whether a message that begins so may be a JWT; its end need not be here."""
    return _START.match(head) is not None


def describe_jwt(data: bytes) -> str:
    """Header and claims indented, the times in words; never raises."""
    try:
        token = parse_user_token(data)
    except MdmError as error:
        return f"JWT that cannot be read: {error}"
    length = len(token.signature)
    said = f"{length} characters, not verified" if length else "none"
    return "\n".join(
        [
            "JSON Web Token (its claims are unverified: that takes its issuer's keys)",
            f"header: {_json(token.header)}",
            f"claims: {_json(token.claims)}",
            *_times(token.claims),
            f"signature: {said}",
        ]
    )


def _json(value: Mapping[str, Any]) -> str:
    try:
        return json.dumps(dict(value), indent=2, ensure_ascii=False)
    except RecursionError:
        return "nested too deep to be shown"


def _times(claims: Mapping[str, Any]) -> list[str]:
    lines = []
    for name in _TIMES:
        value = claims.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        try:
            moment = datetime.fromtimestamp(value, UTC)
        except (OverflowError, ValueError, OSError):
            continue
        lines.append(f"{name}: {moment:%Y-%m-%d %H:%M:%S} UTC")
    return lines
