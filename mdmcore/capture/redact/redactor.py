"""Redacting a capture in two passes: what is secret may be used before it is handed out.

``learn`` takes each exchange in order, ``redact`` each once more. The values that were found stay
in memory and are never written anywhere.
"""

from __future__ import annotations

from dataclasses import replace

from mdmcore.capture.redact.exchanges import rewritten
from mdmcore.capture.redact.keys import KeySource
from mdmcore.capture.redact.pseudonyms import MIN_KEY_BYTES
from mdmcore.capture.redact.scrubber import Scrubber
from mdmcore.capture.redact.search import LeakSearch
from mdmcore.capture.redact.tally import Tally
from mdmcore.errors import ConfigError
from mdmcore.http import REDACTED, Exchange
from mdmcore.inspector import Inspector
from mdmcore.rules.decoded import Kind
from mdmcore.rules.scene import Scene

CAPTURE_NAME = "redacted"


class Redactor:
    """Redacts one capture, or several that belong together.

    ``key`` is random and secret: with the same key the same values get the same names in another
    capture. ``keys`` makes the throw-away keys. Raises ConfigError for a key that is too short.
    """

    def __init__(self, key: bytes, keys: KeySource, *, profile: str = "auto") -> None:
        if len(key) < MIN_KEY_BYTES:
            raise ConfigError(f"a redaction key of {len(key)} bytes, {MIN_KEY_BYTES} are needed")
        self._run = Scrubber(key, keys)
        self._inspector = Inspector(profile)
        self._inspector.watch(self._watch)
        self._names: dict[str, str] = {}
        self._packages: set[tuple[str, int]] = set()

    @property
    def tally(self) -> Tally:
        """What was replaced so far."""
        return self._run.tally

    def learn(self, exchange: Exchange) -> None:
        """The first pass: find out what is secret. Raises ConfigError where that is too much."""
        if exchange.capture not in self._names:
            number = len(self._names) + 1
            self._names[exchange.capture] = f"{CAPTURE_NAME}-{number}"
        self._inspector.inspect(exchange)
        rewritten(self._run, exchange, is_package=self._is_package(exchange))
        self._run.known.check_bounds()

    def redact(self, exchange: Exchange) -> Exchange:
        """The second pass, when all was learned: the exchange with pseudonyms. Raises
        ConfigError where more is replaced than can be looked for in the end."""
        self._run.is_learning = False
        before = self.tally.counted()
        made = rewritten(self._run, exchange, is_package=self._is_package(exchange))
        self._run.known.check_bounds()
        counts = {str(kind): count for kind, count in (self.tally.counted() - before).items()}
        name = self._names.get(exchange.capture, CAPTURE_NAME)
        return replace(
            made,
            capture=name,
            id=f"{name}:{exchange.index}",
            notes=replace(made.notes, data={**made.notes.data, REDACTED: counts}),
        )

    def search(self) -> LeakSearch:
        """Looks for what was replaced; to be asked about all that is written, before it counts."""
        return LeakSearch(self._run.known.searched())

    def _is_package(self, exchange: Exchange) -> bool:
        return (exchange.capture, exchange.index) in self._packages

    def _watch(self, scene: Scene) -> None:
        self._run.digests.watch(scene)
        exchange = scene.exchange
        response = exchange.response
        is_whole = response is not None and bool(response.body) and response.status in (200, 206)
        if scene.decoded.kind is Kind.HUB and is_whole:
            self._packages.add((exchange.capture, exchange.index))
