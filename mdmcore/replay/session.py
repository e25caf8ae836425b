"""A captured DM session, held once more with another server (session.md sections 1 and 4).

The replayed device believes its server whatever that proves, so that all answers can be compared;
what the new credentials are worth is among the differences.
"""

from __future__ import annotations

from mdmcore.errors import MdmError
from mdmcore.http import Request
from mdmcore.inspector.nonces import at_session_start
from mdmcore.namespaces import AUTH_MAC, AUTH_MD5
from mdmcore.phone.message_signing import MessageSigner
from mdmcore.replay.commands import Book, Naming, matched, sent_commands, urls_in
from mdmcore.replay.credentials import remade_cred, remade_mac
from mdmcore.replay.drive import Drive, StoppedError, Talk
from mdmcore.replay.message import (
    Links,
    Renewal,
    answering,
    answers_only,
    body_of,
    fresh_session_id,
    renewed,
    with_answers,
)
from mdmcore.replay.values import Values, values_between
from mdmcore.report.diff.facts import Names
from mdmcore.rules.life import Credential, Life, NonceState
from mdmcore.rules.scene import Scene
from mdmcore.syncml.hmac_header import HMAC_HEADER
from mdmcore.syncml.message_signature import SIGNATURE_HEADER
from mdmcore.syncml.model import Command, Cred, SyncML

_CHALLENGES = frozenset({"401", "407"})
_MAX_FURTHER = 20
"""Messages behind the captured ones, while the new server goes on commanding."""
_ENT_DMID = "/EntDMID"


