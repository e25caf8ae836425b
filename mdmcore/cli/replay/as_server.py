"""``mdmproxy replay --as-server``: the captured answers, served to a device through the proxy."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mdmcore.cli.life import machine_clock
from mdmcore.cli.live import relay, run_live, say
from mdmcore.errors import ConfigError

if TYPE_CHECKING:
    from mdmcore.cli.options import FailOn
    from mdmcore.report.diff import GatheredLife


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where devices find the proxy, and what is kept of it."""

    host: str = "127.0.0.1"
    port: int = 8080
    confdir: Path | None = None
    record: Path | None = None
    report: Path | None = None
    web: bool = False
    legacy_tls: bool = True
    fail_on: FailOn | None = None


def replay_as_server(life: GatheredLife, listening: Listening) -> int:
    """Serve until a signal."""
    from mdmcore.mitm.replaying import Replaying
    from mdmcore.mitm.runner import ProxySettings
    from mdmcore.pki.request import generate_key
    from mdmcore.replay import ReplayServer

    server = ReplayServer(life, keys=generate_key, clock=machine_clock, random=os.urandom, tell=say)
    if not any(scene.exchange.response is not None for scene in life.scenes):
        raise ConfigError(f"{life.capture}: no answer of a server in it that could be served")
    settings = ProxySettings(
        scripts=(*(("mdm_legacy_tls",) if listening.legacy_tls else ()), "mdm_inspect"),
        host=listening.host,
        port=listening.port,
        confdir=listening.confdir,
        record=listening.record,
        web=listening.web,
        addons=(Replaying(server),),
        options={"upstream_cert": False},
        on_log=relay,
        on_web=lambda url: say(f"flows are shown at {url}"),
    )
    return run_live(
        settings,
        hints=_hints(sorted(server.hosts), life),
        fail_on=listening.fail_on,
        report=listening.report,
    )


def _hints(hosts: list[str], life: GatheredLife) -> Callable[[int], list[str]]:
    def lines(port: int) -> list[str]:
        who = life.life.email or life.life.device_id
        return [
            f"replaying {life.life.id}{f' of {who}' if who else ''} for {', '.join(hosts)}",
            f"set the device's proxy to this computer, port {port}; its CA is at http://mitm.it",
            "Ctrl-C ends",
        ]

    return lines
