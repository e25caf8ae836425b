"""A captured server, given again to a device: each answer as captured, made anew for who asks.

Sans-IO: requests in, responses out. Which answer comes next is told by what the device asks and by
how far it is. A session for which the capture has no more is ended politely; what was never asked
in the capture is answered 404, what is not whole in it 502, both with a text of ours.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from mdmcore.errors import MdmError
from mdmcore.http import Exchange, Headers, Request, Response
from mdmcore.inspector.decode import decode
from mdmcore.phone.settings import Clock, Random
from mdmcore.replay.answers import Package, enrollment_answer, page_answer, range_answer
from mdmcore.replay.captured_sessions import whole_sessions
from mdmcore.replay.held_session import HeldSession
from mdmcore.replay.reissue import Authorities
from mdmcore.report.diff import GatheredLife
from mdmcore.rules.decoded import SOAP_KINDS, Decoded, Kind
from mdmcore.rules.life import NonceState
from mdmcore.rules.scene import Scene
from mdmcore.syncml.model import SyncML

_ENTRANCES = frozenset({Kind.PROBE, Kind.DISCOVER})
_BY_PLACE = frozenset({Kind.PROBE, Kind.WAB, Kind.HUB, Kind.OTHER})
"""Kinds of which the place tells what is asked."""
_NOT_SENT = frozenset({Kind.TLS, Kind.MARK})
_OWN_HEADERS = (
    *("Content-Length", "Date", "Connection", "Keep-Alive", "Alt-Svc", "Proxy-Connection"),
    "Strict-Transport-Security",
)
_MAX_DEVICES = 256


@dataclass(slots=True)
class _Device:
    """How far a device is: what was taken of each kind, and its sessions."""

    taken: dict[tuple[Kind, str], int] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)
    held: HeldSession | None = None
    nonces: NonceState = field(default_factory=NonceState)


class ReplayServer:
    """The server of one captured life. ``keys`` makes throw-away keys of so many bits, ``tell`` is
    given lines for the log."""

    def __init__(
        self,
        life: GatheredLife,
        *,
        keys: Callable[[int], RSAPrivateKey],
        clock: Clock,
        random: Random,
        tell: Callable[[str], None],
    ) -> None:
        self._scenes = [one for one in life.scenes if one.decoded.kind not in _NOT_SENT]
        self._clock = clock
        self._random = random
        self._tell = tell
        self._authorities = Authorities(keys)
        self._devices: dict[str, _Device] = {}
        self._packages: dict[str, bytes | None] = {}
        self.hosts = frozenset(one.exchange.request.host for one in self._scenes) - {""}
        self._sessions = whole_sessions(self._scenes)
        self._store_uris = {one.life.store_uri for one in self._scenes if one.life.store_uri}

    def answers_for(self, host: str) -> bool:
        """Whether the captured server had that name."""
        return host.lower().rstrip(".") in self.hosts

    def answer(self, request: Request, peer: str | None = None) -> Response:
        """The answer to one request of the device at that address. Never raises for what was sent
        or captured."""
        device = self._devices.setdefault(peer or "", _Device())
        while len(self._devices) > _MAX_DEVICES:
            del self._devices[next(iter(self._devices))]
        try:
            return self._answer(request, device)
        except MdmError as error:
            return self._own(502, f"cannot be made anew from the capture: {error}", request)

    def _answer(self, request: Request, device: _Device) -> Response:
        asked = self._decoded(request)
        if asked.kind is Kind.SYNCML:
            return self._dm(request, asked, device)
        captured = self._take(request, asked, device)
        if captured is None:
            return self._own(404, "nothing like it is in the capture", request)
        response = captured.exchange.response
        if response is None:
            why = captured.exchange.error or "no answer"
            return self._own(502, f"the captured server gave no answer: {why}", request)
        if asked.kind is Kind.HUB:
            return self._package(request, captured, response)
        if response.body is None:
            return self._own(502, "the body of the answer is not in the capture", request)
        if asked.kind in SOAP_KINDS:
            body = enrollment_answer(captured, asked, self._authorities, self._later(captured))
            self._note_document(captured, device)
            return self._like(response, body)
        if asked.kind is Kind.WAB:
            body, changes = page_answer(captured, asked)
            return self._like(response, body, changes)
        return self._like(response, response.body)

    def _decoded(self, request: Request) -> Decoded:
        exchange = Exchange(id="replay", index=0, capture="replay", request=request)
        place = _place(request)
        told = next(
            (one.decoded.kind for one in self._scenes if _place(one.exchange.request) == place),
            None,
        )
        is_store = any(place == _place(Request(method="GET", url=uri)) for uri in self._store_uris)
        decoded = decode(exchange, is_store_uri=is_store, told=told)
        if decoded.kind is Kind.OTHER and told is not None and request.method != "POST":
            return replace(decoded, kind=told)
        return decoded

    # --- which answer ---------------------------------------------------------------------------

    def _take(self, request: Request, asked: Decoded, device: _Device) -> Scene | None:
        """The next captured exchange of that kind, the last one again and again; an entrance that
        was taken already begins the life anew."""
        kind = asked.kind
        fitting = [one for one in self._scenes if one.decoded.kind is kind]
        if kind in _BY_PLACE:
            here = [one for one in fitting if _is_like(one.exchange.request, request)]
            fitting = here
        if not fitting:
            return None
        key = kind, _place(request) if kind in _BY_PLACE else ""
        number = device.taken.get(key, 0)
        if number >= len(fitting) and kind in _ENTRANCES and len(device.taken) > 1:
            self._tell("a device begins anew: the capture is served from its beginning")
            device.taken.clear()
            device.used.clear()
            device.held, device.nonces = None, NonceState()
            number = 0
        device.taken[key] = number + 1
        return fitting[min(number, len(fitting) - 1)]

    def _package(self, request: Request, captured: Scene, response: Response) -> Response:
        """The captured range where it is the one that was asked for, else from the whole."""
        wanted = request.headers.get("Range") or ""
        same = [
            one.exchange.response
            for one in self._scenes
            if one.decoded.kind is Kind.HUB
            and _is_like(one.exchange.request, request)
            and (one.exchange.request.headers.get("Range") or "") == wanted
            and one.exchange.response is not None
            and one.exchange.response.body is not None
        ]
        if same and same[0] is not None:
            return self._like(same[0], same[0].body or b"")
        place = _place(request)
        if place not in self._packages:
            alike = (one for one in self._scenes if _place(one.exchange.request) == place)
            self._packages[place] = Package(alike).body()
        package = self._packages[place]
        if package is None:
            return self._own(502, "the package is not whole in the capture", request)
        answer = range_answer(request, package, self._like(response, b""))
        return replace(answer, body=b"" if request.method == "HEAD" else answer.body)

    # --- sessions -------------------------------------------------------------------------------

    def _dm(self, request: Request, asked: Decoded, device: _Device) -> Response:
        message = asked.request_syncml
        if message is None:
            return self._own(400, "the message cannot be read", request)
        held = device.held
        if held is None or held.session_id != message.header.session_id:
            held = self._begin(message, device)
        response = held.answer(request, asked, message)
        device.nonces = held.nonces
        return self._like(response, response.body or b"")

    def _begin(self, message: SyncML, device: _Device) -> HeldSession:
        """The session of the capture that is about the same as this one and was not held yet."""
        found = HeldSession.wanted(message)
        number = next(
            (
                number
                for number, scenes in self._sessions.items()
                if number not in device.used and HeldSession.is_about(scenes, found)
            ),
            None,
        )
        if number is None:
            self._tell("the capture has no further session like this one: it is ended politely")
        else:
            device.used.add(number)
        scenes = self._sessions[number] if number is not None else []
        nonces = device.nonces
        if nonces == NonceState():
            nonces = self._first_nonces(scenes)
        fallback = next(iter(reversed(self._sessions.values())), [])
        device.held = HeldSession(
            message.header.session_id,
            scenes,
            nonces=nonces,
            known=fallback,
            random=self._random,
            tell=self._tell,
        )
        return device.held

    def _first_nonces(self, scenes: list[Scene]) -> NonceState:
        """Those that the account had when the captured session began."""
        for scene in [*scenes[:1], *self._scenes]:
            account = scene.before.account or scene.life.account
            if account is not None and account.server is not None:
                return account.server.nonces
        return NonceState()

    def _note_document(self, captured: Scene, device: _Device) -> None:
        """A document sets the nonces anew."""
        part = captured.decoded.provisioning
        if part is None:
            return
        self._authorities.learn(part)
        entry = part.account.auth("CLIENT") if part.account is not None else None
        if entry is not None and entry.nonce is not None:
            device.nonces = NonceState(current=entry.nonce)

    # --- forms ----------------------------------------------------------------------------------

    def _later(self, captured: Scene) -> timedelta:
        """How long ago the captured exchange was."""
        started: datetime | None = captured.exchange.started
        return timedelta() if started is None else self._clock() - started

    def _like(
        self, response: Response, body: bytes, changes: dict[str, str] | None = None
    ) -> Response:
        """An answer with the captured status and headers."""
        headers = response.headers
        for name in _OWN_HEADERS:
            headers = headers.without(name)
        for old, new in (changes or {}).items():
            headers = Headers((name, value.replace(old, new)) for name, value in headers)
        coding = (headers.get("Content-Encoding") or "").strip().lower()
        if coding == "gzip":
            body = gzip.compress(body, mtime=0)
        elif coding:
            headers = headers.without("Content-Encoding")
        return Response(status=response.status, headers=headers, body=body)

    def _own(self, status: int, why: str, request: Request) -> Response:
        """Our own words to a device, and to the log."""
        line = f"{request.method} {request.url.partition('?')[0]}: {why}"
        self._tell(f"answered {status}: {line}")
        return Response(
            status=status,
            headers=Headers([("Content-Type", "text/plain; charset=utf-8")]),
            body=f"mdmproxy replay: {line}\n".encode(),
        )


def _place(request: Request) -> str:
    return f"{request.host}{request.path.rstrip('/').lower()}"


def _is_like(captured: Request, asked: Request) -> bool:
    """Whether they ask for the same place; a HEAD asks for what a GET gets."""
    methods = {captured.method.upper(), asked.method.upper()}
    return _place(captured) == _place(asked) and (len(methods) == 1 or methods <= {"GET", "HEAD"})