class SessionReplay:
    """One session, message by message."""

    def __init__(self, drive: Drive, book: Book, naming: Naming) -> None:
        self._drive = drive
        self._book = book
        self._naming = naming
        self._links = Links()
        self._values: Values | None = None
        self._session_id = ""
        self._msg_id = 0
        self._captured_msg_id = ""
        self._scheme = ""
        self._is_challenged = False
        self._last_msg_id = ""
        self._last: tuple[bytes | None, Request] | None = None
        self._skips = False
        self.is_over = False
        self._learnt: dict[str, str] = {}

    def step(self, captured: Scene) -> Talk[bool]:
        """Send the next captured message; whether it was sent at all. Raises StoppedError."""
        asked = captured.decoded.request_syncml
        if self.is_over:
            return False
        if self._skips:  # the captured server had challenged the message before, the new one not
            self._skips = False
            self._learn_messages(captured, None)
            return False
        if asked is None:
            yield from self._drive.send(captured, self._as_it_is(captured))
            return True
        new = yield from self._say(captured, asked)
        answer, theirs = new.decoded.response_syncml, captured.decoded.response_syncml
        if answer is None:
            if theirs is not None:
                raise StoppedError(_unreadable(new))
            return True
        if _is_challenge(answer) and not _is_challenge(theirs):
            answer = yield from self._answer_challenge(captured, asked, answer)
        self._skips = _is_challenge(theirs) and not _is_challenge(answer)
        self._learn(captured, theirs, answer)
        has_work = bool(sent_commands(answer, self._naming))
        had_more = theirs is not None and bool(sent_commands(theirs, self._naming))
        if answer.is_final and not has_work and asked.is_final and had_more and not self._skips:
            self.is_over = True  # the new server has nothing more to say
        return True

    def finish(self, captured: Scene) -> Talk[None]:
        """Answer what the new server still wants, behind the last captured message."""
        asked = captured.decoded.request_syncml
        if asked is None or self.is_over:
            return
        for _ in range(_MAX_FURTHER):
            if not self._links.extra:
                return
            new = yield from self._say(captured, answers_only(asked), is_further=True)
            answer = new.decoded.response_syncml
            if answer is None:
                raise StoppedError(_unreadable(new))
            self._links.extra = ()
            self._learn(captured, None, answer)
        raise StoppedError(
            f"the server sends commands without an end, {_MAX_FURTHER} more messages"
        )

    # --- what is sent ---------------------------------------------------------------------------

    def _say(
        self, captured: Scene, asked: SyncML, *, is_again: bool = False, is_further: bool = False
    ) -> Talk[Scene]:
        body, last = captured.exchange.request.body, self._last
        if last is not None and last[0] == body and not (is_again or is_further):
            request = last[1]  # the captured device, too, sent that message once more
        else:
            request = self._request(captured, asked, is_again=is_again, is_further=is_further)
        self._last = body, request
        return (yield from self._drive.send(captured, request, is_again=is_again or is_further))

    def _request(
        self, captured: Scene, asked: SyncML, *, is_again: bool, is_further: bool
    ) -> Request:
        starts = not self._session_id
        if starts:
            self._session_id = fresh_session_id(asked.header.session_id, self._drive.tools.random)
        if is_further or is_again or asked.header.msg_id != self._captured_msg_id:
            self._msg_id += 1
        self._captured_msg_id = asked.header.msg_id
        life, values = self._drive.life, self._known_values(captured)
        url = self._drive.urls.named(
            captured.exchange.request.url, otherwise=life.addr if life is not None else ""
        )
        credential = _device(life)
        nonces = _nonces(life, credential, starts=starts)
        message = renewed(
            asked,
            Renewal(
                session_id=self._session_id,
                msg_id=str(self._msg_id),
                target=self._target(asked.header.target, values),
                cred=self._cred(captured, asked.header.cred, credential, nonces, forces=is_again),
                values=values,
                links=self._links,
                random=self._drive.tools.random,
            ),
        )
        if is_further:
            message = answering(message, self._last_msg_id)
        message = with_answers(message, self._links.extra, self._book)
        self._drive.strange += (one.words for one in self._links.extra)
        self._links.extra = ()
        try:
            body = body_of(message, captured.decoded.request)
        except MdmError as error:
            raise StoppedError(f"the message cannot be written: {error}") from None
        request = self._drive.request(captured, url=url, body=body)
        return self._proven(request, credential, nonces)

    def _as_it_is(self, captured: Scene) -> Request:
        """A message that cannot be read, octet by octet."""
        asked = captured.exchange.request
        return self._drive.request(
            captured, url=self._drive.urls.named(asked.url), body=captured.decoded.request.body
        )

    def _known_values(self, captured: Scene) -> Values:
        new = self._drive.life
        values = values_between(captured.life, new) if new is not None else Values({})
        values.whole.update(self._learnt)
        return values

    def _target(self, captured: str, values: Values) -> str:
        if captured in values.whole or "://" not in captured:
            return values.text(captured)
        life = self._drive.life
        return self._drive.urls.named(captured, otherwise=life.addr if life is not None else "")

    def _cred(
        self,
        captured: Scene,
        cred: Cred | None,
        credential: Credential | None,
        nonces: NonceState,
        *,
        forces: bool,
    ) -> Cred | None:
        """The credential; ``forces``: there has to be one, since the server asked for it."""
        if forces and cred is None:
            cred = Cred(type=AUTH_MD5, format="b64", data="")
        if cred is None or credential is None or self._scheme == AUTH_MAC:
            return cred if self._scheme != AUTH_MAC else None
        account = self._drive.life.account if self._drive.life is not None else None
        return remade_cred(
            cred,
            captured.device_cred,
            credential,
            nonces,
            scheme=self._scheme,
            other=account.server if account is not None else None,
        )

    def _proven(
        self, request: Request, credential: Credential | None, nonces: NonceState
    ) -> Request:
        """The request with the headers that prove its body."""
        headers, body = request.headers, request.body or b""
        if credential is not None and (HMAC_HEADER in headers or self._scheme == AUTH_MAC):
            headers = headers.replaced(*remade_mac(credential, nonces, body))
        proven = Request(method=request.method, url=request.url, headers=headers, body=body)
        key, certificate = self._drive.own_key(), self._drive.own_certificate()
        if SIGNATURE_HEADER not in headers or key is None or certificate is None:
            return proven
        clock = self._drive.tools.clock
        return MessageSigner(certificate=certificate, private_key=key, clock=clock).signed(proven)

    # --- what is learnt -------------------------------------------------------------------------

    def _answer_challenge(self, captured: Scene, asked: SyncML, answer: SyncML) -> Talk[SyncML]:
        """The captured device was believed at once, this one is challenged: it answers, once."""
        status = answer.header_status
        chal = status.chal if status is not None else None
        if self._is_challenged or chal is None:
            raise StoppedError(
                f"the server refuses the device with {status.data if status is not None else ''}"
                + (", again" if self._is_challenged else " and does not say what it wants")
            )
        self._is_challenged = True
        self._scheme = chal.type.strip()
        self._learn_messages(captured, answer)
        new = yield from self._say(captured, asked, is_again=True)
        again = new.decoded.response_syncml
        if again is None:
            raise StoppedError(_unreadable(new))
        if _is_challenge(again):
            raise StoppedError("the server refuses the device's credentials, twice")
        return again

    def _learn(self, captured: Scene, theirs: SyncML | None, answer: SyncML) -> None:
        """Match the commands of both answers."""
        self._learn_messages(captured, answer)
        self._last_msg_id = answer.header.msg_id
        if theirs is not None and theirs.header.resp_uri:
            self._drive.urls.learn("RespURI", theirs.header.resp_uri, answer.header.resp_uri)
        found = matched(
            sent_commands(theirs, self._naming), sent_commands(answer, self._new_naming())
        )
        for old, new in found.pairs:
            self._links.references[old.reference] = new.reference
            for one, other in zip(urls_in(old.command), urls_in(new.command), strict=False):
                self._drive.urls.learn("URL of a package", one, other)
            self._learn_names(old.command, new.command)
        if not answer.header.no_resp:
            self._links.extra = found.only_new

    def _learn_names(self, old: object, new: object) -> None:
        """An EntDMID that each server gave by a command."""
        if isinstance(old, Command) and isinstance(new, Command):
            for one, other in zip(old.items, new.items, strict=False):
                if (one.target or "").endswith(_ENT_DMID) and one.data and other.data:
                    self._learnt[one.data] = other.data

    def _learn_messages(self, captured: Scene, answer: SyncML | None) -> None:
        theirs = captured.decoded.response_syncml
        last = answer.header.msg_id if answer is not None else ""
        if not last and self._links.messages:
            last = list(self._links.messages.values())[-1]
        if theirs is not None and last:
            self._links.messages[theirs.header.msg_id] = last

    def _new_naming(self) -> Naming:
        life = self._drive.life
        return self._naming if life is None else Names(life).key


def _device(life: Life | None) -> Credential | None:
    return life.account.device if life is not None and life.account is not None else None


def _nonces(life: Life | None, credential: Credential | None, *, starts: bool) -> NonceState:
    if credential is None:
        return NonceState()
    return at_session_start(credential.nonces) if starts else credential.nonces


def _is_challenge(message: SyncML | None) -> bool:
    status = message.header_status if message is not None else None
    return status is not None and status.data.strip() in _CHALLENGES


def _unreadable(new: Scene) -> str:
    response = new.exchange.response
    if response is None:
        return "no answer came"
    return f"the answer is no SyncML message (status {response.status})"
