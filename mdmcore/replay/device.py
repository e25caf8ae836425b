"""A captured device's life, lived once more with a server under test: step by step as captured.

A generator of requests (``mdmcore.phone.drive`` runs it). Where a captured request needs something
that the new server did not give, that part of the life ends there, and a Stop says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mdmcore.base64_text import encode_base64
from mdmcore.errors import MdmError
from mdmcore.http import Exchange
from mdmcore.inspector import Inspector
from mdmcore.replay.captured_sessions import sessions_of
from mdmcore.replay.commands import Book
from mdmcore.replay.drive import Drive, Stop, StoppedError, Talk, Tools
from mdmcore.replay.learning import check_step, learn_urls
from mdmcore.replay.session import SessionReplay
from mdmcore.replay.soap import (
    Renewed,
    message_id,
    remade_csr,
    renewal_token,
    renewed_message,
    wraps,
)
from mdmcore.replay.urls import UrlMap
from mdmcore.replay.web import SignIn
from mdmcore.report.diff import GatheredLife
from mdmcore.report.diff.facts import Names
from mdmcore.rules.decoded import SOAP_KINDS, Kind
from mdmcore.rules.scene import Scene

_ENROLLING = frozenset({Kind.PROBE, Kind.DISCOVER, Kind.WAB, Kind.GETPOLICIES, Kind.RST})
_UNSENT = frozenset({Kind.TLS, Kind.MARK})
_NO_BODY = "the body of the request is not in the capture"
_MIN_KEY_BITS = 1024
_USUAL_KEY_BITS = 2048
_PARTS: Mapping[Kind, str] = MappingProxyType(
    {**dict.fromkeys(_ENROLLING, "enrollment"), Kind.RENEW: "renewal", Kind.HUB: "hub"}
)
_WHERE: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.PROBE: "probe",
        Kind.DISCOVER: "discovery",
        Kind.WAB: "sign-in",
        Kind.GETPOLICIES: "policies",
        Kind.RST: "certificate request",
        Kind.RENEW: "renewal",
        Kind.HUB: "hub",
        Kind.OTHER: "other request",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What came of it: the new exchanges, those of the capture that were not sent, and why.
    ``strange`` are the new server's commands that the captured one had not sent there."""

    exchanges: tuple[Exchange, ...]
    pairs: tuple[tuple[str, str], ...]
    unsent: frozenset[str]
    stops: tuple[Stop, ...]
    strange: tuple[str, ...]
    hosts: tuple[tuple[str, str], ...] = ()
    """Hosts of the captured server, and those of the new one in their place."""


def replay(
    life: GatheredLife, *, to: str, name: str, tools: Tools, inspector: Inspector
) -> Talk[Replayed]:
    """Send what the captured device sent to the server at ``to``. The inspector must be fresh.

    Raises UnreachableError when that server gives no answer at all.
    """
    urls = UrlMap(to, (scene.exchange.request.url for scene in life.scenes if _is_sent(scene)))
    return (yield from _Replay(life, Drive(name, urls, tools, inspector)).run())


def is_replayable(life: GatheredLife) -> bool:
    """Whether the capture has any request of the device."""
    return any(_is_sent(scene) for scene in life.scenes)


def _is_sent(scene: Scene) -> bool:
    return scene.decoded.kind not in _UNSENT


