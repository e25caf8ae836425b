"""The observer: follows both sides of one connection through its handshake, and keeps no data.

Up to TLS 1.2 a side is in the clear until its ChangeCipherSpec, in TLS 1.3 until the ServerHello.
What a side sends that cannot be TLS is noted once; its bytes are counted on.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace
from typing import Any

from mdmcore.errors import ParseError
from mdmcore.tls_wire.messages import (
    Message,
    MessageReader,
    parse_certificate_request,
    parse_certificates,
    parse_client_hello,
    parse_server_hello,
)
from mdmcore.tls_wire.records import Content, Record, RecordReader
from mdmcore.tls_wire.seen import Seen, Side

_ALERT_BYTES = 2
_FATAL = 2
_HARMLESS = frozenset({0, 90})
"""close_notify and user_canceled; in TLS 1.3 every other alert is fatal (RFC 8446 6)."""
_ALERT_LENGTHS = frozenset({11, 19})
"""A TLS 1.3 record with level, description and content type, and a tag of 8 or 16 octets."""


@dataclass(slots=True)
class _Half:
    """What one side sends."""

    records: RecordReader = field(default_factory=RecordReader)
    messages: MessageReader = field(default_factory=MessageReader)
    is_lost: bool = False
    is_encrypted: bool = False
    has_finished: bool = False


class TlsObserver:
    """Give it the bytes of both sides in the order in which they pass; it never raises."""

    def __init__(self) -> None:
        self.seen = Seen()
        self._halves = {side: _Half() for side in Side}
        self._is_full_handshake = False

    def observe(self, side: Side, data: bytes) -> None:
        """Bytes that this side has sent."""
        count = len(data)
        if side is Side.DEVICE:
            self._note(sent=self.seen.sent + count)
        else:
            self._note(received=self.seen.received + count)
        half = self._halves[side]
        if half.is_lost:
            return
        try:
            for record in half.records.feed(data):
                self._record(side, half, record)
        except ParseError as error:
            half.is_lost = True
            self._note(problem=self.seen.problem or f"what the {side} sends: {error}")

    def _note(self, **facts: Any) -> None:
        self.seen = replace(self.seen, **facts)

    def _record(self, side: Side, half: _Half, record: Record) -> None:
        if record.content is Content.APPLICATION_DATA:
            if self.seen.hides_certificates:
                self._hidden(side, half, len(record.fragment))
        elif record.content is Content.HANDSHAKE:
            if half.is_encrypted:
                self._encrypted_handshake(side, half)
            else:
                for kind, body in half.messages.feed(record.fragment):
                    self._message(side, kind, body)
        elif record.content is Content.ALERT and not half.is_encrypted:
            self._alert(side, record.fragment)
        elif record.content is Content.CHANGE_CIPHER_SPEC and not self.seen.hides_certificates:
            half.is_encrypted = True
            if side is Side.SERVER and not self._is_full_handshake:
                self._note(is_resumed=True)

    def _message(self, side: Side, kind: int, body: bytes) -> None:
        if side is Side.DEVICE:
            if kind == Message.CLIENT_HELLO:
                # A hello that cannot be read here may be one that the server can.
                with contextlib.suppress(ParseError):
                    self._note(hello=parse_client_hello(body))
            elif kind == Message.CERTIFICATE and not self.seen.hides_certificates:
                self._note(is_answered=True, device_certificates=parse_certificates(body))
            return
        if kind == Message.SERVER_HELLO:
            hello = parse_server_hello(body)
            if not hello.is_retry:
                self._note(version=hello.version, suite=hello.suite)
        elif self.seen.version is None or self.seen.hides_certificates:
            return
        elif kind == Message.CERTIFICATE:
            self._note(server_certificates=parse_certificates(body))
        elif kind == Message.CERTIFICATE_REQUEST:
            self._note(is_asked=True)
            self._note(accepted=parse_certificate_request(body, self.seen.version))
        elif kind == Message.SERVER_HELLO_DONE:
            self._is_full_handshake = True

    def _alert(self, side: Side, fragment: bytes) -> None:
        if len(fragment) != _ALERT_BYTES:
            return
        level, number = fragment
        is_fatal = number not in _HARMLESS if self.seen.hides_certificates else level == _FATAL
        if is_fatal and all(one is not side for one, _ in self.seen.alerts):
            self._note(alerts=(*self.seen.alerts, (side, number)))

    def _encrypted_handshake(self, side: Side, half: _Half) -> None:
        # The first one after ChangeCipherSpec is Finished; each more begins another handshake.
        if half.has_finished:
            self._note(is_renegotiated=True)
        half.has_finished = True
        if side is Side.DEVICE:
            self._note(is_accepted=True)
        if all(one.has_finished for one in self._halves.values()):
            self._note(is_established=True)

    def _hidden(self, side: Side, half: _Half, length: int) -> None:
        is_short = length in _ALERT_LENGTHS
        others = self.seen.last_was_short - {side}
        self._note(last_was_short=others | {side} if is_short else others)
        if is_short:
            return
        if side is Side.DEVICE:
            # Its first long record holds Finished, which needs all that the server had to say.
            half.has_finished = True
            self._note(is_accepted=True)
        elif self._halves[Side.DEVICE].has_finished:
            self._note(is_established=True)
