"""A tester's marks on their way into the flows: from the store, from mitmproxy's command.

``mdmproxy mark`` leaves a row in the state. Every running proxy that uses that state takes it,
once: before the next request goes on, within a second where none comes, and at its end at the
latest. The mark has the time at which it was set. Whether a proxy runs can be told by a file of the
state folder that each one holds as long as it lives.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from mitmproxy import http
from mitmproxy.proxy.layers.http._hooks import HttpResponseHook

from mdmcore.errors import ConfigError
from mdmcore.mitm.guard import explain, guarded
from mdmcore.mitm.mark_flow import mark_flow
from mdmcore.mitm.state import DATABASE_NAME
from mdmcore.platform import hold_alone, hold_together
from mdmcore.store import Database
from mdmcore.store.marks import NewMarks

logger = logging.getLogger(__name__)

RUNNING_NAME = "running.lock"
"""Held by every proxy that takes marks from the folder; empty."""

_INTERVAL_S = 1.0
_TRIES = 100
_PAUSE_S = 0.01


def prepare_folder(folder: Path) -> None:
    """Make the folder and its database where they are missing, and nothing else. ConfigError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        Database(folder / DATABASE_NAME).close()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigError(f"{folder}: cannot keep state there: {reason}") from None


def is_running(folder: Path) -> bool:
    """Whether a proxy takes marks from that folder."""
    try:
        with (folder / RUNNING_NAME).open("rb+") as file:
            return not hold_alone(file.fileno())
    except OSError:
        return False


class Marks:
    """Takes marks once it is started; an addon because a request must not overtake them."""

    name = "mdmproxy-marks"

    def __init__(self, master: Any, folder: Callable[[], Path]) -> None:
        self._master = master
        self._folder = folder
        self._new: NewMarks | None = None
        self._lock: BinaryIO | None = None
        self._watching: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Take marks from now on, in the running event loop; once. Where that cannot be, a warning
        says so: marks are all that is missing then."""
        if self._watching is not None:
            return
        folder = self._folder()
        try:
            prepare_folder(folder)
            self._new = NewMarks(folder / DATABASE_NAME)
            self._lock = _held(folder / RUNNING_NAME)
        except (ConfigError, OSError, sqlite3.Error) as error:
            logger.warning("mdmproxy: `mdmproxy mark` does not reach this proxy: %s", error)
            self.stop()
        self._watching = asyncio.get_running_loop().create_task(self._watch())

    async def put(self, text: str, at: datetime) -> None:
        """Let a mark pass as a flow of our own."""
        flow = mark_flow(text, at)
        if (view := self._master.addons.get("view")) is not None:
            view.add([flow])
        await self._master.addons.trigger_event(HttpResponseHook(flow))

    async def take(self) -> None:
        """Let pass what was set since the last time."""
        if self._new is None:
            return
        try:
            found = self._new.take()
        except sqlite3.Error as error:
            logger.warning("mdmproxy: `mdmproxy mark` reaches this proxy no more: %s", error)
            self.stop()
            return
        for mark in found:
            await self.put(mark.text, mark.at)

    def stop(self) -> None:
        """Take no more."""
        if self._new is not None:
            self._new.close()
            self._new = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None

    @guarded
    async def request(self, flow: http.HTTPFlow) -> None:
        """What was set before comes before."""
        await self.take()

    @guarded
    async def done(self) -> None:
        """The last ones."""
        if self._lock is not None:
            # From here on `mdmproxy mark` says that nobody is there.
            self._lock.close()
            self._lock = None
        await self.take()
        self.stop()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_INTERVAL_S)
            try:
                await self.take()
            except Exception as error:  # noqa: BLE001 - the guard of mitm/
                logger.error("mdmproxy: a mark failed: %s", explain(error))


def _held(path: Path) -> BinaryIO:
    file = path.open("ab+")
    with contextlib.ExitStack() as stack:
        stack.callback(file.close)
        for _ in range(_TRIES):
            if hold_together(file.fileno()):
                stack.pop_all()
                return file
            time.sleep(_PAUSE_S)  # somebody looks whether we run
    raise ConfigError(f"{path}: somebody else holds it")
