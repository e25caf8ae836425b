"""The DM endpoint: one message in, one out, and everything it changes stored in between.

Reads and writes the bytes (the answer has the form of its request, XML or WBXML), finds the session
a message belongs to, and answers a repeated message with the identical bytes. What to say is
decided in ``session`` (session.md 1.8).
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import replace

from mdmcore.errors import MdmError
from mdmcore.http import Request, Response, TlsFacts
from mdmcore.records import SessionState
from mdmcore.server.answers import plain_answer, syncml_answer
from mdmcore.server.device_authentication import Shown, shown
from mdmcore.server.device_message import opens_session
from mdmcore.server.message import AnswerBuilder
from mdmcore.server.message_signature import MessageSignatures
from mdmcore.server.ports import Clock, Random, StateStore
from mdmcore.server.session.entrance import Entrance, Received
from mdmcore.server.session.limits import MAX_ID_CHARACTERS
from mdmcore.server.session.neighbours import is_silent
from mdmcore.server.session.work import read_work, work_text
from mdmcore.server.settings import ServerSettings
from mdmcore.syncml.hmac_header import HMAC_HEADER
from mdmcore.syncml.model import SyncML
from mdmcore.syncml.wire import decode_body, encode_body

logger = logging.getLogger(__name__)

type Checkpoint = Callable[[str], None]
"""Told the point that a message has reached: ``received 1A/2``, ``stored 1A/2``."""


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
        self._checkpoint = checkpoint or _pass
        self._entrance = Entrance(settings, store=store, clock=clock, random=random)
        self._signatures = MessageSignatures(settings, store=store, clock=clock)

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
            received = Received(
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

    def _take(self, received: Received, digest: str) -> tuple[bytes, str]:
        """The answer to a new message and its HMAC, once everything is stored."""
        answered = self._entrance.answer(received)
        changes = answered.changes
        answer = encode_body(answered.answer, received.form.for_answer())
        mac_header = "" if changes.proof is None else changes.proof.mac_header(answer)
        work = replace(changes.work, mac_header=mac_header)
        session = replace(
            changes.session,
            server_msg_id=answered.msg_id,
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

    # --- what cannot be read ----------------------------------------------------------------

    def _unreadable(self, request: Request, error: MdmError, domain: str) -> Response:
        """400 for SyncHdr where the header can still be made out, else HTTP 400."""
        logger.info("DM message refused: %s", error)
        try:
            message, form = decode_body(request.body or b"", request.headers, strict=False)
            session = self._counted(message)
            msg_id = self._entrance.next_msg_id(message, session)
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


def _pass(_label: str) -> None:
    """The checkpoint that nobody has installed."""
