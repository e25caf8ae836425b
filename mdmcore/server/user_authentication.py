"""The user behind a SOAP message: name and password, or the token of a Federated enrolment.

Sources: enrollment.md 5 (MS-MDE 3.3.4.1). Passwords are in the clear inside TLS and never logged.
"""

from __future__ import annotations

from mdmcore.enrollment.soap import Envelope, UserToken
from mdmcore.errors import MdmError
from mdmcore.profiles import FEDERATED, ON_PREMISE
from mdmcore.server.passwords import PasswordList
from mdmcore.server.refusal import Refusal
from mdmcore.server.user_tokens import UserTokens

_HEADER_TOKENS = {ON_PREMISE: "UsernameToken", FEDERATED: "BinarySecurityToken of the user"}


class UserAuthentication:
    """Checks who sends a message; every failure is a Refusal."""

    def __init__(
        self, auth_policies: tuple[str, ...], *, passwords: PasswordList, tokens: UserTokens
    ) -> None:
        self._allowed = auth_policies
        self._passwords = passwords
        self._tokens = tokens

    def authenticate(self, envelope: Envelope) -> str:
        """The user's name, proven by password or token, as far as the settings allow both."""
        allowed = self._allowed
        if envelope.user_token is not None and FEDERATED in allowed:
            return self._token_owner(envelope.user_token)
        if envelope.username is None or ON_PREMISE not in allowed:
            wanted = " or ".join(_HEADER_TOKENS[policy] for policy in allowed)
            raise Refusal("InvalidSecurity", f"no {wanted} in the security header")
        if not self.is_password(envelope.username, envelope.password or ""):
            raise Refusal("Authentication", f"user name or password of {envelope.username!r} wrong")
        return envelope.username

    def has_credentials(self, envelope: Envelope) -> bool:
        """Whether the header tries to prove a user: by a token, or a password that is not blank."""
        return envelope.user_token is not None or bool((envelope.password or "").strip())

    def _token_owner(self, token: UserToken) -> str:
        try:
            username = self._tokens.owner(token)
        except MdmError as error:
            raise Refusal("Authentication", str(error)) from None
        if not self._passwords.knows(username):
            raise Refusal("Authentication", f"{username!r} is not one of the users")
        return username

    def spend_token(self, envelope: Envelope) -> None:
        """The token buys this one certificate."""
        if envelope.user_token is None or FEDERATED not in self._allowed:
            return
        try:
            self._tokens.spend(envelope.user_token)
        except MdmError as error:
            raise Refusal("Authentication", str(error)) from None

    def is_password(self, username: str, password: str) -> bool:
        """Any user and password will do unless ``users`` restricts them."""
        return self._passwords.matches(username, password)
