"""The DM endpoint: one message in, one out, and everything it changes stored in between.

Reads and writes the bytes (the answer has the form of its request, XML or WBXML), finds the session
a message belongs to, answers a repeated message with the identical bytes, and lets
``device_authentication`` and ``session.turn`` decide the rest (session.md 1.8).
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from mdmcore.errors import MdmError
from mdmcore.http import Request, Response, TlsFacts
from mdmcore.namespaces import AUTH_MAC, AUTH_MD5
from mdmcore.profiles import device_profile
from mdmcore.records import Account, AuthScheme, SessionState
from mdmcore.server.answers import plain_answer, syncml_answer
from mdmcore.server.authentication import Proof, Verdict
from mdmcore.server.credential_mistakes import CredentialMistakes
from mdmcore.server.device_authentication import DeviceAuthentication, Shown, shown
from mdmcore.server.device_message import opens_session, size_limit
from mdmcore.server.message import AnswerBuilder, Challenge
from mdmcore.server.message_signature import MessageSignatures
from mdmcore.server.ports import Clock, Random, StateStore
from mdmcore.server.session.intake import refused
from mdmcore.server.session.limits import MAX_ID_CHARACTERS, NONCE_BYTES
from mdmcore.server.session.neighbours import is_silent, judge_neighbours
from mdmcore.server.session.own_proof import note_challenge
from mdmcore.server.session.queue import Queue
from mdmcore.server.session.sending import DeviceLimits, Sending
from mdmcore.server.session.size import Sizes
from mdmcore.server.session.turn import Changes, Turn
from mdmcore.server.session.versions import NAMESPACE_OF, spoken_version, version_problem
from mdmcore.server.session.work import Proven, Work, read_work, work_text
from mdmcore.server.settings import ServerSettings
from mdmcore.syncml.hmac_header import HMAC_HEADER
from mdmcore.syncml.model import SyncML
from mdmcore.syncml.wire import WireForm, decode_body, encode_body

logger = logging.getLogger(__name__)

type Checkpoint = Callable[[str], None]
"""Told the point that a message has reached: ``received 1A/2``, ``stored 1A/2``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Received:
    """A message with what belongs to it: its form, its session, what proves its sender."""

    request: Request
    message: SyncML
    form: WireForm
    given: Shown
    session: SessionState
    work: Work
    domain: str


