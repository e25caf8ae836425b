"""Both proofs of a session: ours toward the server, the server's toward us (session.md 4).

Pure judgements over messages; what the session does next stands in ``conversation``.
"""

from __future__ import annotations

from dataclasses import dataclass

from mdmcore.errors import ProtocolError
from mdmcore.http import Headers
from mdmcore.namespaces import AUTH_BASIC, AUTH_MAC, AUTH_MD5
from mdmcore.phone.readiness import SessionAccount
from mdmcore.phone.refusal import Refusal, Step
from mdmcore.phone.server_message import refusal
from mdmcore.records import AuthScheme
from mdmcore.syncml.credentials import basic_cred, digest_cred, verify_digest
from mdmcore.syncml.hmac_header import (
    HMAC_HEADER,
    MacHeader,
    mac,
    parse_mac_header,
    serialize_mac_header,
)
from mdmcore.syncml.model import Cred, Status, SyncML

_SCHEMES = {
    AUTH_MD5: AuthScheme.MD5,
    AUTH_BASIC: AuthScheme.BASIC,
    AUTH_MAC: AuthScheme.MD5,
}
_MAC = f"header {HMAC_HEADER}"
_CRED = "/SyncML/SyncHdr/Cred"


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What the server wants in the next Cred; ``nonce`` for a digest. ``is_mac``: no Cred, but a
    MAC of each message, made with the secret and nonce of a digest."""

    scheme: AuthScheme
    nonce: bytes | None
    is_mac: bool = False

    @property
    def name(self) -> str:
        """What it is called in a refusal."""
        return "mac" if self.is_mac else self.scheme.value


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerProof:
    """What the server's credentials are worth: SyncML status code, and why when refused."""

    code: int
    refused: Refusal | None = None

    @property
    def is_accepted(self) -> bool:
        """Whether the server is who it should be."""
        return self.refused is None


def own_cred(account: SessionAccount, scheme: AuthScheme, nonce: bytes) -> Cred:
    """The device's credential."""
    if scheme is AuthScheme.BASIC:
        return basic_cred(account.user, account.secret)
    return digest_cred(account.user, account.secret, nonce)


def read_challenge(status: Status) -> Challenge | None:
    """The Chal of a Status, ``None`` when there is none; Refusal when it cannot be followed,
    UnknownChallenge for a type that the device does not know."""
    chal = status.chal
    if chal is None:
        return None
    place = f"{status.place}/Chal/Meta"
    if not chal.type:
        raise refusal("the challenge names no Type", f"{place}/Type")
    scheme = _SCHEMES.get(chal.type)
    if scheme is None:
        raise UnknownChallenge(chal.type, f"{place}/Type")
    if scheme is AuthScheme.BASIC:
        return Challenge(scheme=scheme, nonce=None)
    if chal.format != "b64":
        raise refusal("the challenge's Format is not b64", f"{place}/Format", chal.format)
    if chal.next_nonce is None:
        what = "is missing" if chal.next_nonce_text is None else "is no base64"
        raise refusal(f"NextNonce {what}", f"{place}/NextNonce", chal.next_nonce_text)
    return Challenge(scheme=scheme, nonce=chal.next_nonce, is_mac=chal.type == AUTH_MAC)


class UnknownChallenge(Refusal):
    """A challenge of a type the device does not know: it answers 406 and gives up."""

    def __init__(self, type: str, place: str) -> None:
        super().__init__(
            "the device does not know this kind of challenge (406)",
            step=Step.MANAGEMENT,
            place=place,
            evidence=type,
        )


def judge_server(message: SyncML, account: SessionAccount, nonce: bytes | None) -> ServerProof:
    """Judge the Cred of the server's header: 212, 401 (wrong) or 407 (missing)."""
    cred = message.header.cred
    if cred is None:
        return ServerProof(code=407, refused=refusal("the server sent no credentials", _CRED))
    problem = _problem(cred, account, nonce)
    return ServerProof(code=212 if problem is None else 401, refused=problem)


def _problem(cred: Cred, account: SessionAccount, nonce: bytes | None) -> Refusal | None:
    if not cred.type or not cred.format:
        return refusal("the server's Cred lacks Type or Format", f"{_CRED}/Meta")
    if account.server_secret is None:
        return refusal(
            "the CLIENT account is not DIGEST, so no server credential is accepted",
            f"{_CRED}/Meta/Type",
            cred.type,
        )
    if cred.type != AUTH_MD5:
        return refusal("the server's Cred is no MD5 digest", f"{_CRED}/Meta/Type", cred.type)
    if cred.format != "b64":
        return refusal(
            "the Format of the server's Cred is not b64", f"{_CRED}/Meta/Format", cred.format
        )
    if nonce is not None and verify_digest(
        cred.data, account.provider_id, account.server_secret, nonce
    ):
        return None
    return refusal(
        f"the server's digest does not prove {account.provider_id!r} with the CLIENT secret "
        "and the nonce in force",
        f"{_CRED}/Data",
        cred.data,
    )


def own_mac(account: SessionAccount, nonce: bytes, body: bytes) -> tuple[str, str]:
    """The HTTP header that proves the device's message; Refusal for a user that cannot stand in
    it."""
    header = MacHeader(username=account.user, mac=mac(account.user, account.secret, nonce, body))
    try:
        return HMAC_HEADER, serialize_mac_header(header)
    except ProtocolError as error:
        raise refusal(error.message, error.place, account.user) from None


def mac_problem(
    headers: Headers, body: bytes, message: SyncML, account: SessionAccount, nonce: bytes | None
) -> Refusal | None:
    """Why the server's message is not proven by its MAC, ``None`` when it is (DMSEC 5.4)."""
    if message.header.cred is not None:
        return refusal("there is a Cred beside the MAC", _CRED, message.header.cred.type)
    text = headers.get(HMAC_HEADER)
    if text is None:
        return refusal("the server's message has no MAC", _MAC)
    try:
        header = parse_mac_header(text)
    except ProtocolError as error:
        return refusal(f"the MAC cannot be read: {error.message}", _MAC, text)
    if header.username != account.provider_id:
        return refusal(f"the MAC is not of the user {account.provider_id!r}", _MAC, header.username)
    if account.server_secret is None:
        return refusal("the CLIENT account is not DIGEST, so no MAC is accepted", _MAC, text)
    if nonce is not None and header.verify(account.server_secret, nonce, body):
        return None
    return refusal(
        "the server's MAC does not prove the message with the CLIENT secret and the nonce in force",
        _MAC,
        text,
    )
