"""Mistakes in the server's own credentials: the digest's formula, its nonce, its account.

Sources: session.md 4, 8.2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from mdmcore.http import Response
from mdmcore.records import Account
from mdmcore.server.faults.messages import answer_message, sent_message, with_message
from mdmcore.server.faults.model import Answered, Step, fault
from mdmcore.syncml.credentials import digest_cred, verify_digest
from mdmcore.syncml.digest_mistakes import (
    DECODED_AS_TEXT,
    HEX_THEN_BASE64,
    INNER_HASH_HEX,
    INNER_HASH_RAW,
    MISSING_COLON,
    NONCE_IGNORED,
    NOT_DECODED,
    wrong_digest,
)
from mdmcore.syncml.model import Cred, SyncML

_NONCES = "nonces of the server"
_ENROLLMENTS = "accounts of a device, by enrolment"
_SECRETS = "secret of the server in an account"
_KEPT_NONCES = "nonces of the server in an account"
_NONCE_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class _Proof:
    """The server's right credential in one answer: whose, and with which nonce."""

    account: Account
    secret: str
    nonce: bytes


def account_of(answered: Answered) -> Account | None:
    """The account behind a DM exchange, as the server has just stored it."""
    sent = sent_message(answered)
    if sent is None:
        return None
    found = answered.tools.store.accounts_for(sent.header.source, None)
    return found[0] if found else None


def _proof(answered: Answered) -> _Proof | None:
    """The credential that the answer carries; ``None`` where it carries none."""
    message, account = answer_message(answered), account_of(answered)
    if message is None or account is None or account.server_secret is None:
        return None
    cred = message.header.cred
    if cred is None:
        return None
    sent = sent_message(answered)
    status = None if sent is None else sent.header_status
    told = status.chal.next_nonce if status is not None and status.chal is not None else None
    earlier = answered.tools.memory.recall(_NONCES, account.name)
    for nonce in (account.nonce_s2c, told, *reversed(earlier)):
        user = answered.tools.settings.provider_id
        if nonce is not None and verify_digest(cred.data, user, account.server_secret, nonce):
            answered.tools.memory.note(nonce, _NONCES, account.name)
            return _Proof(account=account, secret=account.server_secret, nonce=nonce)
    return None


def _with_cred(answered: Answered, cred: Cred | None) -> Response | None:
    def change(message: SyncML) -> SyncML:
        return replace(message, header=replace(message.header, cred=cred))

    return with_message(answered, change)


def _with_formula(answered: Answered, rule: str) -> Response | None:
    """The digest by a wrong formula."""
    proof = _proof(answered)
    if proof is None:
        return None
    user = answered.tools.settings.provider_id
    cred = digest_cred(user, proof.secret, proof.nonce)
    return _with_cred(
        answered, replace(cred, data=wrong_digest(rule, user, proof.secret, proof.nonce))
    )


@fault(NOT_DECODED, Step.MANAGE)
def nonce_as_base64(answered: Answered) -> Response | None:
    """The nonce goes into the digest as base64."""
    return _with_formula(answered, NOT_DECODED)


@fault(DECODED_AS_TEXT, Step.MANAGE)
def nonce_as_text(answered: Answered) -> Response | None:
    """The nonce is turned into a string on its way into the digest."""
    return _with_formula(answered, DECODED_AS_TEXT)


@fault(NONCE_IGNORED, Step.MANAGE)
def no_nonce_in_digest(answered: Answered) -> Response | None:
    """The digest is made without a nonce."""
    return _with_formula(answered, NONCE_IGNORED)


@fault(INNER_HASH_HEX, Step.MANAGE)
def inner_hash_in_hex(answered: Answered) -> Response | None:
    """The inner hash is written in hex."""
    return _with_formula(answered, INNER_HASH_HEX)


@fault(INNER_HASH_RAW, Step.MANAGE)
def inner_hash_raw(answered: Answered) -> Response | None:
    """The inner hash is not base64."""
    return _with_formula(answered, INNER_HASH_RAW)


@fault(MISSING_COLON, Step.MANAGE)
def no_colon(answered: Answered) -> Response | None:
    """No colon before the nonce."""
    return _with_formula(answered, MISSING_COLON)


@fault(HEX_THEN_BASE64, Step.MANAGE)
def base64_of_hex(answered: Answered) -> Response | None:
    """The base64 of the digest's hex digits."""
    return _with_formula(answered, HEX_THEN_BASE64)


@fault("digest-user-not-provider-id", Step.MANAGE)
def other_user(answered: Answered) -> Response | None:
    """The digest's user is AAUTHNAME instead of PROVIDER-ID."""
    proof = _proof(answered)
    if proof is None:
        return None
    return _with_cred(answered, digest_cred(proof.account.name, proof.secret, proof.nonce))


