"""mitmproxy script for tests: ends its process, as ``kill -9`` does, when a DM message has reached
a point. ``--set kill_at=received:2`` is before the second message that this process gets is stored,
``stored:2`` before its answer leaves."""

from __future__ import annotations

import os
import signal
from collections import Counter
from typing import Any

from mitmproxy import ctx

from mdmcore.mitm.engine import engine_of


class KillProxy:
    """Load it before the script that builds the server."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()
        self._kill_at = ""

    def load(self, loader: Any) -> None:
        loader.add_option("kill_at", str, "", "POINT:NUMBER at which to die.")
        engine_of(ctx.master).checkpoint = self.reached

    def configure(self, updated: set[str]) -> None:
        self._kill_at = ctx.options.kill_at

    def reached(self, label: str) -> None:
        point = label.partition(" ")[0]
        self._seen[point] += 1
        if f"{point}:{self._seen[point]}" == self._kill_at:
            print(f"killed: {label}", flush=True)
            os.kill(os.getpid(), signal.SIGKILL)


addons = [KillProxy()]
