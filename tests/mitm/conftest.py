"""Fixtures for the mitmproxy adapters: addons in a test master, state in a folder of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from mitmproxy import hooks
from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.addons.save import Save
from mitmproxy.test import taddons

from mdmcore.mitm import state
from mdmcore.mitm.emulate import Emulate
from mdmcore.mitm.engine import Engine, engine_of
from tests.support.keys import load_key


@pytest.fixture(autouse=True)
def state_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never the user's own data folder, never a fresh RSA key."""
    monkeypatch.setattr(state, "generate_key", lambda bits: load_key("authority"))
    monkeypatch.setattr("mdmcore.mitm.engine.default_state_folder", lambda: tmp_path / "state")


@pytest.fixture
async def tctx() -> AsyncIterator[taddons.context]:
    """A master with the built-in addons whose options ours touch."""
    with taddons.context(Proxyserver(), Save()) as context:
        yield context
        await context.master.addons.trigger_event(hooks.DoneHook())


@pytest.fixture
async def emulate(tctx: taddons.context) -> Emulate:
    """The emulating addon, configured with its defaults as mitmproxy's loader does it."""
    addon = Emulate()
    tctx.master.addons.add(addon)
    addon.configure(tctx.options.keys())
    return addon


@pytest.fixture
def engine(tctx: taddons.context) -> Engine:
    """The engine of the master."""
    return engine_of(tctx.master)
