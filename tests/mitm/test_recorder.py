"""The recorder: which flows it writes, when, and what it says when it cannot."""

from __future__ import annotations

import errno
import logging
import os
from pathlib import Path

import pytest
from mitmproxy.flow import Error
from mitmproxy.test import taddons, tflow

from mdmcore.mitm.recorder import Recorder
from tests.support.proxy import flows_in


@pytest.fixture
def recorder(tctx: taddons.context, tmp_path: Path) -> Recorder:
    addon = Recorder()
    addon.start(tmp_path / "a.mitm")
    return addon


async def test_a_flow_is_written_when_it_has_its_answer(
    tctx: taddons.context, recorder: Recorder, tmp_path: Path
) -> None:
    flow = tflow.tflow()
    recorder.request(flow)
    assert flows_in(tmp_path / "a.mitm") == []
    flow.response = tflow.tflow(resp=True).response
    recorder.response(flow)
    [written] = flows_in(tmp_path / "a.mitm")
    assert written.get_state() == flow.get_state()


def test_a_flow_is_written_once(recorder: Recorder, tmp_path: Path) -> None:
    flow = tflow.tflow(resp=True)
    recorder.request(flow)
    recorder.response(flow)
    flow.error = Error("the device left while it was answered")
    recorder.error(flow)
    recorder.stop()
    [written] = flows_in(tmp_path / "a.mitm")
    assert written.error is None


def test_a_flow_that_is_replayed_is_written_again(recorder: Recorder, tmp_path: Path) -> None:
    flow = tflow.tflow(resp=True)
    for _ in range(2):
        recorder.request(flow)
        recorder.response(flow)
    assert len(flows_in(tmp_path / "a.mitm")) == 2


def test_what_is_open_at_the_end_is_written_with_what_is_known(
    recorder: Recorder, tmp_path: Path
) -> None:
    flow = tflow.tflow()
    recorder.request(flow)
    recorder.stop()
    recorder.response(flow)
    [written] = flows_in(tmp_path / "a.mitm")
    assert written.id == flow.id


async def test_other_protocols_are_recorded_too(
    tctx: taddons.context, recorder: Recorder, tmp_path: Path
) -> None:
    for flow in (
        tflow.ttcpflow(),
        tflow.tudpflow(err=True),
        tflow.tdnsflow(resp=True),
        tflow.twebsocketflow(),
    ):
        await tctx.cycle(recorder, flow)
    kinds = [flow.type for flow in flows_in(tmp_path / "a.mitm")]
    assert kinds == ["tcp", "udp", "dns", "http"]


def test_nothing_is_kept_where_nothing_is_recorded(tmp_path: Path) -> None:
    recorder = Recorder()
    recorder.request(tflow.tflow())
    recorder.start(tmp_path / "a.mitm")
    recorder.stop()
    assert flows_in(tmp_path / "a.mitm") == []


def test_it_says_what_is_in_the_file_already(
    recorder: Recorder, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    path = tmp_path / "a.mitm"
    recorder.add(tflow.tflow(resp=True))
    recorder.stop()
    recorder.start(path)
    recorder.add(tflow.tflow(resp=True))
    recorder.stop()
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    recorder.start(path)
    recorder.stop()
    assert caplog.messages == [
        f"mdmproxy: {path} has 1 flow already; what comes is added",
        f"mdmproxy: the end of {path} was cut off in the middle of a flow; it is in "
        f"{path}.broken-1 now",
        f"mdmproxy: {path} has 1 flow already; what comes is added",
    ]


def test_a_full_disk_is_told_once_and_counted(
    recorder: Recorder,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(descriptor: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = tmp_path / "a.mitm"
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        for _ in range(3):
            recorder.add(tflow.tflow(resp=True))
    assert caplog.messages == [f"mdmproxy: {path}: cannot record: no space left on device"]
    assert caplog.records[0].levelno == logging.ERROR
    recorder.add(tflow.tflow(resp=True))
    recorder.add(tflow.tflow(resp=True))
    assert caplog.messages[1:] == [f"mdmproxy: {path}: recording goes on"]
    assert recorder.unrecorded == 3
    assert len(flows_in(path)) == 2


def test_metadata_that_cannot_be_written_cost_that_flow_alone(
    recorder: Recorder, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    flow = tflow.tflow(resp=True)
    flow.metadata["somebody's"] = {1, 2}
    recorder.add(flow)
    recorder.add(tflow.tflow(resp=True))
    assert recorder.unrecorded == 1
    assert "a flow cannot be written down (" in caplog.messages[0]
    assert len(flows_in(tmp_path / "a.mitm")) == 1
