"""The commands ``mdm.*``, through mitmproxy's own command manager."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mitmproxy import exceptions, http, io
from mitmproxy.addons.save import Save
from mitmproxy.addons.view import View
from mitmproxy.test import taddons, tflow, tutils
from mitmproxy.tools.console.defaultkeys import map as map_default_keys
from mitmproxy.tools.console.keymap import Keymap

from mdmcore.mitm import state
from mdmcore.mitm.annotate import annotate
from mdmcore.mitm.emulate import Emulate
from mdmcore.mitm.engine import engine_of
from mdmcore.mitm.inspect import Inspect
from mdmcore.rules.model import Finding, Severity
from tests.cli.device.support import enroll, waiting
from tests.support.keys import load_key
from tests.support.messages import discover

COMMANDS = {"explain", "findings", "export", "queue", "fault", "fault.off", "mark"}


@pytest.fixture
def tctx() -> Iterator[Any]:
    with taddons.context(Inspect()) as context:
        context.master.addons.add(View())
        yield context


@pytest.fixture
def emulating(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr(state, "generate_key", lambda bits: load_key("authority"))
    addon = Emulate()
    with taddons.context(addon) as context:
        context.configure(
            addon, mdm_domains=["example.test"], mdm_state=str(tmp_path), mdm_users=["u:p"]
        )
        yield context
        engine_of(context.master).done()


def call(context: Any, name: str, *arguments: str) -> Any:
    return context.master.commands.call_strings(f"mdm.{name}", list(arguments))


def judged(life: str | None, name: str) -> http.HTTPFlow:
    flow = tflow.tflow(resp=True)
    flow.request.path = f"/{name}"
    finding = Finding(
        rule="dm-x",
        severity=Severity.ERROR,
        message="it is wrong",
        effect="the phone stops",
        fix="say it right",
        sources=("DMREP 1",),
        life=life,
        places=(),
        count=1,
    )
    annotate(flow, summary="Status 200", findings=[finding], kind="syncml", life=life)
    return flow


async def test_all_are_there_and_have_help(tctx: Any) -> None:
    found = tctx.master.commands.commands
    assert {name.removeprefix("mdm.") for name in found if name.startswith("mdm.")} == COMMANDS
    assert all(found[f"mdm.{name}"].help for name in COMMANDS)


async def test_a_second_script_adds_no_second_set(tctx: Any) -> None:
    engine = engine_of(tctx.master)
    assert engine_of(tctx.master) is engine


async def test_a_flow_is_explained(tctx: Any) -> None:
    tctx.master.addons.get("view").add([judged("life-1", "a")])
    assert call(tctx, "explain", "@all") == [
        "Status 200",
        "kind: syncml",
        "life: life-1",
        "ERROR dm-x: it is wrong",
        "  effect: the phone stops",
        "  fix: say it right",
        "  source: DMREP 1",
    ]


async def test_a_flow_that_nobody_inspected(tctx: Any) -> None:
    tctx.master.addons.get("view").add([tflow.tflow(resp=True)])
    (line,) = call(tctx, "explain", "@all")
    assert line.startswith("not inspected: ")


async def test_findings_are_listed(tctx: Any) -> None:
    assert call(tctx, "findings") == ["no findings"]
    flow = tflow.tflow(
        req=tutils.treq(
            method=b"POST", path=b"/EnrollmentServer/Discovery.svc", content=discover()
        ),
        resp=tutils.tresp(content=b"<s:Envelope><unclosed></s:Envelope>"),
    )
    flow.request.headers["Content-Type"] = "application/soap+xml; charset=utf-8"
    await tctx.master.addons.handle_lifecycle(http_response(flow))
    assert any(line.startswith("ERROR ") for line in call(tctx, "findings"))


def http_response(flow: http.HTTPFlow) -> Any:
    from mitmproxy.proxy.layers.http._hooks import HttpResponseHook

    return HttpResponseHook(flow)


async def test_export_takes_the_whole_life(tctx: Any, tmp_path: Path) -> None:
    flows = [judged("life-1", "a"), judged("life-2", "b"), judged("life-1", "c")]
    flows += [judged(None, "d")]
    tctx.master.addons.get("view").add(flows)
    target = tmp_path / "life.mitm"
    assert call(tctx, "export", "~u /c", str(target)) == f"2 flows saved in {target}"
    with target.open("rb") as file:
        read = [flow for flow in io.FlowReader(file).stream() if isinstance(flow, http.HTTPFlow)]
    assert [flow.request.path for flow in read] == ["/a", "/c"]
    assert read[0].comment == "[mdm] Status 200; 1 error [/mdm]"
    assert call(tctx, "export", "~u /d", str(target)).startswith("1 flow ")


async def test_export_tells_what_is_wrong(tctx: Any, tmp_path: Path) -> None:
    with pytest.raises(exceptions.CommandError, match="no flow is chosen"):
        call(tctx, "export", "@all", str(tmp_path / "x"))
    tctx.master.addons.get("view").add([judged(None, "d")])
    with pytest.raises(exceptions.CommandError, match=r"no[^/]*/x: no such file or directory"):
        call(tctx, "export", "@all", str(tmp_path / "no" / "x"))


async def test_a_mark_is_seen_and_recorded(tctx: Any, tmp_path: Path) -> None:
    save = Save()
    tctx.master.addons.add(save)
    target = tmp_path / "record.mitm"
    tctx.configure(save, save_stream_file=str(target))
    assert call(tctx, "mark", "phone", "restarted: 50 %") == "marked: phone restarted: 50 %"
    commands = tctx.master.addons.get("mdmproxy-commands")
    for task in list(commands._marking):
        await task
    tctx.configure(save, save_stream_file=None)
    (shown,) = tctx.master.addons.get("view").resolve("@all")
    with target.open("rb") as file:
        (read,) = io.FlowReader(file).stream()
    for flow in (shown, read):
        assert flow.comment == (
            "phone restarted: 50 % [mdm] Mark: phone restarted: 50 %; 0 errors [/mdm]"
        )
        assert flow.marked == ":pushpin:"
        assert flow.metadata["mdmproxy"]["kind"] == "mark"


async def test_a_mark_has_words(tctx: Any) -> None:
    with pytest.raises(exceptions.CommandError, match="1 to 500 characters"):
        call(tctx, "mark", " ")


async def test_faults_are_ordered_and_taken_back(emulating: Any) -> None:
    words = call(emulating, "fault", "digest-missing-colon*2")
    assert words == "digest-missing-colon is made from the next answer on, 2 times"
    store = engine_of(emulating.master).store
    assert store is not None
    assert [(one.fault, one.remaining) for one in store.fault_orders()] == [
        ("digest-missing-colon", 2)
    ]
    assert call(emulating, "fault.off") == "1 mistake taken back"
    with pytest.raises(exceptions.CommandError, match="no-such"):
        call(emulating, "fault", "no-such-fault")


async def test_a_job_is_queued(emulating: Any) -> None:
    store = engine_of(emulating.master).store
    assert store is not None
    enroll(store)
    words = call(emulating, "queue", "urn:o", "device-information", "detail=full")
    (job,) = waiting(store)
    assert words == f"device-information is queued for urn:one (job {job.id})"
    assert job.values == (("detail", "full"),)
    for wrong, said in (("detail", "KEY=VALUE"), ("detail=some", "detail")):
        with pytest.raises(exceptions.CommandError, match=said):
            call(emulating, "queue", "urn:one", "device-information", wrong)
    with pytest.raises(exceptions.CommandError, match="no-such-recipe"):
        call(emulating, "queue", "urn:one", "no-such-recipe")


async def test_queueing_needs_a_device(emulating: Any) -> None:
    with pytest.raises(exceptions.CommandError, match="no device 'abc'"):
        call(emulating, "queue", "abc", "device-information", "detail=full")


async def test_without_an_emulated_server(tctx: Any) -> None:
    for name, arguments in (("fault", ["digest-missing-colon"]), ("queue", ["a", "b"])):
        with pytest.raises(exceptions.CommandError, match="no emulated server runs here"):
            call(tctx, name, *arguments)


async def test_a_key_of_the_console_asks_for_the_words_of_a_mark(tctx: Any) -> None:
    tctx.master.keymap = keys = Keymap(tctx.master)
    map_default_keys(keys)
    commands = tctx.master.addons.get("mdmproxy-commands")
    commands.running()
    for place in ("flowlist", "flowview"):
        found = keys.get(place, "N")
        assert found is not None
        assert found.command == "console.command mdm.mark"


async def test_a_key_that_is_somebodys_stays_his(tctx: Any) -> None:
    tctx.master.keymap = keys = Keymap(tctx.master)
    keys.add("N", "flow.kill @all", ["flowview"])
    tctx.master.addons.get("mdmproxy-commands").running()
    assert keys.get("flowlist", "N") is None
    found = keys.get("flowview", "N")
    assert found is not None
    assert found.command == "flow.kill @all"
