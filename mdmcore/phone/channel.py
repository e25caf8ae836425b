"""One exchange of a DM session: send a message, take in what fits, resend what was not understood.

Sources: session.md 1.5, 1.6, 3; blog, comments 17 and 18; W7 for the older version. What an answer
means for the session is decided in ``dialogue``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from dataclasses import replace

from mdmcore.http import Request, Response
from mdmcore.phone.authentication import mac_problem
from mdmcore.phone.conversation import Session, build_request, message_body
from mdmcore.phone.readiness import SessionAccount
from mdmcore.phone.refusal import NoAnswer, Refusal, Step
from mdmcore.phone.server_message import (
    check_header,
    check_statuses,
    header_status,
    msg_id_problem,
    read_message,
    refusal,
)
from mdmcore.phone.settings import Caution, PhoneSettings
from mdmcore.phone.version import DM_11
from mdmcore.phone.web import announced_body, check_url, fetch
from mdmcore.syncml.model import AnyCommand, Status, SyncML

type Talk[T] = Generator[Request, Response, T]

_OTHER_VERSION = {"505", "513"}
"""DTD version, protocol version not supported."""
_OTHER_LAYER = {401, 403, 407}
"""HTTP says that a web server, not the DM server, answers (session.md 3)."""


class Channel:
    """The wire of one session. ``session`` is replaced by whoever learns something.

    ``resends``: a message whose answer does not fit is sent once more before giving up, a first
    package that fails once more as DM 1.1.
    """

    def __init__(
        self,
        session: Session,
        account: SessionAccount,
        settings: PhoneSettings,
        *,
        resends: bool = True,
    ) -> None:
        self.session = session
        self._account = account
        self._settings = settings
        self._resends = resends
        self._last: Request | None = None

    def exchange(
        self, commands: tuple[AnyCommand, ...], *, is_final: bool
    ) -> Talk[tuple[SyncML, Status] | None]:
        """Send; the answer and its Status for our SyncHdr. ``None``: an empty answer ends it."""
        response = yield from fetch(self._build(commands, is_final=is_final), Step.MANAGEMENT)
        if self._is_refused_version(response):
            self.session = replace(self.session, version=DM_11, msg_id=0)
            response = yield from fetch(self._build(commands, is_final=is_final), Step.MANAGEMENT)
        message = self._read(response)
        if message is None:
            careful = Caution.EMPTY_CLOSING in self._settings.cautions
            if careful or not self.session.is_server_accepted:
                raise refusal("the answer is empty, not even a Status", "body")
            return None
        sent = self.session.sent(self._account)
        check_header(message, sent)
        self._check_mac(response, message)
        problem = msg_id_problem(message, sent)
        if problem is not None:
            raise (yield from self.resend(problem))
        found = header_status(message, sent)
        if isinstance(found, Refusal):
            raise (yield from self.resend(found))
        check_statuses(message, sent, self._settings)
        self.session = replace(
            self.session,
            server_msg_id=int(message.header.msg_id),
            server_msg_text=message.header.msg_id,
            url=self._next_url(message),
        )
        return message, found

    def resend(self, problem: Refusal) -> Talk[Refusal]:
        """Send the last message once more, unchanged, whatever comes; the refusal to end with."""
        if self._last is not None and self._resends:
            with contextlib.suppress(NoAnswer):
                yield self._last
        return problem

    def say_last(self, commands: tuple[AnyCommand, ...], *, keeps_cred: bool = False) -> Talk[None]:
        """Send a message whose answer nobody reads, without credentials unless they are kept."""
        if not keeps_cred:
            self.session = replace(self.session, sends_cred=False)
        with contextlib.suppress(NoAnswer):
            yield self._build(commands, is_final=True)

    def size(self, commands: tuple[AnyCommand, ...]) -> int:
        """Bytes of the session's next message with these commands and Final."""
        session = replace(self.session, msg_id=self.session.msg_id + 1)
        return len(message_body(session, commands, self._account, self._settings, is_final=True))

    def _build(self, commands: tuple[AnyCommand, ...], *, is_final: bool) -> Request:
        self.session, self._last = build_request(
            self.session, commands, self._account, self._settings, is_final=is_final
        )
        return self._last

    def _read(self, response: Response) -> SyncML | None:
        return read_message(response, self._settings, self._account.encoding, self.session.version)

    def _is_refused_version(self, response: Response) -> bool:
        """Whether the first package failed so that the device tries it as DM 1.1: an HTTP error, an
        answer that cannot be read as 1.2, or a Status that says so. Which failures those are is
        [U]; a redirect or a web server's own refusal is none."""
        session = self.session
        if session.msg_id != 1 or session.version == DM_11:
            return False
        if not (self._resends and self._account.has_older_version):
            return False
        if 300 <= response.status < 400 or response.status in _OTHER_LAYER:
            return False
        try:
            message = self._read(response)
        except Refusal:
            return True
        found = None if message is None else message.header_status
        return found is not None and found.data in _OTHER_VERSION

    def _check_mac(self, response: Response, message: SyncML) -> None:
        session = self.session
        if not session.uses_mac:
            return
        body = announced_body(response, Step.MANAGEMENT)
        nonce = session.nonce_s2c
        problem = mac_problem(response.headers, body, message, self._account, nonce)
        if problem is not None:
            raise problem
        self.session = replace(session, is_server_accepted=True)

    def _next_url(self, message: SyncML) -> str:
        uri = message.header.resp_uri
        if uri is None:
            return self.session.url
        return check_url(uri, step=Step.MANAGEMENT, place="/SyncML/SyncHdr/RespURI")
