"""Who enrols, by a token: ours from the sign-in page, or an unverified JWT of Entra ID.

Sources: enrollment.md 5.2 and 7.1 (MS-MDE 3.2, 3.3.4.1). A token of ours is opaque and random; the
store keeps its SHA-256 only. It may be shown until it has expired or bought one certificate. A
JWT's signature is not checked: this is a lab, its keys are not ours.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta

from mdmcore.base64_text import decode_base64
from mdmcore.enrollment.jwt import parse_jwt
from mdmcore.enrollment.soap import UserToken
from mdmcore.errors import DeviceFault, ParseError
from mdmcore.namespaces import VALUE_TYPE_JWT, VALUE_TYPE_USER_TOKEN
from mdmcore.records import IssuedUserToken
from mdmcore.server.ports import Clock, Random, StateStore

_TOKEN_BYTES = 32
_NAME_CLAIMS = ("upn", "unique_name", "preferred_username", "email")


class UserTokens:
    """Issues tokens and tells whose they are; every refusal is a DeviceFault in one line."""

    def __init__(
        self,
        *,
        store: StateStore,
        clock: Clock,
        random: Random,
        lifetime: timedelta,
        accepts_jwt: bool,
    ) -> None:
        self._store = store
        self._clock = clock
        self._random = random
        self._lifetime = lifetime
        self._accepts_jwt = accepts_jwt

    def issue(self, username: str) -> str:
        """A new token for that user, recorded before it is returned."""
        token = base64.urlsafe_b64encode(self._random(_TOKEN_BYTES)).decode()
        self._store.add_user_token(
            IssuedUserToken(
                digest=_digest(token.encode()),
                username=username,
                expires=self._clock() + self._lifetime,
            )
        )
        return token

    def owner(self, token: UserToken) -> str:
        """The user behind a token of the security header; the token stays usable."""
        if token.value_type == VALUE_TYPE_JWT and self._accepts_jwt:
            return self._jwt_owner(token)
        if token.value_type != VALUE_TYPE_USER_TOKEN:
            raise DeviceFault(f"a token of ValueType {token.value_type!r} is not served")
        known = self._store.user_token(_digest(_decoded(token)))
        if known is None:
            raise DeviceFault("the user token was not issued here")
        if known.used is not None:
            raise DeviceFault("the user token has been used")
        if known.expires <= self._clock():
            raise DeviceFault("the user token has expired")
        return known.username

    def spend(self, token: UserToken) -> None:
        """Use up a token of ours, once; a second request with it, even at once, is refused."""
        if token.value_type != VALUE_TYPE_USER_TOKEN:
            return
        if not self._store.spend_user_token(_digest(_decoded(token)), self._clock()):
            raise DeviceFault("the user token has been used")

    def _jwt_owner(self, token: UserToken) -> str:
        try:
            claims = parse_jwt(_decoded(token)).claims
        except ParseError as error:
            raise DeviceFault(f"the JWT cannot be read: {error}") from None
        expires = claims.get("exp")
        if isinstance(expires, int | float) and expires <= self._clock().timestamp():
            raise DeviceFault("the JWT has expired")
        for name in _NAME_CLAIMS:
            value = claims.get(name)
            if isinstance(value, str) and value.strip():
                return value.strip()
        raise DeviceFault(f"the JWT names no user ({', '.join(_NAME_CLAIMS)})")


def _digest(token: bytes) -> str:
    return hashlib.sha256(token).hexdigest()


def _decoded(token: UserToken) -> bytes:
    """The token behind the base64 that the client put around it."""
    data = decode_base64(token.text)
    if not data:
        raise DeviceFault("the user token is empty or is not base64")
    return data
