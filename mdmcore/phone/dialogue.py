"""A session in progress, from package 1 to its end (session.md sections 1 and 4).

What follows what; reading, judging, executing and writing stand in modules of their own. Who opens
a session, and what it leaves behind, is known to ``management`` and ``unenrollment``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from mdmcore.namespaces import ALERT_NEXT_MESSAGE, ALERT_SESSION_ABORT
from mdmcore.phone.authentication import (
    Challenge,
    ServerProof,
    UnknownChallenge,
    judge_server,
    read_challenge,
)
from mdmcore.phone.channel import Channel, Talk
from mdmcore.phone.commands import Answered, decline, execute, is_work
from mdmcore.phone.conversation import Session, header_answer, package_1, package_3
from mdmcore.phone.device.behaviours import BEHAVIOURS
from mdmcore.phone.readiness import ready
from mdmcore.phone.server_message import refusal
from mdmcore.phone.settings import Random
from mdmcore.phone.state import EnrolledPhone
from mdmcore.phone.tree import DeviceTree
from mdmcore.syncml.model import Alert, AnyCommand, Item, Status, SyncML

_MAX_MESSAGES = 200
_NONCE_BYTES = 16
_CHALLENGES = {"401", "407"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Next:
    """The device's next message."""

    commands: tuple[AnyCommand, ...]
    is_final: bool = True


