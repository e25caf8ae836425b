"""One exchange of a DM session: send a message, take in what fits, resend what was not understood.

Sources: session.md 1.5, 1.6, 3; blog, comments 17 and 18. What an answer means for the session is
decided in ``management``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from dataclasses import replace

from mdmcore.http import Request, Response
from mdmcore.phone.conversation import Session, build_request
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
from mdmcore.phone.web import check_url, fetch
from mdmcore.syncml.model import AnyCommand, Status, SyncML

type Talk[T] = Generator[Request, Response, T]


class Channel:
    """The wire of one session. ``session`` is replaced by whoever learns something.

    ``resends``: a message whose answer does not fit is sent once more before giving up.
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
        message = read_message(response, self._settings, self._account.encoding)
        if message is None:
            careful = Caution.EMPTY_CLOSING in self._settings.cautions
            if careful or not self.session.is_server_accepted:
                raise refusal("the answer is empty, not even a Status", "body")
            return None
        sent = self.session.sent(self._settings)
        check_header(message, sent)
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

    def say_last(self, commands: tuple[AnyCommand, ...]) -> Talk[None]:
        """Send a message whose answer nobody reads."""
        self.session = replace(self.session, sends_cred=False)
        with contextlib.suppress(NoAnswer):
            yield self._build(commands, is_final=True)

    def _build(self, commands: tuple[AnyCommand, ...], *, is_final: bool) -> Request:
        self.session, self._last = build_request(
            self.session, commands, self._account, self._settings, is_final=is_final
        )
        return self._last

    def _next_url(self, message: SyncML) -> str:
        uri = message.header.resp_uri
        if uri is None:
            return self.session.url
        return check_url(uri, step=Step.MANAGEMENT, place="/SyncML/SyncHdr/RespURI")
