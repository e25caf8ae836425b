"""One DM message in, one out: authentication, statuses, commands, and the end of the session.

The state machine of session.md 1.8 as far as sessions without large objects need it: package
1 is answered with 212 (or challenged), our own Cred and the Gets of ``inventory``; the device's
answers are stored; a message with statuses and Final ends the session. A device that is to leave
gets the Exec for that instead (``unenrollment``). Each answer has the form of its request, XML or
WBXML.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, replace
from datetime import timedelta

from mdmcore.errors import MdmError
from mdmcore.http import Request, Response
from mdmcore.namespaces import AUTH_MD5
from mdmcore.profiles import device_profile
from mdmcore.records import (
    Account,
    AuthScheme,
    CommandStatus,
    InventoryValue,
    QueuedJob,
    QueueState,
    SessionState,
)
from mdmcore.server.answers import plain_answer, syncml_answer
from mdmcore.server.authentication import Proof, Verdict
from mdmcore.server.credential_mistakes import CredentialMistakes
from mdmcore.server.device_authentication import DeviceAuthentication
from mdmcore.server.device_message import (
    command_results,
    is_abort,
    reported_values,
    status_for,
)
from mdmcore.server.inventory import INVENTORY_NODES
from mdmcore.server.message import AnswerBuilder, Challenge
from mdmcore.server.message_signature import MessageSignatures
from mdmcore.server.ports import Clock, Random, StateStore
from mdmcore.server.settings import ServerSettings
from mdmcore.server.unenrollment import UNENROLL, UNENROLL_URI, came_back, left, told
from mdmcore.syncml.credentials import digest_cred
from mdmcore.syncml.model import SyncML
from mdmcore.syncml.unenrollment import tells_unenrollment
from mdmcore.syncml.wire import decode_body, encode_body

logger = logging.getLogger(__name__)

_MAX_ID_CHARACTERS = 256
_RESEND_WINDOW = timedelta(minutes=10)
"""A message with the same bytes within this time is a retry, later a new session."""
_NONCE_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """What answering one message changed, and the answer."""

    session: SessionState
    account: Account | None
    answer: AnswerBuilder
    inventory: tuple[InventoryValue, ...] = ()
    statuses: tuple[CommandStatus, ...] = ()
    job: QueuedJob | None = None


class ManagementService:
    """The DM endpoint."""

    def __init__(
        self, settings: ServerSettings, *, store: StateStore, clock: Clock, random: Random
    ) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._random = random
        self._authentication = DeviceAuthentication(settings, store=store)
        self._mistakes = CredentialMistakes(settings, store=store)
        self._signatures = MessageSignatures(settings, store=store, clock=clock)

    def answer(self, request: Request, domain: str) -> Response:
        """Answer one POST to the DM URL; the state it leaves is stored before this returns."""
        body = request.body or b""
        try:
            message, form = decode_body(body, request.headers)
        except MdmError as error:
            return self._unreadable(request, error, domain)
        header = message.header
        if max(len(header.source), len(header.session_id), len(header.msg_id)) > _MAX_ID_CHARACTERS:
            return plain_answer(400, f"an id of more than {_MAX_ID_CHARACTERS} characters")
        known = self._store.session(header.source, header.session_id)
        digest = hashlib.sha256(body).hexdigest()
        is_resent = known is not None and self._is_resent(known, digest)
        if known is not None and is_resent and self._signatures.is_good_copy(request, known):
            return syncml_answer(known.last_response, form.content_type)
        session = self._session(known, message)
        proven = self._authentication.prove(message, session)
        proof = self._signatures.judge(proven, request)
        turn = self._turn(message, session, proof, domain)
        try:
            answer = encode_body(turn.answer.build(), form.for_answer())
        except MdmError as error:
            return plain_answer(400, f"no answer can be written: {error}")
        self._store.save_message(
            replace(
                turn.session,
                # A refused signature must not keep the same body, well signed, from being heard.
                last_request_digest=digest if proof is proven else "",
                last_response=answer,
                updated=self._clock(),
            ),
            account=turn.account,
            inventory=turn.inventory,
            statuses=turn.statuses,
            jobs=() if turn.job is None else (turn.job,),
        )
        return syncml_answer(answer, form.content_type)

    def _is_resent(self, session: SessionState, digest: str) -> bool:
        updated = session.updated
        return (
            session.last_request_digest == digest
            and updated is not None
            and self._clock() - updated <= _RESEND_WINDOW
        )

    def _session(self, known: SessionState | None, message: SyncML) -> SessionState:
        """The session this message belongs to; package 1 with MsgID 1 begins a new one.

        Unless it answers a challenge: a device that then counts from 1 again is let through.
        """
        header = message.header
        if known is not None and not known.is_closed:
            is_challenged = known.challenge_nonce is not None and not known.is_client_authenticated
            if header.msg_id != "1" or (is_challenged and header.cred is not None):
                return known
        return SessionState(
            device_id=header.source, session_id=header.session_id, started=self._clock()
        )

    def _turn(self, message: SyncML, session: SessionState, proof: Proof, domain: str) -> _Turn:
        msg_id = self._next_msg_id(message, session, proof.account)
        answer = AnswerBuilder(message, msg_id=msg_id, source=self._settings.dm_url(domain))
        session = replace(session, server_msg_id=msg_id)
        if proof.verdict is not Verdict.ACCEPTED:
            return self._refuse(message, session, proof, answer)
        return self._serve(message, session, proof, answer)

    def _next_msg_id(
        self, message: SyncML, session: SessionState, account: Account | None = None
    ) -> int:
        """n+1 for n, or counted, by the device's profile (design section 5); never repeated."""
        profile = (account.profile if account is not None else "") or self._settings.profile
        number = message.header.msg_id
        is_number = number.isascii() and number.isdigit() and len(number) < 10
        if is_number and device_profile(profile).adds_one_to_msg_id:
            return max(session.server_msg_id + 1, int(number) + 1)
        return session.server_msg_id + 1

    # --- authentication ---------------------------------------------------------------------

    def _refuse(
        self, message: SyncML, session: SessionState, proof: Proof, answer: AnswerBuilder
    ) -> _Turn:
        """407 or 401 for SyncHdr and for every command; one challenge in a session."""
        code = str(proof.verdict.value)
        already_challenged = session.challenge_nonce is not None
        challenge = None
        if not already_challenged:
            nonce = self._random(_NONCE_BYTES)
            challenge = self._authentication.challenge(nonce)
            session = replace(session, challenge_nonce=nonce)
        answer.header_status(code, challenge)
        answer.command_statuses(lambda _command: code)
        words = "missing"
        if proof.verdict is not Verdict.MISSING:
            words = self._mistakes.named(message, session) or "wrong or device unknown"
        logger.info(
            "DM session %s of %s: credentials %s",
            message.header.session_id,
            message.header.source,
            words,
        )
        closed = already_challenged and proof.verdict is Verdict.WRONG
        return _Turn(session=replace(session, is_closed=closed), account=None, answer=answer)

    # --- the authenticated session ----------------------------------------------------------

    def _serve(
        self, message: SyncML, session: SessionState, proof: Proof, answer: AnswerBuilder
    ) -> _Turn:
        assert proof.account is not None
        is_first = not session.is_client_authenticated
        account, session, challenge = self._accept(message, session, proof.account)
        answer.header_status("212" if message.header.cred is not None else "200", challenge)
        answer.command_statuses(status_for)
        account, session = self._read_server_status(message, account, session)
        job = self._job(account, message)
        if tells_unenrollment(message):
            logger.info("%s has left (account %s)", message.header.source, account.name)
            account, job = left(account, job, self._clock())
            session = replace(session, is_closed=True)
            return _Turn(session=session, account=account, answer=answer, job=job)
        if is_first:
            account, job = came_back(account, job)
        inventory = tuple(reported_values(message, now=self._clock()))
        statuses = tuple(command_results(message, session, now=self._clock()))
        turn = self._go_on(message, account, session, answer, job)
        return replace(turn, inventory=inventory, statuses=statuses)

    def _go_on(
        self,
        message: SyncML,
        account: Account,
        session: SessionState,
        answer: AnswerBuilder,
        job: QueuedJob | None,
    ) -> _Turn:
        """What comes after the statuses: the rest of a package, our commands, or the end."""
        if not message.is_final:
            answer.next_message()
        elif is_abort(message):
            session = replace(session, is_closed=True)
        elif not session.pending or session.server_nonce_now is not None:
            account, session, job = self._send_commands(account, session, answer, job)
        else:
            session = replace(session, pending=(), is_closed=True)
        return _Turn(session=session, account=account, answer=answer, job=job)

    def _job(self, account: Account, message: SyncML) -> QueuedJob | None:
        """The job to unenrol that is waiting for the device, or was sent and is not settled."""
        waiting = self._store.waiting_jobs(account.name, message.header.source)
        return next((job for job in waiting if job.recipe == UNENROLL), None)

    def _accept(
        self, message: SyncML, session: SessionState, account: Account
    ) -> tuple[Account, SessionState, Challenge | None]:
        """Bind the account to the device and renew its nonce, to be used in the next session."""
        account = replace(
            account, device_id=message.header.source, last_session=self._clock(), is_shared=False
        )
        session = replace(session, account=account.name, is_client_authenticated=True)
        if message.header.cred is None or account.scheme is not AuthScheme.MD5:
            return account, session, None
        nonce = self._random(_NONCE_BYTES)
        account = replace(
            account,
            previous_nonce_c2s=session.challenge_nonce or account.nonce_c2s,
            nonce_c2s=nonce,
        )
        return account, session, Challenge(type=AUTH_MD5, nonce=nonce)

    def _read_server_status(
        self, message: SyncML, account: Account, session: SessionState
    ) -> tuple[Account, SessionState]:
        """The device's verdict on our Cred: 212 ends it, 200/401/407 with Chal ask again."""
        status = message.header_status
        if status is None or account.server_secret is None:
            return account, replace(session, server_nonce_now=None)
        nonce = status.chal.next_nonce if status.chal is not None else None
        if nonce is not None:
            account = replace(account, nonce_s2c=nonce)
        if status.data == "212":
            session = replace(session, is_server_authenticated=True, server_nonce_now=None)
        elif status.data in {"401", "407"} and nonce is not None and session.server_retries == 0:
            session = replace(session, server_nonce_now=nonce, server_retries=1)
        else:
            session = replace(session, server_nonce_now=None)
        return account, session

    def _send_commands(
        self,
        account: Account,
        session: SessionState,
        answer: AnswerBuilder,
        job: QueuedJob | None,
    ) -> tuple[Account, SessionState, QueuedJob | None]:
        """Our credential, then the Exec to leave or the Gets."""
        if account.server_secret is not None and not session.is_server_authenticated:
            nonce = session.server_nonce_now or account.nonce_s2c
            answer.credential(
                digest_cred(self._settings.provider_id, account.server_secret, nonce),
                self._settings.provider_id,
            )
        # Refused for our credential, the Exec of this session was not executed.
        is_refused = any(uri == UNENROLL_URI for _, uri in session.pending)
        if job is not None and (job.state is QueueState.QUEUED or is_refused):
            cmd_id = answer.execute(UNENROLL_URI, self._settings.provider_id)
            pending: tuple[tuple[str, str], ...] = ((cmd_id, UNENROLL_URI),)
            if not is_refused:
                account, job = told(account, job, self._clock())
        else:
            pending = tuple((answer.get(uri), uri) for uri in INVENTORY_NODES)
        return account, replace(session, pending=pending, server_nonce_now=None), job

    # --- what cannot be read ----------------------------------------------------------------

    def _unreadable(self, request: Request, error: MdmError, domain: str) -> Response:
        """400 for SyncHdr where the header can still be made out, else HTTP 400."""
        logger.info("DM message refused: %s", error)
        try:
            message, form = decode_body(request.body or b"", request.headers, strict=False)
            msg_id = self._next_msg_id(message, SessionState(device_id="", session_id=""))
            answer = AnswerBuilder(message, msg_id=msg_id, source=self._settings.dm_url(domain))
            answer.header_status("400", None)
            body = encode_body(answer.build(), form.for_answer())
        except MdmError:
            return plain_answer(400, f"not a SyncML message: {error}")
        return syncml_answer(body, form.content_type)