class _Replay:
    """One replay under way."""

    def __init__(self, life: GatheredLife, drive: Drive) -> None:
        self._life = life
        self._drive = drive
        self._sign_in = SignIn()
        self._naming = Names(life.life).key
        self._book = Book(life.scenes, self._naming)
        self._sessions: dict[int, SessionReplay] = {}
        self._numbers = {
            scene.exchange.id: number
            for number, session in enumerate(sessions_of(life.scenes), start=1)
            for scene in session
        }
        self._names = {step.exchange: step.name.partition(",")[0] for step in life.steps}
        self._stops: dict[str, Stop] = {}
        self._unsent: list[str] = []

    def run(self) -> Talk[Replayed]:
        """The whole life."""
        scenes = [scene for scene in self._life.scenes if _is_sent(scene)]
        for place, scene in enumerate(scenes):
            part, where = self._part(scene)
            part_stopped = self._stopped_part(part)
            if part_stopped:
                self._leave_out(part_stopped, scene)
                continue
            if scene.exchange.request.body is None:
                # A session cannot go on without one of its messages; other steps can.
                key = part if scene.decoded.kind is Kind.SYNCML else scene.exchange.id
                self._stop(key, where, scene, _NO_BODY)
                continue
            try:
                is_sent = yield from self._step(scene)
                if not is_sent:
                    self._unsent.append(scene.exchange.id)
                if part.startswith("session") and self._is_last(part, scenes[place + 1 :]):
                    yield from self._sessions[self._number(scene)].finish(scene)
            except (StoppedError, MdmError) as error:
                if not isinstance(error, StoppedError) and not self._drive.exchanges:
                    raise
                self._stop(part, where, scene, str(error))
        return Replayed(
            exchanges=tuple(self._drive.exchanges),
            pairs=tuple(self._drive.pairs),
            unsent=frozenset(self._unsent),
            stops=tuple(self._stops.values()),
            strange=tuple(dict.fromkeys(self._drive.strange)),
            hosts=self._drive.urls.hosts(),
        )

    # --- parts of a life ------------------------------------------------------------------------

    def _part(self, scene: Scene) -> tuple[str, str]:
        """The part of the life that ends when this step fails, and what the step is called."""
        kind = scene.decoded.kind
        if kind is Kind.SYNCML:
            part = f"session {self._number(scene)}"
            return part, self._names.get(scene.exchange.id, part)
        return _PARTS.get(kind, "other requests"), _WHERE.get(kind, str(kind))

    def _number(self, scene: Scene) -> int:
        """Which session a message belongs to; 0 for one that cannot be read."""
        return self._numbers.get(scene.exchange.id, 0)

    def _is_last(self, part: str, following: list[Scene]) -> bool:
        return not any(self._part(scene)[0] == part for scene in following)

    def _stopped_part(self, part: str) -> str:
        """The part that has ended before, because of which this step is not taken: its own, or an
        enrolment that gave the device nothing to go on with."""
        if part in self._stops:
            return part
        known = self._drive.life
        is_enrolled = known is not None and known.account is not None
        return "enrollment" if "enrollment" in self._stops and not is_enrolled else ""

    def _stop(self, part: str, where: str, scene: Scene, cause: str) -> None:
        was_sent = any(one == scene.exchange.id for one, _ in self._drive.pairs)
        unsent = () if was_sent else (scene.exchange.id,)
        self._unsent += unsent
        self._stops[part] = Stop(step=where, cause=cause, exchange=scene.exchange.id, unsent=unsent)

    def _leave_out(self, part: str, scene: Scene) -> None:
        stop = self._stops[part]
        self._unsent.append(scene.exchange.id)
        self._stops[part] = Stop(
            step=stop.step,
            cause=stop.cause,
            exchange=stop.exchange,
            unsent=(*stop.unsent, scene.exchange.id),
        )

    # --- steps ----------------------------------------------------------------------------------

    def _step(self, scene: Scene) -> Talk[bool]:
        """Take one step; whether anything was sent."""
        kind = scene.decoded.kind
        if kind is Kind.SYNCML:
            session = self._sessions.get(self._number(scene))
            if session is None:
                session = SessionReplay(self._drive, self._book, self._naming)
                self._sessions[self._number(scene)] = session
            return (yield from session.step(scene))
        asked = scene.exchange.request
        url = self._drive.urls.named(asked.url, otherwise=self._place(kind))
        if kind is Kind.WAB:
            yield from self._page(scene, url)
            return True
        body: bytes | None = scene.decoded.request.body or asked.body
        if kind in SOAP_KINDS and scene.decoded.request.envelope is not None:
            body = self._message(scene, url)
        new = yield from self._drive.send(scene, self._drive.request(scene, url=url, body=body))
        learn_urls(self._drive.urls, scene, new)
        self._drive.trust_what(new)
        check_step(scene, new)
        return True

    def _place(self, kind: Kind) -> str:
        """Where the new server wants such requests; empty where that is not told."""
        known = self._drive.life
        if known is None:
            return ""
        if kind is Kind.GETPOLICIES:
            return known.policy_url
        return known.enrollment_url if kind in (Kind.RST, Kind.RENEW) else ""

    def _page(self, scene: Scene, url: str) -> Talk[None]:
        asked = scene.exchange.request
        body = self._sign_in.fields(asked, self._drive.tools.user)
        request = self._drive.request(scene, url=url, body=body)
        now = self._drive.tools.clock()
        headers = self._sign_in.headers(request.headers, request.url)
        request = type(request)(
            method=request.method, url=request.url, headers=headers, body=request.body
        )
        new = yield from self._drive.send(scene, request)
        self._sign_in.take(scene, new, request.url, self._drive.urls, now)
        learn_urls(self._drive.urls, scene, new)
        self._drive.trust_what(new)
        check_step(scene, new)

    def _message(self, scene: Scene, url: str) -> bytes:
        """A message of the enrolment with its new ids, user, and certificate request."""
        decoded, tools = scene.decoded, self._drive.tools
        envelope = decoded.request.envelope
        assert envelope is not None
        new = Renewed(
            message_id=message_id(envelope.message_id, tools.random),
            to=url if envelope.to == scene.exchange.request.url else self._to(envelope.to, url),
            user=tools.user,
            user_token=self._user_token(scene),
            token=self._token(scene),
            now=tools.clock(),
        )
        return renewed_message(decoded.request.body, new)

    def _to(self, captured: str, url: str) -> str:
        return self._drive.urls.named(captured) if "://" in captured else captured or url

    def _user_token(self, scene: Scene) -> str | None:
        envelope = scene.decoded.request.envelope
        captured = self._sign_in.captured_token
        if envelope is None or envelope.user_token is None or captured is None:
            return None
        if not wraps(envelope.user_token.text, captured):
            return None
        if self._sign_in.token is None:
            raise StoppedError("the sign-in pages of the server under test handed out no token")
        return encode_base64(self._sign_in.token.encode())

    def _token(self, scene: Scene) -> str | None:
        """The certificate request with a stand-in for the captured key."""
        decoded = scene.decoded
        part = decoded.csr
        if part is None or part.csr is None:
            return None
        known = self._drive.life
        wanted = known.policies.minimal_key_length if known and known.policies else None
        bits = max(part.csr.key_bits or _USUAL_KEY_BITS, wanted or 0, _MIN_KEY_BITS)
        if decoded.kind is not Kind.RENEW:
            csr = remade_csr(part, self._drive.key_for(part.csr.spki_sha256, bits))
            return encode_base64(csr)
        key = self._drive.own_key()
        if key is None or known is None or known.certificate is None:
            raise StoppedError("the server under test issued no certificate that could be renewed")
        certificate = known.certificate.der
        csr = remade_csr(part, self._drive.key_for(part.csr.spki_sha256, bits))
        return renewal_token(decoded, csr, certificate=certificate, key=key)
