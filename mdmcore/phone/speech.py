"""What the device says next: package by package, cut into messages (session.md 1.2, 1.4).

A package is closed only behind the server's; while the server's is open, the device's last message
asks for the next one. When it says it, and what the answer means, is known to ``dialogue``.
"""

from __future__ import annotations

from collections.abc import Iterable

from mdmcore.namespaces import ALERT_NEXT_MESSAGE, SYNCML_WBXML_MEDIA_TYPES
from mdmcore.phone.conversation import numbered
from mdmcore.phone.first_package import ABORT, request_pending
from mdmcore.phone.outbox import Measure, Outbox
from mdmcore.phone.settings import PhoneSettings
from mdmcore.syncml.model import Alert, AnyCommand, Status


class Speech:
    """The device's side of one session. ``measure`` tells the size of a message."""

    def __init__(self, settings: PhoneSettings, encoding: str, measure: Measure) -> None:
        self._settings = settings
        self._measure = measure
        self._outbox = Outbox(
            settings.message_limit,
            sends_chunks=settings.device.sends_large_objects,
            is_wbxml=encoding in SYNCML_WBXML_MEDIA_TYPES,
        )
        self._lead: tuple[AnyCommand, ...] = ()
        self._is_server_closed = True
        self._waits = 0
        self.is_whole = True
        """Whether the last message was the end of what there was to say."""
        self.is_waiting = False
        """Whether the last message only asked the server to wait."""

    @property
    def is_final(self) -> bool:
        """Whether the last message has Final."""
        return self.is_whole and self._is_server_closed

    @property
    def has_chunk(self) -> bool:
        """Whether the last message ended with a chunk that another one follows."""
        return self._outbox.chunk is not None

    def begin(self, package: Iterable[AnyCommand], answer: Status | None = None) -> None:
        """Package 1, from its beginning; behind a challenge with the answer to it."""
        self._lead, self._is_server_closed, self._waits = (), True, 0
        if answer is not None:
            self._lead = (answer,)
        self._outbox.clear()
        self._outbox.put(package)

    def answer(
        self, first: Status, commands: Iterable[AnyCommand], *, is_closed: bool, may_wait: bool
    ) -> None:
        """Answer the server: its header first. ``is_closed``: its package is; ``may_wait``: the
        device has work to do, and may ask the server to wait."""
        self._lead, self._is_server_closed = (first,), is_closed
        self._outbox.put(commands)
        if not is_closed:
            self._outbox.put((Alert(cmd_id="", code=ALERT_NEXT_MESSAGE),))
        self._waits = self._settings.pending_messages if may_wait else 0

    def add(self, commands: Iterable[AnyCommand]) -> None:
        """Say these, too, at the end of the package."""
        self._outbox.put(commands)

    def go_on(self, *answers: Status) -> None:
        """The rest of the package, behind the answers to the request for it."""
        self._lead = answers

    def drop_object(self) -> None:
        """The server does not want the rest of the value that goes in chunks."""
        self._outbox.drop_object()

    def next_commands(self) -> tuple[AnyCommand, ...]:
        """Those of the next message; while the device waits, only that it does."""
        self.is_waiting = self._waits > 0
        if self.is_waiting:
            self._waits -= 1
            self.is_whole = False
            return numbered((*self._lead, request_pending()))
        commands = self._outbox.take(self._lead, self._measure)
        self.is_whole = self._outbox.is_empty
        return commands

    def last_words(self) -> tuple[AnyCommand, ...]:
        """The user breaks off: Statuses of what was done, and 1223 (DMPRO 8.1)."""
        self._outbox.keep_statuses()
        return numbered((*self._outbox.take(self._lead, self._measure), ABORT))
