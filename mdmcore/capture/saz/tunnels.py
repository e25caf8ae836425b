"""Fiddler's tunnels: sessions with the method CONNECT, whose bodies Fiddler itself has written.

Source: formats.md section 1.2. A tunnel that Fiddler decrypted belongs to the requests that came
through it, told by the device's port; what it says of TLS is theirs. One that it did not decrypt,
or over which nothing was asked, stands for a connection.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mdmcore.capture.http1 import StoredMessage
from mdmcore.capture.saz.metadata import BLIND_TUNNEL, SessionMetadata
from mdmcore.connection import Connection, HandshakeEnd
from mdmcore.http import TlsFacts

_VERSION = re.compile(r"^Secure Protocol:\s*(\S+)", re.M | re.I)
_CIPHER = re.compile(r"^Cipher:\s*(.+?)\s*$", re.M | re.I)
_SNI = re.compile(r"^\s*server_name\s+(\S+)\s*$", re.M | re.I)
_OFFER = re.compile(r"^Version:\s*(.+?)\s*$", re.M | re.I)
_FAILED = re.compile(r"HTTPS (?:connection|handshake)[^\n]*failed[^\n]*", re.I)
_NAMES = {"ssl3": "SSLv3", "tls": "TLSv1", "tls10": "TLSv1", "tls11": "TLSv1.1"}
_NAMES |= {"tls12": "TLSv1.2", "tls13": "TLSv1.3"}
_MAX_PROSE = 64 * 1024
_MAX_DETAIL = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Tunnel:
    """``host`` and ``port`` that the device asked for, and what Fiddler wrote of TLS there."""

    host: str
    port: int
    tls: TlsFacts | None
    failure: str
    is_blind: bool

    def connection(self, metadata: SessionMetadata) -> Connection:
        """The record for a tunnel through which no request came that Fiddler could read."""
        end = HandshakeEnd.FAILED if self.failure else HandshakeEnd.UNKNOWN
        if self.tls is not None and self.tls.version and not self.failure:
            end = HandshakeEnd.OK
        return Connection(
            host=self.host,
            port=self.port,
            sni=(self.tls.sni or "") if self.tls is not None else "",
            peer=metadata.client,
            opened=metadata.started,
            closed=metadata.ended,
            end=end,
            detail=self.failure,
            is_passed_through=self.is_blind,
        )


def tunnel_of(
    target: str, request: StoredMessage, answer: StoredMessage | None, metadata: SessionMetadata
) -> Tunnel:
    """What a CONNECT tells; the target is ``host:port``, or a URL with these."""
    host, _, port = (
        target.removeprefix("http://").removeprefix("https://").rstrip("/").rpartition(":")
    )
    asked = _prose(request)
    said = "" if answer is None else _prose(answer)
    failure = _FAILED.search(said)
    return Tunnel(
        host=(host or port).strip("[]"),
        port=int(port) if host and port.isdigit() and len(port) <= 5 else 443,
        tls=_facts(asked, said, metadata),
        failure=failure[0][:_MAX_DETAIL] if failure is not None else "",
        is_blind=bool(metadata.bits & BLIND_TUNNEL),
    )


def _facts(asked: str, said: str, metadata: SessionMetadata) -> TlsFacts | None:
    version = _VERSION.search(said)
    cipher = _CIPHER.search(said)
    sni = _SNI.search(asked)
    name = metadata.flags.get("https-client-snihostname") or (sni[1] if sni is not None else "")
    told = version[1] if version is not None else metadata.flags.get("https-server-version", "")
    suite = cipher[1] if cipher is not None else metadata.flags.get("https-server-cipher", "")
    if not (told or suite or name):
        return None
    return TlsFacts(
        version=_NAMES.get(told.lower(), told) or None, cipher=suite or None, sni=name or None
    )


def _prose(message: StoredMessage) -> str:
    return message.body[:_MAX_PROSE].decode("utf-8", "replace").replace("\r\n", "\n")
