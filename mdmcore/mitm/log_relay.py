"""Log records as single lines for whoever runs the proxy, and the first error of the start.

From mdmcore: information and more (one line an exchange). From mitmproxy: warnings and more, among
them that a device does not trust the proxy's certificate. Tracebacks become the error's type.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from types import TracebackType
from typing import Self

from mdmcore.mitm.guard import explain

_LEVELS = {"mdmcore": logging.INFO, "mitmproxy": logging.WARNING}


class LogRelay(logging.Handler):
    """A context manager; while it is open, records reach ``on_log`` as (level, line)."""

    def __init__(self, on_log: Callable[[int, str], None] | None) -> None:
        super().__init__(logging.INFO)
        self._on_log = on_log
        self._levels: dict[str, int] = {}
        self.is_starting = True
        self.first_error: str | None = None
        """The first error logged while ``is_starting``."""

    def __enter__(self) -> Self:
        for name, level in _LEVELS.items():
            logger = logging.getLogger(name)
            self._levels[name] = logger.level
            logger.setLevel(level)
            logger.addHandler(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for name, level in self._levels.items():
            logger = logging.getLogger(name)
            logger.removeHandler(self)
            logger.setLevel(level)
        self.close()

    def emit(self, record: logging.LogRecord) -> None:
        """One line of the record; during the start an error is kept instead of passed on."""
        line = " ".join(record.getMessage().split())
        if record.exc_info and record.exc_info[1] is not None:
            line = f"{line}: {explain(record.exc_info[1])}"
        if self.is_starting and record.levelno >= logging.ERROR:
            self.first_error = self.first_error or line
        elif self._on_log is not None:
            self._on_log(record.levelno, line)
