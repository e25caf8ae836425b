"""What every step of a replay needs: sending a request and looking at its answer as rules do.

No I/O: a generator yields requests and is sent the answers (as ``mdmcore.phone``), clock, keys and
randomness come in by parameter.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from mdmcore.errors import MdmError
from mdmcore.http import Exchange, Headers, Request, Response, TlsFacts
from mdmcore.inspector import Inspector
from mdmcore.phone.client_identity import ClientIdentity, IdentifiedRequest
from mdmcore.phone.keyring import Keyring
from mdmcore.phone.refusal import Failure, NoAnswer
from mdmcore.phone.settings import Clock, Random
from mdmcore.replay.soap import User
from mdmcore.replay.urls import UrlMap
from mdmcore.rules.life import Life
from mdmcore.rules.scene import Scene

type Talk[T] = Generator[Request, Response, T]

_NOT_OURS = frozenset(
    {
        *("host", "content-length", "transfer-encoding", "content-encoding", "accept-encoding"),
        *("connection", "keep-alive", "proxy-connection", "proxy-authorization", "te", "trailer"),
        *("upgrade", "expect", "via", "forwarded", "x-forwarded-for", "x-forwarded-proto"),
        *("x-forwarded-host", "x-forwarded-client-cert", "client-cert", "if-range"),
    }
)
"""Headers of a connection, a hop or a coding; the transport writes those that it needs."""


_PEER = "replay"
"""All that is sent comes from one device."""


class UnreachableError(MdmError):
    """The server under test gave no answer at all; ``failure`` tells why, where that is known."""

    def __init__(self, message: str, *, failure: Failure | None = None) -> None:
        super().__init__(message)
        self.failure = failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Where the replay could not go on as the capture does: the step, why, in words, and the ids of
    the exchanges that were not sent because of it."""

    step: str
    cause: str
    exchange: str
    unsent: tuple[str, ...] = ()


class StoppedError(MdmError):
    """This part of the replay ends here, for the reason in its message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What a replay is given: the stand-in keys, the time, randomness, and who enrols instead of
    the captured user. ``tls`` tells what the handshake of the latest exchange showed, ``on_roots``
    is told the authorities (DER) that the new server installs."""

    keys: Keyring
    clock: Clock
    random: Random = field(repr=False)
    user: User | None = None
    tls: Callable[[], TlsFacts | None] = lambda: None
    on_roots: Callable[[tuple[bytes, ...]], None] = lambda _roots: None


class Drive:
    """Sends requests, and keeps what came of each. ``exchanges`` are the new ones, ``pairs`` the
    ids of captured and new exchange, ``strange`` are commands that the captured server did not
    send."""

    def __init__(self, name: str, urls: UrlMap, tools: Tools, inspector: Inspector) -> None:
        self.urls = urls
        self.tools = tools
        self.exchanges: list[Exchange] = []
        self.pairs: list[tuple[str, str]] = []
        self.strange: list[str] = []
        self._name = name
        self._inspector = inspector
        self._seen: list[Scene] = []
        self._keys: dict[str, RSAPrivateKey] = {}
        inspector.watch(self._seen.append)

    @property
    def life(self) -> Life | None:
        """What is known of the device at the new server."""
        known = [one.life for one in self._seen if one.life.id is not None]
        return known[-1] if known else None

    def send(self, captured: Scene, request: Request, *, is_again: bool = False) -> Talk[Scene]:
        """Send it; captured and new answer side by side. Raises UnreachableError while nothing was
        ever answered, StoppedError where no answer comes but the captured server gave one."""
        started = self.tools.clock()
        response, error = None, None
        try:
            response = yield self._identified(request)
        except NoAnswer as missing:
            if not any(one.response is not None for one in self.exchanges):
                raise UnreachableError(
                    f"{request.url}: {missing.reason}", failure=missing.failure
                ) from None
            error = missing.reason
        number = len(self.exchanges) + 1
        exchange = Exchange(
            id=f"{self._name}:{number}",
            index=number,
            capture=self._name,
            request=request,
            response=response,
            started=started,
            ended=self.tools.clock(),
            peer=_PEER,
            tls=self.tools.tls(),
            error=error,
        )
        self.exchanges.append(exchange)
        if not is_again:
            self.pairs.append((captured.exchange.id, exchange.id))
        self._inspector.inspect(exchange)
        if error is not None and captured.exchange.response is not None:
            raise StoppedError(f"no answer came: {error}")
        return self._seen[-1]

    def request(self, captured: Scene, *, url: str, body: bytes | None) -> Request:
        """The captured request with another URL and body, and no header of its connection."""
        asked = captured.exchange.request
        headers = Headers(pair for pair in asked.headers if pair[0].lower() not in _NOT_OURS)
        sent_to = self.urls.sent_to(url)
        return Request(method=asked.method, url=sent_to, headers=headers, body=body or b"")

    def key_for(self, spki_sha256: str, bits: int) -> RSAPrivateKey:
        """The stand-in for that captured key, the same each time."""
        if spki_sha256 not in self._keys:
            self._keys[spki_sha256] = self.tools.keys(bits)
        return self._keys[spki_sha256]

    def own_key(self) -> RSAPrivateKey | None:
        """The key of the certificate that the new server issued."""
        life = self.life
        if life is None or life.certificate is None:
            return None
        return self.tools.keys.get(life.certificate.spki_sha256)

    def own_certificate(self) -> bytes | None:
        """The certificate (DER) that the new server issued."""
        life = self.life
        return None if life is None or life.certificate is None else life.certificate.der

    def trust_what(self, new: Scene) -> None:
        """Trust the authorities that an answer installs, as a device does from then on."""
        if new.decoded.provisioning is not None:
            roots = tuple(one.der for _, one in new.decoded.provisioning.authorities)
            self.tools.on_roots(roots)

    def _identified(self, request: Request) -> Request:
        """The request on a connection that shows the new certificate where it is asked for."""
        life = self.life
        if life is None or life.certificate is None or self.own_key() is None:
            return request
        authorities = life.provisioning.authorities if life.provisioning is not None else ()
        chain = [one.der for _, one in authorities if one.is_ca and not one.is_self_issued]
        return IdentifiedRequest(
            method=request.method,
            url=request.url,
            headers=request.headers,
            body=request.body,
            identity=ClientIdentity(
                certificate=life.certificate.der,
                chain=tuple(chain[:8]),
                key_sha256=life.certificate.spki_sha256,
            ),
        )