@fault("appauth-levels-swapped", Step.MANAGE)
def secret_of_the_device(answered: Answered) -> Response | None:
    """The digest is made with the secret of APPSRV, which is the device's."""
    proof = _proof(answered)
    if proof is None:
        return None
    user = answered.tools.settings.provider_id
    return _with_cred(answered, digest_cred(user, proof.account.secret, proof.nonce))


@fault("missing-server-cred", Step.MANAGE)
def no_cred(answered: Answered) -> Response | None:
    """The server does not prove itself."""
    return None if _proof(answered) is None else _with_cred(answered, None)


@fault("server-cred-copied-from-client", Step.MANAGE)
def copied_cred(answered: Answered) -> Response | None:
    """The server sends the device's own credential back."""
    sent = sent_message(answered)
    if sent is None or sent.header.cred is None or _proof(answered) is None:
        return None
    return _with_cred(answered, sent.header.cred)


@fault("cred-missing-meta", Step.MANAGE)
def cred_without_meta(answered: Answered) -> Response | None:
    """The server's Cred says neither Type nor Format."""
    message = answer_message(answered)
    if message is None or message.header.cred is None:
        return None
    return _with_cred(answered, replace(message.header.cred, type="", format=""))


# --- which nonce ---


def _is_challenged(answered: Answered) -> bool:
    """Whether the device has just refused the server's credentials."""
    sent = sent_message(answered)
    status = None if sent is None else sent.header_status
    return status is not None and status.data in {"401", "407"}


def _with_nonce(answered: Answered, proof: _Proof, nonce: bytes) -> Response | None:
    user = answered.tools.settings.provider_id
    return _with_cred(answered, digest_cred(user, proof.secret, nonce))


@fault("nextnonce-not-stored", Step.MANAGE)
def nonce_before(answered: Answered) -> Response | None:
    """The nonce of the session before, though a new one came; challenged, it does better."""
    proof = _proof(answered)
    if proof is None or _is_challenged(answered):
        return None
    seen = answered.tools.memory.recall(_NONCES, proof.account.name)
    place = seen.index(proof.nonce)
    return _with_nonce(answered, proof, seen[place - 1]) if place else None


@fault("stale-nonce", Step.MANAGE)
def first_nonce(answered: Answered) -> Response | None:
    """The nonce of the enrolment, long after; challenged, it does better."""
    proof = _proof(answered)
    if proof is None or _is_challenged(answered):
        return None
    seen = answered.tools.memory.recall(_NONCES, proof.account.name)
    return _with_nonce(answered, proof, seen[0]) if seen.index(proof.nonce) > 1 else None


@fault("nonce-used-too-early", Step.MANAGE)
def nonce_of_the_next_session(answered: Answered) -> Response | None:
    """The NextNonce that came with 212 is used in the very next message."""
    sent, account = sent_message(answered), account_of(answered)
    status = None if sent is None else sent.header_status
    if status is None or account is None or account.server_secret is None:
        return None
    if status.data != "212" or status.chal is None or status.chal.next_nonce is None:
        return None
    user = answered.tools.settings.provider_id
    cred = digest_cred(user, account.server_secret, status.chal.next_nonce)

    def change(message: SyncML) -> SyncML:
        header = replace(message.header, cred=cred, source_name=user)
        return replace(message, header=header)

    return with_message(answered, change)


@fault("nonce-used-too-late", Step.MANAGE)
def challenge_not_followed(answered: Answered) -> Response | None:
    """A digest that proves nothing at first; then, challenged, the nonce of before."""
    proof = _proof(answered)
    if proof is None:
        return None
    if not _is_challenged(answered):
        return _with_nonce(answered, proof, answered.tools.random(_NONCE_BYTES))
    seen = answered.tools.memory.recall(_NONCES, proof.account.name)
    place = seen.index(proof.nonce)
    return _with_nonce(answered, proof, seen[place - 1]) if place else None


# --- which enrolment ---


@fault("re-enrolled-state-kept", Step.MANAGE)
def account_before(answered: Answered) -> Response | None:
    """A device that has enrolled anew is answered with secret and nonce of the enrolment before."""
    sent, account = sent_message(answered), account_of(answered)
    if sent is None or account is None or account.server_secret is None:
        return None
    memory, device = answered.tools.memory, sent.header.source
    memory.note(account.name.encode(), _ENROLLMENTS, device)
    memory.note(account.server_secret.encode(), _SECRETS, account.name)
    memory.note(account.nonce_s2c, _KEPT_NONCES, account.name)
    names = memory.recall(_ENROLLMENTS, device)
    place = names.index(account.name.encode())
    proof = _proof(answered) if place else None
    if proof is None:
        return None
    old = names[place - 1].decode()
    secret = memory.recall(_SECRETS, old)[-1].decode()
    nonce = proof.nonce if _is_challenged(answered) else memory.recall(_KEPT_NONCES, old)[-1]
    return _with_cred(answered, digest_cred(answered.tools.settings.provider_id, secret, nonce))
