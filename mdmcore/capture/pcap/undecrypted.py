"""Why connections could not be decrypted, and what to do: by cipher, handshake and keys.

Source: formats.md section 3.4. Where a key opened something, other hosts are other people's; what
stayed closed of the same host is told.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mdmcore.capture.pcap.handshakes import Handshake
from mdmcore.capture.pcap.keys import Keys
from mdmcore.capture.pcap.streams import Stream
from mdmcore.errors import MdmError
from mdmcore.pki.certificate import parse_certificate
from mdmcore.tls_wire import TLS13
from mdmcore.tls_wire.suites import suite_name

HOW = (
    "record a key log: SSLKEYLOGFILE for OpenSSL, curl and browsers, MITMPROXY_SSLKEYLOGFILE for "
    "mitmproxy, and give it with --key-log"
)
_MAX_HOSTS = 5
_EXCHANGES = (("ECDHE", "ECDHE"), ("ECDH", "ECDH"), ("DHE", "DHE"))


@dataclass(slots=True)
class _Group:
    """Connections with one reason."""

    count: int = 0
    hosts: list[str] = field(default_factory=list)
    frame: int = 0

    def take(self, count: int, frame: int) -> None:
        """So many more; they begin in that frame."""
        self.count += count
        self.frame = min(self.frame or frame, frame)


class Undecrypted:
    """Takes each connection with TLS; says at the end what is to be said."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._groups: dict[tuple[str, str], _Group] = {}
        self._opened: set[str] = set()
        self._has_fitting_line = False
        self.count = 0

    def take(self, stream: Stream, host: str, handshake: Handshake) -> None:
        """One connection with TLS."""
        hello = handshake.seen.hello
        if hello is not None and hello.random in (self._keys.randoms or ()):
            self._has_fitting_line = True
        if handshake.is_decrypted:
            self._opened.add(host)
            return
        if not handshake.needs_key:
            return
        self.count += 1
        group = self._groups.setdefault((self._reason(handshake), host), _Group())
        group.take(1, stream.first_frame)

    def problems(self) -> list[tuple[str, str]]:
        """Place and words of each."""
        merged: dict[str, _Group] = {}
        for (reason, host), group in self._groups.items():
            if self._opened and host not in self._opened:
                continue
            into = merged.setdefault(reason, _Group())
            into.take(group.count, group.frame)
            into.hosts.append(host)
        found = []
        if self._keys.key_log is not None and not self._fits():
            found.append(
                (str(self._keys.key_log), "this key log fits no connection in the capture")
            )
        return found + [
            (f"frame {group.frame}", _words(reason, group))
            for reason, group in sorted(merged.items(), key=lambda one: one[1].frame)
        ]

    def _fits(self) -> bool:
        return self._has_fitting_line or bool(self._opened) or self._keys.randoms is None

    def _reason(self, handshake: Handshake) -> str:
        seen = handshake.seen
        if seen.hello is None:
            return (
                "cannot be decrypted, whatever the key: their handshake is not in the capture; "
                "start it before the device connects"
            )
        forward = _forward_secret(seen.version, seen.suite)
        rsa = self._keys.rsa
        if rsa and forward:
            return f"this key cannot decrypt these connections (they use {forward}): {HOW}"
        if rsa and seen.is_resumed:
            return (
                "the key cannot decrypt these connections: they go on with a session whose full "
                f"handshake is not in the capture; {HOW}"
            )
        if rsa and not self._is_of_server(seen.server_certificates):
            return (
                "the key is not that of the server's certificate: give the key that belongs to it"
            )
        if self._keys.key_log is not None:
            return f"the key log has no line for them; {HOW}"
        if forward:
            return f"no key decrypts them (they use {forward}): {HOW}"
        return f"no key decrypts them; give the server's RSA key with --rsa-key, or {HOW}"

    def _is_of_server(self, certificates: tuple[bytes, ...]) -> bool:
        try:
            leaf = parse_certificate(next(iter(certificates), b""))
        except MdmError:
            return True  # nothing tells that it is not
        return any(leaf.spki == key.spki for key in self._keys.rsa)


def _words(reason: str, group: _Group) -> str:
    names = ", ".join(group.hosts[:_MAX_HOSTS])
    more = len(group.hosts) - _MAX_HOSTS
    names += f" and {more} more" if more > 0 else ""
    is_one = group.count == 1
    return f"{group.count} connection{'' if is_one else 's'} with {names}: {reason}"


def _forward_secret(version: int | None, suite: int | None) -> str:
    """The key exchange where the server's key does not decrypt it."""
    if version is not None and version >= TLS13:
        return "TLS 1.3"
    name = "" if suite is None else suite_name(suite)
    return next((words for part, words in _EXCHANGES if name.startswith(f"TLS_{part}_")), "")
