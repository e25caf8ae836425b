"""The HMAC of SyncML, which proves a message and travels in an HTTP header (syncml:auth-MAC).

Sources: DMSEC 5.4, session.md 4.2. It is not the HMAC of RFC 2104, whatever the text says. The body
is hashed as it is sent, XML or WBXML. When a session uses it is not decided here.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from hmac import compare_digest

from mdmcore.errors import ProtocolError
from mdmcore.syncml.credentials import decode_digest, inner_digest, md5

HMAC_HEADER = "x-syncml-hmac"
_ALGORITHM = "MD5"
_PLACE = f"header {HMAC_HEADER}"
_PAIR = re.compile(r'\s*([A-Za-z]+)\s*=\s*(?:"([^"]*)"|([^\s",]*))\s*(?:,|$)')
_MAX_HEADER = 1024


def mac(user: str, password: str, nonce: bytes, body: bytes) -> str:
    """``b64(MD5(b64(MD5(user:password)):nonce:b64(MD5(body))))`` with the raw nonce bytes."""
    inner = inner_digest(user, password).encode("ascii")
    return base64.b64encode(md5(b":".join((inner, nonce, base64.b64encode(md5(body)))))).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class MacHeader:
    """What the header says: the user (LocName) and the base64 text of the mac; algorithm is MD5."""

    username: str
    mac: str = field(repr=False)

    def verify(self, password: str, nonce: bytes, body: bytes) -> bool:
        """Whether the mac is that of this account, nonce and body; takes the same time for all."""
        found = decode_digest(self.mac)
        expected = base64.b64decode(mac(self.username, password, nonce, body))
        return found is not None and compare_digest(found, expected)


def parse_mac_header(value: str, *, fault: type[ProtocolError] = ProtocolError) -> MacHeader:
    """The header's value, its parts in any order; a missing algorithm means MD5.

    Raises ``fault`` (DeviceFault or ServerFault, by who sent it) for anything else.
    """
    pairs: dict[str, str] = {}
    position = 0
    while position < len(value) <= _MAX_HEADER:
        found = _PAIR.match(value, position)
        if found is None:
            break
        pairs[found[1].lower()] = found[3] if found[2] is None else found[2]
        position = found.end()
    if position < len(value) or not pairs.get("mac"):
        raise fault('is not algorithm=MD5, username="...", mac=...', place=_PLACE)
    if pairs.get("algorithm", _ALGORITHM).upper() != _ALGORITHM:
        raise fault(f"algorithm {pairs['algorithm'][:40]!r} is not MD5", place=_PLACE)
    return MacHeader(username=pairs.get("username", ""), mac=pairs["mac"])


def serialize_mac_header(header: MacHeader, *, fault: type[ProtocolError] = ProtocolError) -> str:
    """The header's value. Raises ``fault`` for a user name with a quote or a control in it."""
    if not header.username.isprintable() or '"' in header.username:
        raise fault("a user name that cannot stand in the header", place=_PLACE)
    return f'algorithm={_ALGORITHM}, username="{header.username}", mac={header.mac}'
