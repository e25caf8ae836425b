"""mitmproxy's commands ``mdm.*``: explain a flow, list findings, export, queue, fault, mark.

They are there wherever our engine is, in the console, in mitmweb and for other scripts. Jobs and
mistakes go to the emulated server as rows of its state, as from ``mdmproxy device``.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import mitmproxy.types
from mitmproxy import command, exceptions
from mitmproxy import flow as mitmproxy_flow
from mitmproxy.io import FlowWriter

from mdmcore.errors import MdmError
from mdmcore.mitm.annotate import life_of
from mdmcore.mitm.flow_words import explain_flow, finding_line
from mdmcore.mitm.mark_flow import mark_words

if TYPE_CHECKING:
    from mdmcore.mitm.engine import Engine
    from mdmcore.store import Database

MARK_KEY = "N"
"""In mitmproxy's console, where nothing else has it."""
_KEY_PLACES = ["flowlist", "flowview"]


def mdm_command[**P, R](name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Register a method under that name; errors of ours and of files are told in one line."""

    def decorate(run: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(run)
        def told(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return run(*args, **kwargs)
            except MdmError as error:
                raise exceptions.CommandError(" ".join(str(error).split())) from None
            except OSError as error:
                reason = (error.strerror or str(error)).lower()
                raise exceptions.CommandError(f"{error.filename}: {reason}") from None

        return cast("Callable[P, R]", command.command(name)(told))

    return decorate


class Commands:
    """All commands; made once for a master, beside its engine."""

    name = "mdmproxy-commands"

    def __init__(self, master: Any, engine: Engine) -> None:
        self._master = master
        self._engine = engine
        self._marking: set[asyncio.Task[None]] = set()

    def running(self) -> None:
        """Bind the key for marks, in the console."""
        keys = getattr(self._master, "keymap", None)
        if keys is not None and not any(keys.get(place, MARK_KEY) for place in _KEY_PLACES):
            keys.add(MARK_KEY, "console.command mdm.mark", _KEY_PLACES, "Mark this moment (mdm)")

    @mdm_command("mdm.explain")
    def explain(self, flow: mitmproxy_flow.Flow) -> Sequence[str]:
        """What is known of a flow: its summary, and each finding with its effect and its fix."""
        return explain_flow(flow)

    @mdm_command("mdm.findings")
    def findings(self) -> Sequence[str]:
        """All findings so far, one line each, the gravest first."""
        found = [finding_line(finding) for finding in self._engine.judging.findings()]
        return found or ["no findings"]

    @mdm_command("mdm.export")
    def export(self, flows: Sequence[mitmproxy_flow.Flow], path: mitmproxy.types.Path) -> str:
        """Save all flows of the lives that these flows belong to, in one flow file."""
        chosen = self._with_their_lives(flows)
        target = Path(path).expanduser()
        with target.open("wb") as file:
            writer = FlowWriter(file)
            for one in chosen:
                writer.add(one)
        return f"{len(chosen)} flow{'' if len(chosen) == 1 else 's'} saved in {target}"

    @mdm_command("mdm.queue")
    def queue(self, device: str, recipe: str, *values: str) -> str:
        """Queue a job for a device of the emulated server; values as KEY=VALUE."""
        from mdmcore.mitm.configuration.jobs import written_job
        from mdmcore.mitm.devices import context_of, find_device, name_of
        from mdmcore.mitm.engine import utc_now
        from mdmcore.server.planning import plan_job

        store = self._store()
        found = find_device(store, device)
        planned = plan_job(written_job(recipe, values), context_of(store, found))
        (job,) = store.queue_jobs(found.account, (planned,), utc_now())
        return f"{job.recipe} is queued for {name_of(found)} (job {job.id})"

    @mdm_command("mdm.fault")
    def fault(self, fault: str) -> str:
        """Let the emulated server make a mistake from its next answer on: ID[@STEP][*TIMES]."""
        from mdmcore.mitm.engine import utc_now
        from mdmcore.server.faults import parse_fault

        one = parse_fault(fault)
        self._store().order_fault(one.id, utc_now(), step=one.step or "", times=one.times)
        often = "" if one.times is None else f", {one.times} time{'' if one.times == 1 else 's'}"
        return f"{one.id} is made from the next answer on{often}"

    @mdm_command("mdm.fault.off")
    def fault_off(self, *faults: str) -> str:
        """Take mistakes back that were ordered while the server runs: those named, or all."""
        store = self._store()
        names: list[str | None] = [*faults] or [None]
        count = sum(store.clear_faults(name) for name in names)
        return f"{count} mistake{'' if count == 1 else 's'} taken back"

    @mdm_command("mdm.mark")
    def mark(self, *text: str) -> str:
        """Put a mark with these words into the flows, and into the recording."""
        from mdmcore.mitm.engine import utc_now

        words = mark_words(text)
        task = asyncio.get_running_loop().create_task(self._engine.marks.put(words, utc_now()))
        self._marking.add(task)
        task.add_done_callback(self._marking.discard)
        return f"marked: {words}"

    def _with_their_lives(self, flows: Sequence[mitmproxy_flow.Flow]) -> list[mitmproxy_flow.Flow]:
        """The flows, and those in the window that are of the same lives, in their order."""
        if not flows:
            raise exceptions.CommandError("no flow is chosen")
        lives = {life for one in flows if (life := self._life(one)) is not None}
        view = self._master.addons.get("view")
        known = flows if view is None else view.resolve("@all")
        own = {one.id for one in flows}
        return [one for one in known if one.id in own or self._life(one) in lives]

    def _life(self, flow: mitmproxy_flow.Flow) -> str | None:
        return self._engine.judging.current_life(life_of(flow))

    def _store(self) -> Database:
        store = self._engine.store
        if store is None:
            raise exceptions.CommandError(
                "no emulated server runs here: mdmproxy emulate, or -s mdm_emulate.py with "
                "mdm_domains"
            )
        return store
