"""One DM session that a device holds with a captured server."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from mdmcore.errors import MdmError
from mdmcore.http import Headers, Request, Response
from mdmcore.inspector.nonces import after_status, at_session_start
from mdmcore.namespaces import SYNCML_WBXML_MEDIA_TYPE, SYNCML_XML_MEDIA_TYPE
from mdmcore.phone.settings import Random
from mdmcore.replay.credentials import remade_mac
from mdmcore.replay.dm_answers import (
    Proof,
    closing_answer,
    in_its_own_words,
    remade_answer,
    signature,
)
from mdmcore.rules.decoded import Decoded
from mdmcore.rules.life import Credential, NonceState
from mdmcore.rules.scene import Scene
from mdmcore.syncml.hmac_header import HMAC_HEADER
from mdmcore.syncml.model import SyncML
from mdmcore.syncml.wire import WireForm, encode_body

_NONCE_BYTES = 16
_XML_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>'


class HeldSession:
    """``scenes`` is the captured session, empty for none. ``nonces`` are the server's, before it;
    ``known`` is some session of the capture, for the account where none is being served; ``random``
    makes nonces."""

    def __init__(
        self,
        session_id: str,
        scenes: list[Scene],
        *,
        nonces: NonceState,
        known: list[Scene],
        random: Random,
        tell: Callable[[str], None],
    ) -> None:
        self.session_id = session_id
        self.nonces = at_session_start(nonces)
        self._scenes = scenes
        self._known = known
        self._random = random
        self._tell = tell
        self._is_proven = False
        self._at = 0
        self._last: tuple[bytes, Response] | None = None

    @staticmethod
    def wanted(message: SyncML) -> tuple[str, ...]:
        """What a session is about that begins with that message."""
        return signature(message)

    @staticmethod
    def is_about(scenes: list[Scene], wanted: tuple[str, ...]) -> bool:
        """Whether a captured session is about that."""
        return bool(scenes) and signature(scenes[0].decoded.request_syncml) == wanted

    def answer(self, request: Request, asked: Decoded, message: SyncML) -> Response:
        """The answer to the device's next message; to the same message once more the same."""
        digest = hashlib.sha256(request.body or b"").digest()
        if self._last is not None and self._last[0] == digest and not self._was_sent_again():
            return self._last[1]
        self.nonces = after_status(self.nonces, message.header_status)
        response = self._next(request, asked, message)
        self._last = digest, response
        return response

    def _was_sent_again(self) -> bool:
        """Whether the captured device, too, sent its last message once more."""
        if not 0 < self._at < len(self._scenes):
            return False
        before, after = (one.exchange.request.body for one in self._scenes[self._at - 1 :][:2])
        return before == after

    def _next(self, request: Request, asked: Decoded, message: SyncML) -> Response:
        if self._at >= len(self._scenes):
            if self._scenes:
                self._tell("the captured session has no further message: it is ended politely")
            return self._closing(request, asked, message)
        captured = self._scenes[self._at]
        self._at += 1
        response = captured.exchange.response
        if response is None or response.body is None:
            raise MdmError("the captured session has no whole answer to this message")
        if captured.decoded.response_syncml is None or captured.decoded.request_syncml is None:
            return response
        proof = self._proof(captured)
        made = remade_answer(captured, message, proof)
        body = in_its_own_words(captured, made, response.body)
        headers = response.headers
        if body is None:
            body, headers = self._encoded(captured, asked, made, headers)
        return Response(
            status=response.status, headers=self._proven(headers, proof, body), body=body
        )

    def _proof(self, captured: Scene) -> Proof:
        account = captured.before.account or captured.life.account
        return Proof(
            credential=account.server if account is not None else None,
            nonces=self.nonces,
            device=account.device if account is not None else None,
        )

    def _encoded(
        self, captured: Scene, asked: Decoded, made: SyncML, headers: Headers
    ) -> tuple[bytes, Headers]:
        """In the captured form; where the device speaks the other one now, in that."""
        side, theirs = captured.decoded.response, captured.decoded.request
        assert side is not None
        encoding = side.encoding
        if side.encoding == theirs.encoding and asked.request.encoding:
            encoding = asked.request.encoding
        if encoding != side.encoding:
            kind = SYNCML_WBXML_MEDIA_TYPE if encoding == "wbxml" else SYNCML_XML_MEDIA_TYPE
            headers = headers.replaced("Content-Type", kind)
        if encoding == "wbxml":
            header = side.wbxml.header if side.wbxml is not None else None
            return encode_body(
                made, WireForm(media_type=SYNCML_WBXML_MEDIA_TYPE, header=header)
            ), headers
        body = encode_body(made, WireForm(media_type=SYNCML_XML_MEDIA_TYPE))
        return (_XML_DECLARATION + body if side.body[:5] == b"<?xml" else body), headers

    def _closing(self, request: Request, asked: Decoded, message: SyncML) -> Response:
        scenes = self._scenes or self._known
        proof = self._proof(scenes[-1]) if scenes else Proof(credential=None, nonces=self.nonces)
        is_proven = message.header.cred is not None or HMAC_HEADER in request.headers
        self._is_proven = self._is_proven or is_proven or self._at > 0
        asks = not self._is_proven and proof.device is not None
        made = closing_answer(
            message,
            proof,
            uri=request.url.partition("?")[0],
            challenge=self._random(_NONCE_BYTES) if asks else None,
        )
        is_binary = asked.request.encoding == "wbxml"
        kind = SYNCML_WBXML_MEDIA_TYPE if is_binary else SYNCML_XML_MEDIA_TYPE
        body = encode_body(made, WireForm(media_type=kind))
        headers = Headers([("Content-Type", kind)])
        if HMAC_HEADER in request.headers and proof.credential is not None:
            headers = headers.replaced(*remade_mac(proof.credential, proof.nonces, body))
        return Response(status=200, headers=headers, body=body)

    def _proven(self, headers: Headers, proof: Proof, body: bytes) -> Headers:
        credential: Credential | None = proof.credential
        if HMAC_HEADER not in headers or credential is None:
            return headers
        return headers.replaced(*remade_mac(credential, proof.nonces, body))
