"""Writing a redacted capture: learnt in a first pass, written in a second, searched before it
counts.

Files, keys and messages are the command's; what is replaced is known to ``capture.redact``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from mdmcore.capture import Capture
from mdmcore.capture.redact import Leak, Redactor
from mdmcore.errors import CaptureError
from mdmcore.http import Exchange

_SHOWN = 5


class NotRedacted(CaptureError):
    """A value that was replaced still stands in what was to be written."""

    def __init__(self, leaks: Sequence[Leak]) -> None:
        shown = "; ".join(map(str, leaks[:_SHOWN]))
        more = f" and {len(leaks) - _SHOWN} more" if len(leaks) > _SHOWN else ""
        super().__init__(f"{shown}{more}")


class Redacting:
    """What is done to the exchanges of some captures that are written as one."""

    def __init__(self, redactor: Redactor, captures: Sequence[Capture]) -> None:
        self.redactor = redactor
        self._captures = captures
        self._passes = 0

    def learn(self, tell: Callable[[str], None] = lambda _: None) -> None:
        """Go over all captures to find out what is secret."""
        for capture in self._captures:
            for exchange in capture.exchanges():
                tell(capture.name)
                self.redactor.learn(exchange)

    def change(self, exchanges: Iterator[Exchange]) -> Iterator[Exchange]:
        """The exchanges of the next capture, redacted."""
        if self._passes % len(self._captures) == 0:
            self.redactor.tally.start_anew()
        self._passes += 1
        return map(self.redactor.redact, exchanges)

    def remark(self) -> str:
        """What is to be said of the whole in it: that and what was replaced."""
        return "\n".join(("Redacted by mdmproxy.", *self.redactor.tally.lines()))

    def check(self, path: Path, name: str) -> None:
        """Raises NotRedacted where a value that was replaced still stands in that file."""
        with path.open("rb") as file:
            leaks = self.redactor.search().in_file(file, name)
        if leaks:
            raise NotRedacted(leaks)
