"""A DM session: one dialogue with the server, and what it leaves behind.

When the device gives up, the Refusal carries its state, for nonces may have moved. A server's
Unenroll ends session and enrolment (``unenrollment``).
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from mdmcore.http import Request, Response
from mdmcore.phone.aftermath import settled
from mdmcore.phone.certificate_store import SearchResult
from mdmcore.phone.client_identity import found_identity, offering
from mdmcore.phone.commands import Answered
from mdmcore.phone.dialogue import Dialogue
from mdmcore.phone.keyring import Keyring
from mdmcore.phone.message_signing import message_signer, signing
from mdmcore.phone.refusal import Refusal
from mdmcore.phone.settings import Clock, Random
from mdmcore.phone.state import EnrolledPhone
from mdmcore.phone.unenrollment import erased, report_unenrollment
from mdmcore.syncml.model import Alert


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOutcome:
    """A session that came to its end. ``phone`` is the state for the next one.

    ``executed`` are the server's commands with their codes; ``is_aborted`` when the server broke
    off, ``is_cancelled`` when the device's user did; ``client_certificate`` what the device would
    offer in the TLS handshake. With ``is_unenrolled`` the server's Exec ended it: ``phone`` is no
    longer enrolled. The last of ``executed`` was never answered then, unless it was a wipe
    (``phone.device.wipe``).
    """

    phone: EnrolledPhone
    session_id: str
    messages: int
    is_client_authenticated: bool
    is_server_authenticated: bool
    is_aborted: bool
    executed: tuple[Answered, ...]
    client_certificate: SearchResult
    is_unenrolled: bool = False
    is_cancelled: bool = False


def sync(
    phone: EnrolledPhone,
    *,
    random: Random,
    clock: Clock | None = None,
    alerts: Sequence[Alert] = (),
    keys: Keyring | None = None,
) -> Generator[Request, Response, SessionOutcome]:
    """Hold one session. ``clock``, when given, lets the device judge its certificate's dates, and
    tells the time of what the session starts; without it that is the time of the enrolment.
    ``alerts`` are told in package 1 (``generic_alert``). ``keys`` are needed where messages are to
    be signed: ConfigError when the device's is not there."""
    now = None if clock is None else clock()
    dialogue = Dialogue(phone, random, alerts, now=now)
    certificate = phone.management_certificate(now)
    identity = found_identity(certificate, phone.certificates)
    signer = message_signer(phone, keys=keys, clock=clock)
    try:
        is_aborted = yield from offering(identity, signing(signer, dialogue.run()))
    except Refusal as error:
        error.phone = settled(dialogue.phone(), now or phone.enrolled)
        raise
    after, session = dialogue.phone(), dialogue.session
    if dialogue.is_unenrolling:
        yield from report_unenrollment(after, random=random, clock=clock, keys=keys)
        after = erased(after)
    else:
        after = settled(after, now or phone.enrolled)
    return SessionOutcome(
        phone=after,
        session_id=session.session_id,
        messages=session.msg_id,
        is_client_authenticated=session.is_client_accepted,
        is_server_authenticated=session.is_server_accepted,
        is_aborted=is_aborted,
        is_cancelled=dialogue.is_cancelled,
        executed=tuple(dialogue.executed),
        client_certificate=certificate,
        is_unenrolled=after.is_unenrolled,
    )
