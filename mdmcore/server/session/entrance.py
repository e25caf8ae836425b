"""Who is let in, and as whom: version, proof, challenge; then the turn of a proven device.

The part of session.md 1.8 before OPEN: 505 and 513, 401 and 407 with one challenge in a session,
212 or 200 with the nonce that comes next (4.3, 4.4). What a proven device gets is decided in
``turn``; bytes and storage are ``management``'s.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from mdmcore.http import Request
from mdmcore.namespaces import AUTH_MAC, AUTH_MD5
from mdmcore.profiles import device_profile
from mdmcore.records import Account, AuthScheme, SessionState
from mdmcore.server.authentication import Proof, Verdict
from mdmcore.server.credential_mistakes import CredentialMistakes
from mdmcore.server.device_authentication import DeviceAuthentication, Shown
from mdmcore.server.device_message import size_limit
from mdmcore.server.message import AnswerBuilder, Challenge
from mdmcore.server.message_signature import MessageSignatures
from mdmcore.server.ports import Clock, Random, StateStore
from mdmcore.server.session.changes import Changes
from mdmcore.server.session.intake import refused
from mdmcore.server.session.limits import NONCE_BYTES
from mdmcore.server.session.neighbours import judge_neighbours
from mdmcore.server.session.own_proof import note_challenge
from mdmcore.server.session.queue import Queue
from mdmcore.server.session.sending import DeviceLimits, Sending
from mdmcore.server.session.size import Sizes
from mdmcore.server.session.turn import Turn
from mdmcore.server.session.versions import NAMESPACE_OF, spoken_version, version_problem
from mdmcore.server.session.work import Proven, Work
from mdmcore.server.settings import ServerSettings
from mdmcore.syncml.model import SyncML
from mdmcore.syncml.wire import WireForm

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A message with what belongs to it: its form, its session, what proves its sender."""

    request: Request
    message: SyncML
    form: WireForm
    given: Shown
    session: SessionState
    work: Work
    domain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The answer to a message, its MsgID, and what the message changes."""

    answer: SyncML
    msg_id: int
    changes: Changes


class Entrance:
    """Answers messages, without storing anything."""

    def __init__(
        self, settings: ServerSettings, *, store: StateStore, clock: Clock, random: Random
    ) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._random = random
        self._authentication = DeviceAuthentication(settings, store=store, clock=clock)
        self._signatures = MessageSignatures(settings, store=store, clock=clock)
        self._mistakes = CredentialMistakes(settings, store=store)

    def answer(self, received: Received) -> Answered:
        """The answer to one message. Raises what ``encode_body`` raises."""
        message, work = received.message, received.work
        received = replace(received, work=replace(work, messages=work.messages + 1))
        problem = version_problem(message)
        proof = _NOBODY
        if problem is None:
            proof = self._authentication.prove(
                message, received.given, received.session, received.work
            )
            proof = self._signatures.judge(proof, received.request)
        msg_id = self.next_msg_id(message, received.session, proof.account)
        builder = AnswerBuilder(
            message, msg_id=msg_id, source=self._settings.dm_url(received.domain)
        )
        if problem is not None:
            changes = self._refuse_version(received, problem, builder)
        elif proof.verdict is not Verdict.ACCEPTED or proof.account is None:
            changes = self._refuse(received, proof, builder)
        elif received.session.is_closed:
            changes = self._answer_late(received, builder)
        else:
            changes = self._serve(received, proof, proof.account, builder)
        return Answered(answer=builder.build(), msg_id=msg_id, changes=changes)

    def next_msg_id(
        self, message: SyncML, session: SessionState, account: Account | None = None
    ) -> int:
        """n+1 for n, or counted, by the device's profile (design section 5); never repeated."""
        number = message.header.msg_id
        is_number = number.isascii() and number.isdigit() and len(number) < 10
        if is_number and device_profile(self._profile(account)).adds_one_to_msg_id:
            return max(session.server_msg_id + 1, int(number) + 1)
        return session.server_msg_id + 1

    def _profile(self, account: Account | None) -> str:
        return (account.profile if account is not None else "") or self._settings.profile

    # --- refusals ---------------------------------------------------------------------------

    def _refuse_version(self, received: Received, code: str, builder: AnswerBuilder) -> Changes:
        """505 or 513, in a version that we speak."""
        version = spoken_version(received.message)
        builder.speak(version=version, namespace=NAMESPACE_OF[version])
        builder.header_status(code, None)
        self._put_refusals(received, builder, code)
        return Changes(session=received.session, work=received.work)

    def _refuse(self, received: Received, proof: Proof, builder: AnswerBuilder) -> Changes:
        """407 or 401 for SyncHdr and for every command; one challenge in a session."""
        message, session, work = received.message, received.session, received.work
        code = str(proof.verdict.value)
        was_challenged = session.challenge_nonce is not None
        challenge = None
        if not was_challenged and not proof.ends_session and not session.is_closed:
            nonce = self._random(NONCE_BYTES)
            challenge = self._authentication.challenge(nonce)
            session = replace(session, challenge_nonce=nonce)
            work = replace(work, challenge=challenge.type)
        builder.header_status(code, challenge)
        self._put_refusals(received, builder, code)
        session, work = note_challenge(message, session, work)
        words = "missing"
        if proof.verdict is not Verdict.MISSING:
            words = self._mistakes.named(message, session) or "wrong or device unknown"
        logger.info(
            "DM session %s of %s: credentials %s",
            message.header.session_id,
            message.header.source,
            words,
        )
        session = replace(session, is_closed=challenge is None)
        return Changes(session=session, work=work, is_forged=proof.is_forged)

    def _put_refusals(self, received: Received, builder: AnswerBuilder, code: str) -> None:
        """A Status for every command, as far as they have room."""
        meta = received.message.header.meta
        limit = None if meta is None else size_limit(meta.max_msg_size)
        limits = DeviceLimits(message=limit, object=None, takes_large_objects=lambda: False)
        sending = Sending(builder, self._sizes(received), limits)
        sending.put_statuses(refused(received.message, code))

    def _sizes(self, received: Received) -> Sizes:
        return Sizes(received.form.for_answer(), received.message.namespace)

    def _answer_late(self, received: Received, builder: AnswerBuilder) -> Changes:
        """A message in a session that is over: statuses and nothing else."""
        builder.header_status("200", None)
        self._put_refusals(received, builder, "200")
        return Changes(session=received.session, work=received.work)

    # --- a proven device ----------------------------------------------------------------------

    def _serve(
        self, received: Received, proof: Proof, account: Account, builder: AnswerBuilder
    ) -> Changes:
        message, now = received.message, self._clock()
        is_first = not received.session.is_client_authenticated
        account, session, work, challenge = self._accept(received, proof, account)
        builder.header_status(_accepting_code(received, proof), challenge)
        device_id, profile = session.device_id, self._profile(account)
        queue = Queue(self._store, account, device_id, provider_id=self._settings.provider_id)
        others: tuple[SessionState, ...] = ()
        if is_first:
            neighbours = judge_neighbours(
                self._store.open_sessions(device_id, session.session_id),
                has_parallel=device_profile(profile).has_parallel_sessions,
                now=now,
            )
            others = neighbours.ended
            account = queue.begin(account, alive=neighbours.alive, now=now)
        turn = Turn(
            message=message,
            answer=builder,
            sizes=self._sizes(received),
            session=session,
            work=work,
            account=account,
            queue=queue,
            profile=profile,
            provider_id=self._settings.provider_id,
            now=now,
            inventory_of=lambda: self._store.inventory(device_id),
        )
        return replace(turn.run(), others=others)

    def _accept(
        self, received: Received, proof: Proof, account: Account
    ) -> tuple[Account, SessionState, Work, Challenge | None]:
        """Bind the account to the device and renew its nonce: after a digest to be used in the
        next session, after an HMAC in the next message."""
        header = received.message.header
        account = replace(
            account, device_id=header.source, last_session=self._clock(), is_shared=False
        )
        session = replace(received.session, account=account.name, is_client_authenticated=True)
        work = received.work
        if proof.is_new:
            work = replace(work, proven=proof.proven, nonce=proof.nonce)
        if not proof.is_new or not _renews(proof, account):
            return account, session, work, None
        nonce = self._random(NONCE_BYTES)
        if account.scheme is not AuthScheme.BASIC:
            account = replace(account, previous_nonce_c2s=proof.nonce, nonce_c2s=nonce)
        if proof.proven is Proven.HMAC:
            return (
                account,
                session,
                replace(work, nonce=nonce),
                Challenge(type=AUTH_MAC, nonce=nonce),
            )
        return account, session, work, Challenge(type=AUTH_MD5, nonce=nonce)


_NOBODY = Proof(verdict=Verdict.MISSING)


def _accepting_code(received: Received, proof: Proof) -> str:
    """212 for a Cred, 200 for what counts for this message only (session.md 4.3)."""
    if proof.proven is Proven.HMAC or received.message.header.cred is None:
        return "200"
    return "212"


def _renews(proof: Proof, account: Account) -> bool:
    """Whether the proof used up a nonce: each HMAC does, a digest where the account has one."""
    if proof.proven is Proven.MD5:
        return account.scheme is AuthScheme.MD5
    return proof.proven is Proven.HMAC
