"""What devices and servers said, for captures: every way in which HTTP/1 ends a message, over TLS
of each kind that a device has, and in the clear.
"""

from __future__ import annotations

import gzip
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from mdmcore.capture import open_capture
from mdmcore.capture.options import CaptureOptions
from mdmcore.capture.source import CaptureProblem
from mdmcore.http import Exchange
from tests.support.keys import key_path, load_key
from tests.support.packets import CLIENT, SERVER, Link, Talk, pcap
from tests.support.tls_chains import BEGIN, END, leaf, root, write_chain, write_root
from tests.support.tls_talk_in_memory import TlsEnds, device_context, server_context

HOST = "mdm.example.test"
TLS12, TLS13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
RSA_SUITES = "AES128-SHA256:AES128-SHA:@SECLEVEL=0"
ETHERNET = Link(type="ethernet")
WBXML = bytes.fromhex("03016a00") + bytes(range(256)) * 3
XML = b"<SyncML>" + b"x" * 3000 + b"</SyncML>"
SECOND = 1_000_000_000

type Say = Callable[[str, bytes], None]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One exchange: as it passed, in turns, and as it is to be read."""

    turns: tuple[tuple[str, bytes], ...]
    method: str
    path: str
    body: bytes = b""
    status: int = 200
    answer: bytes = b""


def request(method: str, path: str, *fields: str, body: bytes = b"") -> bytes:
    """A request as it is sent."""
    head = "\r\n".join((f"{method} {path} HTTP/1.1", f"Host: {HOST}", *fields))
    return head.encode() + b"\r\n\r\n" + body


def answer(status: str, *fields: str, body: bytes = b"") -> bytes:
    """An answer as it is sent."""
    return "\r\n".join((f"HTTP/1.1 {status}", *fields)).encode() + b"\r\n\r\n" + body


def sized(body: bytes) -> str:
    """The header that tells the length."""
    return f"Content-Length: {len(body)}"


def chunked(body: bytes, size: int = 700) -> bytes:
    """In chunks, with an extension and a trailer."""
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    chunks = b"".join(b"%x;name=value\r\n%s\r\n" % (len(part), part) for part in parts)
    return chunks + b"0\r\nX-Trailer: end\r\n\r\n"


def gzipped(body: bytes) -> bytes:
    """Packed the same way each time."""
    return gzip.compress(body, mtime=0)


GET = Asked(
    turns=(
        (CLIENT, request("GET", "/a?b=c")),
        (SERVER, answer("200 OK", sized(b"hello"), body=b"hello")),
    ),
    method="GET",
    path="/a?b=c",
    answer=b"hello",
)
_CHUNKS = Asked(
    turns=(
        (CLIENT, request("POST", "/chunks", "Transfer-Encoding: chunked", body=chunked(XML))),
        (SERVER, answer("200 OK", "Transfer-Encoding: chunked", body=chunked(WBXML, 100))),
    ),
    method="POST",
    path="/chunks",
    body=XML,
    answer=WBXML,
)
_GZIP = Asked(
    turns=(
        (
            CLIENT,
            request(
                "POST",
                "/gzip",
                "Content-Encoding: gzip",
                sized(gzipped(XML)),
                body=gzipped(XML),
            ),
        ),
        (
            SERVER,
            answer(
                "200 OK",
                "Content-Encoding: gzip",
                "Transfer-Encoding: chunked",
                body=chunked(gzipped(XML), 10),
            ),
        ),
    ),
    method="POST",
    path="/gzip",
    body=XML,
    answer=XML,
)
_WBXML = Asked(
    turns=(
        (CLIENT, request("POST", "/wbxml", sized(WBXML), body=WBXML)),
        (SERVER, answer("200 OK", sized(WBXML), body=WBXML)),
    ),
    method="POST",
    path="/wbxml",
    body=WBXML,
    answer=WBXML,
)
_CONTINUED = Asked(
    turns=(
        (CLIENT, request("POST", "/wait", "Expect: 100-continue", sized(XML))),
        (SERVER, answer("100 Continue")),
        (CLIENT, XML),
        (SERVER, answer("401 Unauthorized", sized(b"no"), body=b"no")),
    ),
    method="POST",
    path="/wait",
    body=XML,
    status=401,
    answer=b"no",
)
_HEAD = Asked(
    turns=((CLIENT, request("HEAD", "/h")), (SERVER, answer("200 OK", "Content-Length: 500"))),
    method="HEAD",
    path="/h",
)
_EMPTY = Asked(
    turns=((CLIENT, request("GET", "/e")), (SERVER, answer("304 Not Modified", "ETag: 1"))),
    method="GET",
    path="/e",
    status=304,
)
_PIPED = (
    Asked(turns=(), method="GET", path="/p1", answer=b"one"),
    Asked(
        turns=(
            (CLIENT, request("GET", "/p1") + request("GET", "/p2")),
            (SERVER, answer("200 OK", sized(b"one"), body=b"one") + answer("204 No Content")),
        ),
        method="GET",
        path="/p2",
        status=204,
    ),
)
_UNTIL_CLOSED = Asked(
    turns=(
        (CLIENT, b"GET /last HTTP/1.0\r\nHost: mdm.example.test\r\n\r\n"),
        (SERVER, b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + XML),
    ),
    method="GET",
    path="/last",
    answer=XML,
)
KEPT_ALIVE = (GET, _CHUNKS, _GZIP, _WBXML, _CONTINUED, _HEAD, _EMPTY, *_PIPED, _UNTIL_CLOSED)
"""A connection that is kept alive, in the order of its requests."""


def _device_certificate() -> bytes:
    """A device's, its own issuer, in PEM."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "phone")])
    key = load_key("device")
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(7)
    builder = builder.public_key(key.public_key()).not_valid_before(BEGIN).not_valid_after(END)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


