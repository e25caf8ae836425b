"""A session in progress, from package 1 to its end (session.md sections 1 and 4).

What follows what; reading, judging, executing and writing stand in modules of their own. Who opens
a session, and what it leaves behind, is known to ``management`` and ``unenrollment``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from mdmcore.namespaces import ALERT_SESSION_ABORT
from mdmcore.phone.authentication import (
    Challenge,
    ServerProof,
    UnknownChallenge,
    judge_server,
    read_challenge,
)
from mdmcore.phone.channel import Channel, Talk
from mdmcore.phone.commands import Answered, Executor, abilities_of, decline, is_work
from mdmcore.phone.continuation import check_continuation, is_chunk_taken, is_next_message
from mdmcore.phone.conversation import (
    Session,
    answers,
    header_answer,
    numbered,
    session_id,
    statuses,
)
from mdmcore.phone.device.behaviours import BEHAVIOURS
from mdmcore.phone.first_package import package_1
from mdmcore.phone.readiness import ready
from mdmcore.phone.server_message import refusal
from mdmcore.phone.settings import Random
from mdmcore.phone.speech import Speech
from mdmcore.phone.state import EnrolledPhone
from mdmcore.phone.tree import DeviceTree
from mdmcore.phone.trust import accepted, challenged, judged
from mdmcore.syncml.model import Alert, Status, SyncML

_MAX_MESSAGES = 200
_CHALLENGES = {"401", "407"}


class Dialogue:
    """One session. ``alerts`` are said in package 1; ``resends``: a message that was not understood
    is sent once more.

    Refusal(management) for a phone that never opens one.
    """

    def __init__(
        self,
        phone: EnrolledPhone,
        random: Random,
        alerts: Sequence[Alert] = (),
        *,
        resends: bool = True,
        now: datetime | None = None,
    ) -> None:
        self._before = phone
        self._settings = phone.settings
        self._random = random
        self._alerts = tuple(alerts)
        self._account = ready(phone)
        self._tree = DeviceTree(phone, behaviours=BEHAVIOURS, now=now, random=random)
        self._executor = Executor(self._tree, abilities_of(phone.settings), self._has_room)
        self.executed: list[Answered] = []
        self.is_cancelled = False
        session = Session(
            session_id=session_id(phone.sessions + phone.settings.first_session, phone.settings),
            url=self._account.addr,
            scheme=self._account.scheme,
            sends_cred=phone.settings.sends_cred_first,
            version=self._account.version,
            nonce_c2s=phone.nonce_c2s,
            nonce_s2c=phone.nonce_s2c,
        )
        self._channel = Channel(session, self._account, phone.settings, resends=resends)
        self._speech = Speech(phone.settings, self._account.encoding, self._channel.size)

    @property
    def session(self) -> Session:
        """The session as it is now."""
        return self._channel.session

    @property
    def is_unenrolling(self) -> bool:
        """Whether the server has told the device to leave."""
        return self._tree.is_unenrolling

    def _learn(self, session: Session) -> None:
        self._channel.session = session

    def phone(self) -> EnrolledPhone:
        """The phone as this session leaves it.

        A nonce from a server that was never believed is not kept (DMSEC 5.3.2); one for the
        server is kept once it was handed out.
        """
        session, before = self.session, self._before
        c2s = before.nonce_c2s
        if session.is_server_accepted:
            c2s = session.next_nonce_c2s or session.nonce_c2s
        after = replace(
            before,
            sessions=before.sessions + 1,
            nonce_c2s=c2s,
            nonce_s2c=session.next_nonce_s2c or session.nonce_s2c,
            scheme=session.scheme if session.is_client_accepted else before.scheme,
        )
        return self._tree.leave(after)

    def run(self) -> Talk[bool]:
        """Whether the server aborted; Refusal when the device gives up."""
        self._begin()
        for _ in range(_MAX_MESSAGES):
            if self.session.msg_id + 1 == self._settings.user_cancels_at:
                self.is_cancelled = True
                yield from self._channel.say_last(self._speech.last_words(), keeps_cred=True)
                return False
            commands = self._speech.next_commands()
            answer = yield from self._channel.exchange(commands, is_final=self._speech.is_final)
            if answer is None:
                return False
            message, status = answer
            if any(alert.code == ALERT_SESSION_ABORT for alert in message.alerts):
                return True
            goes_on = yield from self._understand(message, status)
            if not goes_on:
                return False
        raise refusal(f"no end after {_MAX_MESSAGES} messages", "/SyncML")

    def say_alert(self) -> Talk[None]:
        """Package 1, once more when the server challenges it; what else it says is not heard."""
        self._begin()
        for _ in range(2):
            commands = self._speech.next_commands()
            answer = yield from self._channel.exchange(commands, is_final=self._speech.is_final)
            if answer is None or answer[1].data not in _CHALLENGES:
                return
            yield from self._follow_challenge(*answer)

    def _begin(self, answer: Status | None = None) -> None:
        package = package_1(self._tree, self._settings, self._alerts)
        self._speech.begin(package, answer)

    def _has_room(self, answered: Sequence[Answered]) -> bool:
        """Whether the answers to an Atomic fit into one message (517 when they do not)."""
        limit = self._settings.message_limit
        if limit is None:
            return True
        first = header_answer(self.session, 212, None)
        commands = numbered((first, *answers(self.session, tuple(answered))))
        return self._channel.size(commands) <= limit

    # --- what the server made of our credentials ------------------------------------------------

    def _understand(self, message: SyncML, status: Status) -> Talk[bool]:
        """Whether the session goes on."""
        code = status.data
        if code in _CHALLENGES:
            yield from self._follow_challenge(message, status)
            return True
        if code not in {"200", "212"}:
            raise refusal(
                f"the server refused the message with {code}", f"{status.place}/Data", code
            )
        yield from self._note_acceptance(status)
        if self._speech.is_whole:
            return (yield from self._react(message))
        self._go_on(message)
        return not self.is_unenrolling

    def _note_acceptance(self, status: Status) -> Talk[None]:
        session = self.session
        challenge = yield from self._challenge(status)
        lacks_challenge = challenge is None and status.data == "200"
        if lacks_challenge and session.sends_cred and not session.uses_mac:
            problem = refusal(
                "the credentials were answered with 200 and no challenge instead of 212",
                f"{status.place}/Data",
                status.data,
            )
            raise (yield from self._channel.resend(problem))
        self._learn(accepted(session, status, challenge))

    def _follow_challenge(self, message: SyncML, status: Status) -> Talk[None]:
        """401 or 407: package 1 once more, with the credentials that were asked for."""
        challenge = yield from self._challenge(status)
        self._learn(challenged(self.session, status, challenge))
        if self.session.uses_mac:
            first = self._judge(ServerProof(code=200))
        elif message.header.cred is None:
            first = header_answer(self.session, 200, None)
        else:
            first = self._judge(judge_server(message, self._account, self.session.nonce_s2c))
        self._begin(first)

    def _challenge(self, status: Status) -> Talk[Challenge | None]:
        """The challenge of a Status; one of an unknown type is answered 406 before giving up."""
        try:
            return read_challenge(status)
        except UnknownChallenge:
            first = header_answer(self.session, 200, None)
            refused = Answered(cmd_id=status.cmd_id, name="Status", code=406)
            commands = numbered((first, *statuses(self.session, (refused,))))
            yield from self._channel.say_last(commands)
            raise

    # --- what the server wants ------------------------------------------------------------------

    def _react(self, message: SyncML) -> Talk[bool]:
        """Believe the server or not, do what it asks, and say so; False at the end."""
        work = [command for command in message.commands if is_work(command)]
        proof = self._proof(message)
        if message.is_final and not work:
            if proof.refused is not None:
                # A Status for SyncHdr alone is never sent, so no challenge either (DMPRO 9).
                raise (yield from self._channel.resend(proof.refused))
            self._learn(replace(self.session, is_server_accepted=True))
            return False
        answered = self._execute(message) if proof.is_accepted else decline(work, proof.code)
        if self.is_unenrolling:  # sessions are aborted at once, the Exec gets no Status
            self._learn(replace(self.session, is_server_accepted=True))
            return False
        if message.header.no_resp:
            answered = tuple(replace(part, is_silent=True) for part in answered)
        first = self._judge(proof)
        brings = any(not is_next_message(command) for command in work)
        if not message.is_final and self.session.asked_for_more and not brings:
            raise refusal("the server never closes its package", "/SyncML/SyncBody/Final")
        self._learn(replace(self.session, asked_for_more=not message.is_final))
        self._speech.answer(
            first,
            (*answers(self.session, answered), *self._executor.assembly.lost()),
            is_closed=message.is_final,
            may_wait=brings and proof.is_accepted,
        )
        return True

    def _go_on(self, message: SyncML) -> None:
        """The server's answer to a part of our package: the rest follows. While the device has only
        asked it to wait, new commands are answered behind the earlier ones; that devices do so is
        [U] (DMPRO 6.1 forbids them)."""
        check_continuation(message, may_command=self._speech.is_waiting)
        if self._speech.has_chunk and not is_chunk_taken(message, self.session):
            self._speech.drop_object()
        proof = self._proof(message)
        work = [command for command in message.commands if is_work(command)]
        code = 200 if proof.is_accepted else proof.code
        first = self._judge(proof)
        brings = any(not is_next_message(command) for command in work)
        if self._speech.is_waiting and proof.is_accepted and brings:
            self._speech.add(answers(self.session, self._execute(message)))
            work = []
        self._speech.go_on(first, *statuses(self.session, decline(work, code)))

    def _proof(self, message: SyncML) -> ServerProof:
        """What the message proves of its sender; a MAC was looked at when it came."""
        if self.session.uses_mac:
            return ServerProof(code=200)
        if message.header.cred is None and self.session.is_server_accepted:
            return ServerProof(code=212)
        return judge_server(message, self._account, self.session.nonce_s2c)

    def _execute(self, message: SyncML) -> tuple[Answered, ...]:
        unreadable = (foreign.place for foreign in message.foreign)
        answered = self._executor.execute(message.commands, unreadable=unreadable)
        if message.is_final:
            self._executor.assembly.interrupt()
        self.executed += answered
        return answered

    def _judge(self, proof: ServerProof) -> Status:
        session, first = judged(self.session, proof, self._random)
        self._learn(session)
        return first
