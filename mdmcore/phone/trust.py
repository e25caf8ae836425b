"""Who believes whom: how a session changes with what each side says of the other's credentials.

Values in, values out (session.md 4.3, 4.4); the proofs themselves are in ``authentication``, what
is sent in ``dialogue``.
"""

from __future__ import annotations

from dataclasses import replace

from mdmcore.namespaces import AUTH_MAC
from mdmcore.phone.authentication import Challenge, ServerProof
from mdmcore.phone.conversation import Session, header_answer
from mdmcore.phone.server_message import refusal
from mdmcore.phone.settings import Random
from mdmcore.syncml.model import Status

_NONCE_BYTES = 16


def accepted(session: Session, status: Status, challenge: Challenge | None) -> Session:
    """The session after a 200 or 212 for its message; Refusal for what does not go with it.

    212 is for the whole session, 200 with a challenge for this message only; a MAC is always
    answered 200, with the nonce of the next one (DMSEC 5.4).
    """
    if not session.sends_cred:
        return session
    if challenge is not None:
        _check_type(session, status, challenge)
    nonce = None if challenge is None else challenge.nonce
    if session.uses_mac:
        if status.data != "200":
            raise refusal(
                "the MAC of one message was answered with 212, as if it proved a session",
                f"{status.place}/Data",
                status.data,
            )
        if nonce is None:
            raise refusal(
                "there is no NextNonce for the MAC of the next message", f"{status.place}/Chal"
            )
        session = replace(session, nonce_c2s=nonce)
    elif status.data == "212":
        nonce = nonce or session.next_nonce_c2s
        session = replace(session, sends_cred=False, next_nonce_c2s=nonce)
    else:
        session = replace(session, nonce_c2s=nonce or session.nonce_c2s)
    return replace(session, is_client_accepted=True)


def challenged(session: Session, status: Status, challenge: Challenge | None) -> Session:
    """The session after a 401 or 407: it sends the credentials that were asked for, once."""
    code = status.data
    if challenge is None:
        raise refusal(
            f"{code} without Chal, the device cannot compute credentials", f"{status.place}/Chal"
        )
    if session.challenges or session.is_client_accepted:
        raise refusal(
            f"the server challenges again ({code}), the device answers one challenge",
            f"{status.place}/Data",
            code,
        )
    return replace(
        session,
        challenges=1,
        sends_cred=True,
        uses_mac=challenge.is_mac,
        scheme=challenge.scheme,
        nonce_c2s=challenge.nonce or session.nonce_c2s,
    )


def judged(session: Session, proof: ServerProof, random: Random) -> tuple[Session, Status]:
    """The Status for the server's header, and the session that has said so.

    Believed (with the nonce for the next session, once), or challenged with a nonce to be used at
    once; the second failure is the proof's Refusal. With MACs each message brings a new nonce.
    """
    if proof.refused is None and session.is_server_accepted and not session.uses_mac:
        return session, header_answer(session, 212, None)
    if proof.refused is not None and session.server_refusals:
        raise proof.refused
    nonce = random(_NONCE_BYTES)
    if session.uses_mac:
        return replace(session, nonce_s2c=nonce), header_answer(session, 200, nonce, AUTH_MAC)
    if proof.is_accepted:
        following = replace(session, is_server_accepted=True, next_nonce_s2c=nonce)
    else:
        following = replace(session, server_refusals=1, nonce_s2c=nonce)
    return following, header_answer(session, proof.code, nonce)


def _check_type(session: Session, status: Status, challenge: Challenge) -> None:
    """The authentication type must not change once it is chosen (DMPRO 9.1)."""
    if (challenge.scheme, challenge.is_mac) != (session.scheme, session.uses_mac):
        present = "mac" if session.uses_mac else session.scheme.value
        raise refusal(
            f"the authentication type changes from {present} to {challenge.name}",
            f"{status.place}/Chal/Meta/Type",
            challenge.name,
        )
