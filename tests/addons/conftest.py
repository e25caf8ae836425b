"""The scripts as mitmproxy loads them, inside a real chain of addons."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from mitmproxy.master import Master
from mitmproxy.options import Options
from mitmproxy.tools.dump import DumpMaster

from mdmcore.mitm import state
from mdmcore.mitm.addon_path import addon_directory
from tests.support.keys import load_key

type LoadScripts = Callable[..., Awaitable[Any]]


@pytest.fixture
async def load_scripts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[LoadScripts]:
    """Makes a master with all built-in addons, and loads these scripts into it."""
    monkeypatch.setattr(state, "generate_key", lambda bits: load_key("authority"))
    masters: list[Any] = []

    async def load(*names: str | Path, **options: Any) -> Master:
        chosen: Any = Options()
        chosen.update(confdir=str(tmp_path / "conf"))
        master: Any = DumpMaster(chosen, with_termlog=False, with_dumper=False)
        masters.append(master)
        master.addons.get("errorcheck").finish()
        chosen.update_defer(mdm_state=str(tmp_path / "state"), **options)
        paths = [
            name if isinstance(name, Path) else addon_directory() / f"{name}.py" for name in names
        ]
        chosen.update(scripts=[str(path) for path in paths])
        loader = master.addons.get("scriptloader")
        while not all(script.ns for script in loader.addons):
            await asyncio.sleep(0)
        return master  # type: ignore[no-any-return]

    yield load
    for master in masters:
        for script in master.addons.get("scriptloader").addons:
            script.done()
        await master.done()