class ManagementService:
    """The DM endpoint."""

    def __init__(
        self,
        settings: ServerSettings,
        *,
        store: StateStore,
        clock: Clock,
        random: Random,
        checkpoint: Checkpoint | None = None,
    ) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._random = random
        self._checkpoint = checkpoint or _pass
        self._authentication = DeviceAuthentication(settings, store=store, clock=clock)
        self._signatures = MessageSignatures(settings, store=store, clock=clock)
        self._mistakes = CredentialMistakes(settings, store=store)

    def answer(self, request: Request, domain: str, tls: TlsFacts | None = None) -> Response:
        """Answer one POST to the DM URL; the state it leaves is stored before this returns."""
        body = request.body or b""
        try:
            message, form = decode_body(body, request.headers)
        except MdmError as error:
            return self._unreadable(request, error, domain)
        header = message.header
        if max(len(header.source), len(header.session_id), len(header.msg_id)) > MAX_ID_CHARACTERS:
            return plain_answer(400, f"an id of more than {MAX_ID_CHARACTERS} characters")
        label = f"{header.session_id}/{header.msg_id}"
        self._checkpoint(f"received {label}")
        known = self._store.session(header.source, header.session_id)
        # The same bytes with another HMAC are another message.
        proven_by = "".join(request.headers.get_all(HMAC_HEADER)).encode()
        digest = hashlib.sha256(body + proven_by).hexdigest()
        is_resent = known is not None and self._is_resent(known, digest)
        if known is not None and is_resent and self._signatures.is_good_copy(request, known):
            answer, mac_header = known.last_response, read_work(known).mac_header
        else:
            given = shown(request, message, tls)
            session = self._session(known, message, given)
            received = _Received(
                request=request,
                message=message,
                form=form,
                given=given,
                session=session,
                work=read_work(session),
                domain=domain,
            )
            try:
                answer, mac_header = self._take(received, digest)
            except MdmError as error:
                return plain_answer(400, f"no answer can be written: {error}")
        self._checkpoint(f"stored {label}")
        response = syncml_answer(answer, form.content_type)
        if not mac_header:
            return response
        return replace(response, headers=response.headers.replaced(HMAC_HEADER, mac_header))

    def _take(self, received: _Received, digest: str) -> tuple[bytes, str]:
        """The answer to a new message and its HMAC, once everything is stored."""
        builder, changes, msg_id = self._turn(received)
        answer = encode_body(builder.build(), received.form.for_answer())
        mac_header = "" if changes.proof is None else changes.proof.mac_header(answer)
        work = replace(changes.work, mac_header=mac_header)
        session = replace(
            changes.session,
            server_msg_id=msg_id,
            work=work_text(work),
            # A refused signature must not keep the same body, well signed, from being heard.
            last_request_digest="" if changes.is_forged else digest,
            last_response=answer,
            updated=self._clock(),
        )
        self._store.save_message(
            session,
            account=changes.account,
            inventory=changes.inventory,
            statuses=changes.statuses,
            jobs=changes.jobs,
            results=changes.results,
            others=changes.others,
        )
        return answer, mac_header

    # --- sessions ---------------------------------------------------------------------------

    def _is_resent(self, session: SessionState, digest: str) -> bool:
        return session.last_request_digest == digest and not is_silent(session, self._clock())

    def _session(self, known: SessionState | None, message: SyncML, given: Shown) -> SessionState:
        """The session this message belongs to. A package 1 begins a new one when it has MsgID 1
        or the one before is over, unless it answers a challenge: a device that then counts from 1
        again is let through. One that was silent for too long is dead."""
        header = message.header
        if known is not None and not is_silent(known, self._clock()):
            is_challenged = known.challenge_nonce is not None and not known.is_client_authenticated
            begins = opens_session(message) and (known.is_closed or header.msg_id == "1")
            if not begins or (is_challenged and not known.is_closed and given.is_there):
                return known
        return SessionState(
            device_id=header.source, session_id=header.session_id, started=self._clock()
        )

    def _next_msg_id(
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

    # --- one message ------------------------------------------------------------------------

    def _turn(self, received: _Received) -> tuple[AnswerBuilder, Changes, int]:
        message, work = received.message, received.work
        received = replace(received, work=replace(work, messages=work.messages + 1))
        problem = version_problem(message)
        if problem is not None:
            return self._refuse_version(received, problem)
        proof = self._authentication.prove(message, received.given, received.session, received.work)
        proof = self._signatures.judge(proof, received.request)
        msg_id = self._next_msg_id(message, received.session, proof.account)
        builder = self._builder(received, msg_id)
        if proof.verdict is not Verdict.ACCEPTED or proof.account is None:
            return builder, self._refuse(received, proof, builder), msg_id
        if received.session.is_closed:
            return builder, self._answer_late(received, builder), msg_id
        return builder, self._serve(received, proof, proof.account, builder), msg_id

    def _builder(self, received: _Received, msg_id: int) -> AnswerBuilder:
        return AnswerBuilder(
            received.message, msg_id=msg_id, source=self._settings.dm_url(received.domain)
        )

    def _refuse_version(self, received: _Received, code: str) -> tuple[AnswerBuilder, Changes, int]:
        """505 or 513, in a version that we speak."""
        msg_id = self._next_msg_id(received.message, received.session)
        builder = self._builder(received, msg_id)
        version = spoken_version(received.message)
        builder.speak(version=version, namespace=NAMESPACE_OF[version])
        builder.header_status(code, None)
        self._put_refusals(received, builder, code)
        return builder, Changes(session=received.session, work=received.work), msg_id

    def _refuse(self, received: _Received, proof: Proof, builder: AnswerBuilder) -> Changes:
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

    def _put_refusals(self, received: _Received, builder: AnswerBuilder, code: str) -> None:
        """A Status for every command, as far as they have room."""
        meta = received.message.header.meta
        limit = None if meta is None else size_limit(meta.max_msg_size)
        limits = DeviceLimits(message=limit, object=None, takes_large_objects=lambda: False)
        sending = Sending(builder, self._sizes(received), limits)
        sending.put_statuses(refused(received.message, code))

    def _sizes(self, received: _Received) -> Sizes:
        return Sizes(received.form.for_answer(), received.message.namespace)

    def _answer_late(self, received: _Received, builder: AnswerBuilder) -> Changes:
        """A message in a session that is over: statuses and nothing else."""
        builder.header_status("200", None)
        self._put_refusals(received, builder, "200")
        return Changes(session=received.session, work=received.work)

    def _serve(
        self, received: _Received, proof: Proof, account: Account, builder: AnswerBuilder
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
        self, received: _Received, proof: Proof, account: Account
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

    # --- what cannot be read ----------------------------------------------------------------

    def _unreadable(self, request: Request, error: MdmError, domain: str) -> Response:
        """400 for SyncHdr where the header can still be made out, else HTTP 400."""
        logger.info("DM message refused: %s", error)
        try:
            message, form = decode_body(request.body or b"", request.headers, strict=False)
            session = self._counted(message)
            msg_id = self._next_msg_id(message, session)
            answer = AnswerBuilder(message, msg_id=msg_id, source=self._settings.dm_url(domain))
            answer.header_status("400", None)
            body = encode_body(answer.build(), form.for_answer())
        except MdmError:
            return plain_answer(400, f"not a SyncML message: {error}")
        if session.updated is not None:
            self._store.save_message(replace(session, server_msg_id=msg_id))
        return syncml_answer(body, form.content_type)

    def _counted(self, message: SyncML) -> SessionState:
        """The open session whose MsgIDs go on here; nothing else of it may change."""
        header = message.header
        known = self._store.session(header.source, header.session_id)
        if known is not None and not known.is_closed and not is_silent(known, self._clock()):
            return known
        return SessionState(device_id=header.source, session_id=header.session_id)


def _accepting_code(received: _Received, proof: Proof) -> str:
    """212 for a Cred, 200 for what counts for this message only (session.md 4.3)."""
    if proof.proven is Proven.HMAC or received.message.header.cred is None:
        return "200"
    return "212"


def _renews(proof: Proof, account: Account) -> bool:
    """Whether the proof used up a nonce: each HMAC does, a digest where the account has one."""
    if proof.proven is Proven.MD5:
        return account.scheme is AuthScheme.MD5
    return proof.proven is Proven.HMAC


def _pass(_label: str) -> None:
    """The checkpoint that nobody has installed."""