class Lab:
    """A folder with certificates and a key log; gives connections for captures."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key_log = folder / "keys.log"
        certificate = leaf(HOST, issuer=None)
        self.chain_der = certificate.public_bytes(Encoding.DER)
        self.chain = write_chain(folder / "server.pem", certificate)
        self.roots = write_root(folder / "roots.pem", root())
        self.device_chain = folder / "device.pem"
        self.device_chain.write_bytes(key_path("device").read_bytes() + _device_certificate())
        self._ports = iter(range(50_000, 60_000))

    @property
    def rsa_key(self) -> Path:
        """The key of the server's certificate."""
        return key_path("device2")

    def talk(self, *, begins: float = 0, server_port: int = 443, ends: str = SERVER) -> Talk:
        """A connection of its own; it begins so many seconds behind the capture."""
        return Talk(
            client=("192.0.2.1", next(self._ports)),
            server=("192.0.2.2", server_port),
            begins=int(begins * SECOND),
            ends=ends,
        )

    def tls(
        self,
        talk: Talk,
        *,
        newest: ssl.TLSVersion = TLS13,
        suites: str = "ALL:@SECLEVEL=0",
        trusts: Path | None = None,
        certificate: Path | None = None,
        asks: Path | None = None,
        device: ssl.SSLContext | None = None,
        session: ssl.SSLSession | None = None,
        server: ssl.SSLContext | None = None,
        name: str | None = HOST,
    ) -> TlsEnds:
        """The ends of TLS over that connection."""
        device = device or device_context(
            keys=self.key_log, newest=newest, suites=suites, trusts=trusts, certificate=certificate
        )
        server = server or server_context(self.chain, newest=newest, suites=suites, asks=asks)
        return TlsEnds(device=device, server=server, say=talk.say, name=name, session=session)

    def write(
        self, name: str, *talks: Talk, link: Link = ETHERNET, drop: tuple[int, ...] = ()
    ) -> Path:
        """The capture of these."""
        path = self.folder / name
        path.write_bytes(pcap(talks, link, drop=drop))
        return path


def say_all(say: Say, asked: tuple[Asked, ...] = KEPT_ALIVE) -> None:
    """All turns of these."""
    for one in asked:
        for side, data in one.turns:
            say(side, data)


def over_tls(lab: Lab, talk: Talk, asked: tuple[Asked, ...] = KEPT_ALIVE, **kinds: object) -> Talk:
    """The connection, with these over TLS of that kind."""
    ends = lab.tls(talk, **kinds)  # type: ignore[arg-type]
    assert ends.shake_hands() == ""
    say_all(ends.send, asked)
    ends.close(SERVER)
    return talk


@dataclass(frozen=True, kw_only=True)
class Read:
    """A capture, read."""

    exchanges: tuple[Exchange, ...]
    errors: tuple[CaptureProblem, ...]
    passed_over: dict[str, int]

    def of(self, talk: Talk) -> list[Any]:
        """The exchanges that began while that connection was alone, one second of time."""
        begin = talk.begins // SECOND
        return [
            one
            for one in self.exchanges
            if one.started is not None and int(one.started.timestamp()) - 1_784_000_000 == begin
        ]

    @property
    def messages(self) -> str:
        """What could not be read, one line each."""
        return "\n".join(f"{one.where}: {one.message}" for one in self.errors)


def read(path: Path, *, key_log: Path | None = None, rsa_keys: tuple[Path, ...] = ()) -> Read:
    """All of a capture."""
    capture = open_capture(path, options=CaptureOptions(key_log=key_log, rsa_keys=rsa_keys))
    assert capture.format == "pcap"
    exchanges = tuple(capture.exchanges())
    return Read(exchanges=exchanges, errors=capture.errors, passed_over=dict(capture.passed_over))


def as_read(exchanges: list[Exchange]) -> list[tuple[str, str, bytes | None, int, bytes | None]]:
    """What is compared with what was sent."""
    return [
        (
            one.request.method,
            one.request.url.split("/", 3)[3],
            one.request.body,
            one.response.status if one.response is not None else 0,
            one.response.body if one.response is not None else None,
        )
        for one in exchanges
    ]


def as_sent(asked: tuple[Asked, ...] = KEPT_ALIVE) -> list[tuple[str, str, bytes, int, bytes]]:
    """The same of what was sent."""
    return [(one.method, one.path[1:], one.body, one.status, one.answer) for one in asked]