class Dialogue:
    """One session. ``alert`` is the item of a generic alert in package 1, said once.

    Refusal(management) for a phone that never opens one.
    """

    def __init__(
        self,
        phone: EnrolledPhone,
        random: Random,
        alert: Item | None = None,
        *,
        now: datetime | None = None,
    ) -> None:
        self._before = phone
        self._random = random
        self._alert = alert
        self._account = ready(phone)
        self._tree = DeviceTree(phone, behaviours=BEHAVIOURS, now=now, random=random)
        self.executed: list[Answered] = []
        session = Session(
            session_id=f"{phone.sessions + 1:X}",
            url=self._account.addr,
            scheme=self._account.scheme,
            sends_cred=phone.settings.sends_cred_first,
            nonce_c2s=phone.nonce_c2s,
            nonce_s2c=phone.nonce_s2c,
        )
        self._channel = Channel(session, self._account, phone.settings, resends=alert is None)

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
        )
        return self._tree.leave(after)

    def run(self) -> Talk[bool]:
        """Whether the server aborted; Refusal when the device gives up."""
        following = self._package_1()
        for _ in range(_MAX_MESSAGES):
            answer = yield from self._channel.exchange(
                following.commands, is_final=following.is_final
            )
            if answer is None:
                return False
            message, status = answer
            if any(alert.code == ALERT_SESSION_ABORT for alert in message.alerts):
                return True
            reaction = yield from self._understand(message, status)
            if reaction is None:
                return False
            following = reaction
        raise refusal(f"no end after {_MAX_MESSAGES} messages", "/SyncML")

    def say_alert(self) -> Talk[None]:
        """Package 1, once more when the server challenges it; what else it says is not heard."""
        following = self._package_1()
        for _ in range(2):
            answer = yield from self._channel.exchange(following.commands, is_final=True)
            if answer is None or answer[1].data not in _CHALLENGES:
                return
            following = yield from self._follow_challenge(*answer)

    def _package_1(self, header: Status | None = None) -> _Next:
        return _Next(commands=package_1(self._tree, header, self._alert))

    # --- what the server made of our credentials ------------------------------------------------

    def _understand(self, message: SyncML, status: Status) -> Talk[_Next | None]:
        code = status.data
        if code in _CHALLENGES:
            return (yield from self._follow_challenge(message, status))
        if code not in {"200", "212"}:
            raise refusal(
                f"the server refused the message with {code}", f"{status.place}/Data", code
            )
        yield from self._note_acceptance(status)
        return (yield from self._react(message))

    def _note_acceptance(self, status: Status) -> Talk[None]:
        """212: for the whole session; 200 with a challenge: for this message only."""
        session = self.session
        challenge = yield from self._challenge(status)
        if not session.sends_cred:
            return
        if challenge is not None and challenge.scheme is not session.scheme:
            raise refusal(
                f"the authentication type changes from {session.scheme} to {challenge.scheme}",
                f"{status.place}/Chal/Meta/Type",
                challenge.scheme,
            )
        nonce = None if challenge is None else challenge.nonce
        if status.data == "212":
            nonce = nonce or session.next_nonce_c2s
            session = replace(session, sends_cred=False, next_nonce_c2s=nonce)
        elif challenge is None:
            problem = refusal(
                "the credentials were answered with 200 and no challenge instead of 212",
                f"{status.place}/Data",
                status.data,
            )
            raise (yield from self._channel.resend(problem))
        else:
            session = replace(session, nonce_c2s=nonce or session.nonce_c2s)
        self._learn(replace(session, is_client_accepted=True))

    def _follow_challenge(self, message: SyncML, status: Status) -> Talk[_Next]:
        """401 or 407: package 1 once more, with the credentials that were asked for."""
        code, session = status.data, self.session
        challenge = yield from self._challenge(status)
        if challenge is None:
            raise refusal(
                f"{code} without Chal, the device cannot compute credentials",
                f"{status.place}/Chal",
            )
        if session.challenges or session.is_client_accepted:
            raise refusal(
                f"the server challenges again ({code}), the device answers one challenge",
                f"{status.place}/Data",
                code,
            )
        first = header_answer(session, 200, None)
        if message.header.cred is not None:
            first = self._judge(judge_server(message, self._account, session.nonce_s2c))
        session = replace(
            self.session,
            challenges=1,
            sends_cred=True,
            scheme=challenge.scheme,
            nonce_c2s=challenge.nonce or session.nonce_c2s,
        )
        self._learn(session)
        return self._package_1(first)

    def _challenge(self, status: Status) -> Talk[Challenge | None]:
        """The challenge of a Status; one of an unknown type is answered 406 before giving up."""
        try:
            return read_challenge(status)
        except UnknownChallenge:
            accepted = header_answer(self.session, 200, None)
            refused = Answered(cmd_id=status.cmd_id, name="Status", code=406)
            yield from self._channel.say_last(
                package_3(self.session, accepted, (refused,), asks_for_more=False)
            )
            raise

    # --- what the server wants ------------------------------------------------------------------

    def _react(self, message: SyncML) -> Talk[_Next | None]:
        """Believe the server or not, do what it asks, and say so; ``None`` at the end."""
        work = [command for command in message.commands if is_work(command)]
        if message.header.cred is None and self.session.is_server_accepted:
            proof = ServerProof(code=212)
        else:
            proof = judge_server(message, self._account, self.session.nonce_s2c)
        if message.is_final and not work:
            if proof.refused is not None:
                # A Status for SyncHdr alone is never sent, so no challenge either (DMPRO 9).
                raise (yield from self._channel.resend(proof.refused))
            self._learn(replace(self.session, is_server_accepted=True))
            return None
        answered = self._execute(message) if proof.is_accepted else decline(work, proof.code)
        if self.is_unenrolling:  # sessions are aborted at once, the Exec gets no Status
            self._learn(replace(self.session, is_server_accepted=True))
            return None
        first = self._judge(proof)
        if not message.is_final and self.session.asked_for_more and not _brings(work):
            raise refusal("the server never closes its package", "/SyncML/SyncBody/Final")
        self._learn(replace(self.session, asked_for_more=not message.is_final))
        return _Next(
            commands=package_3(self.session, first, answered, asks_for_more=not message.is_final),
            is_final=message.is_final,
        )

    def _execute(self, message: SyncML) -> tuple[Answered, ...]:
        unreadable = (foreign.place for foreign in message.foreign)
        answered = execute(message.commands, self._tree, unreadable=unreadable)
        self.executed += answered
        return answered

    def _judge(self, proof: ServerProof) -> Status:
        """The Status for the server's header: believed (with the nonce for the next session), or
        challenged with a nonce to be used at once; the second failure ends the session."""
        session = self.session
        if proof.is_accepted and session.is_server_accepted:
            return header_answer(session, 212, None)
        if proof.refused is not None and session.server_refusals:
            raise proof.refused
        nonce = self._random(_NONCE_BYTES)
        if proof.is_accepted:
            self._learn(replace(session, is_server_accepted=True, next_nonce_s2c=nonce))
        else:
            self._learn(replace(session, server_refusals=1, nonce_s2c=nonce))
        return header_answer(session, proof.code, nonce)


def _brings(work: list[AnyCommand]) -> bool:
    """Whether there is more among the commands than the request for the next message."""
    return any(
        not isinstance(command, Alert) or command.code != ALERT_NEXT_MESSAGE for command in work
    )
