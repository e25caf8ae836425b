"""Marks on their way from the store into the flows: in time, once, and to everyone who runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from mitmproxy import hooks, http
from mitmproxy.proxy.layers.http._hooks import HttpRequestHook
from mitmproxy.test import taddons, tflow

from mdmcore.mitm import marks as marks_module
from mdmcore.mitm.marks import Marks, is_running, prepare_folder
from mdmcore.mitm.state import DATABASE_NAME
from mdmcore.store import Database

NOW = datetime(2026, 11, 26, 15, 0, 7, tzinfo=UTC)


class Seen:
    """Takes what passes."""

    def __init__(self) -> None:
        self.flows: list[http.HTTPFlow] = []
        self.news = asyncio.Event()

    def response(self, flow: http.HTTPFlow) -> None:
        self.flows.append(flow)
        self.news.set()

    @property
    def words(self) -> list[str]:
        return [flow.comment for flow in self.flows]


@pytest.fixture
def seen(tctx: taddons.context) -> Seen:
    addon = Seen()
    tctx.master.addons.add(addon)
    return addon


@pytest.fixture
async def marks(tctx: taddons.context, tmp_path: Path) -> AsyncIterator[Marks]:
    addon = Marks(tctx.master, lambda: tmp_path)
    yield addon
    addon.stop()


async def ask(tctx: taddons.context, marks: Marks) -> None:
    """A device's request reaches the addon."""
    await tctx.master.addons.invoke_addon(marks, HttpRequestHook(tflow.tflow()))


def set_mark(folder: Path, text: str) -> None:
    with closing(Database(folder / DATABASE_NAME)) as store:
        store.set_mark(text, NOW)


async def test_a_mark_comes_before_the_next_request(
    tctx: taddons.context, marks: Marks, seen: Seen, tmp_path: Path
) -> None:
    marks.start()
    set_mark(tmp_path, "pressed refresh")
    await ask(tctx, marks)
    [flow] = seen.flows
    assert flow.comment == "pressed refresh"
    assert flow.request.timestamp_start == NOW.timestamp()
    await ask(tctx, marks)
    assert len(seen.flows) == 1


async def test_a_mark_comes_without_any_request(
    marks: Marks, seen: Seen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marks_module, "_INTERVAL_S", 0.001)
    marks.start()
    for text in ("one", "two"):
        set_mark(tmp_path, text)
        await asyncio.wait_for(seen.news.wait(), 20)
        seen.news.clear()
    assert seen.words == ["one", "two"]


async def test_the_last_marks_come_at_the_end(
    tctx: taddons.context, marks: Marks, seen: Seen, tmp_path: Path
) -> None:
    marks.start()
    set_mark(tmp_path, "just before the end")
    await tctx.master.addons.invoke_addon(marks, hooks.DoneHook())
    assert seen.words == ["just before the end"]
    assert not is_running(tmp_path)


async def test_marks_of_before_are_not_taken(marks: Marks, seen: Seen, tmp_path: Path) -> None:
    prepare_folder(tmp_path)
    set_mark(tmp_path, "yesterday")
    marks.start()
    await marks.take()
    assert seen.words == []


async def test_every_proxy_takes_every_mark_once(
    tctx: taddons.context, seen: Seen, tmp_path: Path
) -> None:
    both = [Marks(tctx.master, lambda: tmp_path) for _ in range(2)]
    for one in both:
        one.start()
        one.start()
    set_mark(tmp_path, "for all")
    for one in (*both, *both):
        await one.take()
    assert seen.words == ["for all", "for all"]
    both[0].stop()
    assert is_running(tmp_path)
    both[1].stop()
    assert not is_running(tmp_path)


def test_nobody_runs_where_there_is_no_folder(tmp_path: Path) -> None:
    assert not is_running(tmp_path / "none")
    assert not (tmp_path / "none").exists()


async def test_nothing_but_the_database_is_made(marks: Marks, tmp_path: Path) -> None:
    marks.start()
    names = {path.name.partition("-")[0] for path in tmp_path.iterdir()}
    assert names == {DATABASE_NAME, "running.lock"}


async def test_a_folder_that_cannot_be_used_costs_the_marks_alone(
    tctx: taddons.context, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_bytes(b"")
    addon = Marks(tctx.master, lambda: tmp_path / "file")
    addon.start()
    await ask(tctx, addon)
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert "`mdmproxy mark` does not reach this proxy: " in record.getMessage()
    addon.stop()


async def test_a_database_that_breaks_costs_the_marks_alone(
    tctx: taddons.context,
    marks: Marks,
    seen: Seen,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    marks.start()
    assert marks._new is not None
    marks._new.close()
    for _ in range(2):
        await ask(tctx, marks)
    [record] = caplog.records
    assert "`mdmproxy mark` reaches this proxy no more: " in record.getMessage()
    assert not is_running(tmp_path)
