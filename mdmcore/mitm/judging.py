"""The live inspector: exchanges judged one after another, and what is known of them so far.

It is made when first needed, and anew when its settings change. Large bodies are judged in a
thread, still one exchange at a time, since each is judged by those before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from mdmcore.http import Exchange
from mdmcore.mitm.hub_file import load_aetx
from mdmcore.mitm.mark_flow import end_flow
from mdmcore.mitm.options import MdmOptions
from mdmcore.mitm.recorder import Recorder

if TYPE_CHECKING:
    from mdmcore.inspector import Inspection, Inspector
    from mdmcore.inspector.known_secrets import SecretsFile
    from mdmcore.rules.life import Life
    from mdmcore.rules.model import Finding
    from mdmcore.rules.overrides import Overrides

type OnInspected = Callable[[Exchange, Inspection], None]

_INLINE_BYTES = 256 * 1024
"""Bodies up to this size are judged on the event loop (a few ms), larger ones in a thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeSettings:
    """``aetx`` is the path of the enterprise's file, empty for none; ``overrides`` and ``secrets``
    are ``None`` where nothing is wanted or known."""

    profile: str = "auto"
    aetx: str = ""
    overrides: Overrides | None = None
    secrets: SecretsFile | None = None


def judge_settings(options: MdmOptions, *, profile: str, aetx: str) -> JudgeSettings:
    """The settings by these options. Raises ConfigError for files and names that cannot be used."""
    if aetx:
        load_aetx(Path(aetx).expanduser())
    return JudgeSettings(
        profile=profile, aetx=aetx, overrides=_overrides(options), secrets=_secrets(options)
    )


def _overrides(options: MdmOptions) -> Overrides | None:
    """What is wanted of the rules; they are not loaded where nothing is."""
    if not options.disable and not options.severity:
        return None
    from mdmcore.rules.overrides import parse_overrides

    return parse_overrides(options.disable or (), options.severity or ())


def _secrets(options: MdmOptions) -> SecretsFile | None:
    """What the user knows of accounts."""
    if not options.secrets:
        return None
    from mdmcore.inspector.known_secrets import read_secrets

    return read_secrets(Path(options.secrets).expanduser())


class Judging:
    """Every method runs on the event loop's thread; ``clock`` gives the time that it is now."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._settings = JudgeSettings()
        self._lock = asyncio.Lock()
        self._count = 0
        self._ended: datetime | None = None
        self.inspector: Inspector | None = None
        """``None`` until something is to be judged."""
        self.on_inspected: OnInspected | None = None
        """Called with every exchange that was judged, in their order."""

    def take(self, settings: JudgeSettings) -> None:
        """Judge by these settings from now on; other ones than before begin anew."""
        if settings != self._settings:
            self._settings = settings
            self.inspector = None

    async def inspect(self, make: Callable[[str, int], Exchange]) -> tuple[Exchange, Inspection]:
        """Judge the next exchange; ``make`` builds it from its capture name and index."""
        async with self._lock:
            self._count += 1
            exchange = make("live", self._count)
            size = len(exchange.request.body or b"")
            if exchange.response is not None:
                size += len(exchange.response.body or b"")
            if size <= _INLINE_BYTES:
                inspection = self._judge().inspect(exchange)
            else:
                inspection = await asyncio.to_thread(self._judge().inspect, exchange)
            if self.on_inspected is not None:
                self.on_inspected(exchange, inspection)
            return exchange, inspection

    @property
    def profile(self) -> str:
        """The kind of device that is judged for, ``auto`` to find it out."""
        return self._settings.profile

    @property
    def is_busy(self) -> bool:
        """Whether an exchange is being judged now."""
        return self._lock.locked()

    async def is_package(self, exchange: Exchange) -> bool:
        """Whether an answer, of which the head is there, is a package or a part of one."""
        async with self._lock:
            return self._judge().is_package(exchange)

    def lives(self) -> tuple[Life, ...]:
        """All devices that were seen."""
        return () if self.inspector is None else self.inspector.lives()

    def current_life(self, life: str | None) -> str | None:
        """The id that a noted life has now; one that the inspector does not know stays as it is."""
        if life is None or self.inspector is None:
            return life
        return self.inspector.current_life(life) or life

    def findings(self) -> tuple[Finding, ...]:
        """All findings so far, one for each rule and life, by the time that it is now; none when
        nothing was inspected."""
        if self.inspector is None:
            return ()
        return self.inspector.findings(until=self._ended or self._clock())

    def end(self, recorder: Recorder) -> None:
        """Record that nothing came until now, where a finding stands on that."""
        if self.inspector is None or self._ended is not None:
            return
        self._ended = now = self._clock()
        if self.inspector.findings() != self.inspector.findings(until=now):
            recorder.add(end_flow(now))

    def _judge(self) -> Inspector:
        if self.inspector is None:
            # Imported here: emulating alone does not need the rules.
            from mdmcore.inspector import Inspector
            from mdmcore.inspector.known_secrets import NO_SECRETS
            from mdmcore.rules.overrides import NO_OVERRIDES

            wanted = self._settings
            self.inspector = Inspector(
                profile=wanted.profile,
                aetx=load_aetx(Path(wanted.aetx).expanduser()) if wanted.aetx else None,
                overrides=wanted.overrides or NO_OVERRIDES,
                secrets=wanted.secrets or NO_SECRETS,
            )
        return self.inspector
