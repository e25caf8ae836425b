"""``addons/mdm_emulate.py`` in a real addon manager."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mitmproxy.proxy.layers.http._hooks import HttpRequestHook, HttpResponseHook

from mdmcore.mitm.addon_path import addon_directory
from mdmcore.mitm.engine import Engine
from mdmcore.server import MdmServer
from tests.addons.conftest import LoadScripts
from tests.support.proxy import make_flow

PROBE = "https://enterpriseenrollment.corp.test/EnrollmentServer/Discovery.svc"


async def test_it_answers_for_the_domains_given_before_it_loaded(
    load_scripts: LoadScripts,
) -> None:
    master = await load_scripts("mdm_emulate", mdm_domains=["corp.test"])
    assert master.options.connection_strategy == "lazy"
    flow = make_flow(PROBE)
    await master.addons.handle_lifecycle(HttpRequestHook(flow))
    assert flow.response is not None
    assert flow.response.status_code == 200


async def test_both_scripts_share_one_engine_in_any_order(load_scripts: LoadScripts) -> None:
    for names in (("mdm_emulate", "mdm_inspect"), ("mdm_inspect", "mdm_emulate")):
        master = await load_scripts(*names, mdm_domains=["corp.test"])
        assert sum(isinstance(addon, Engine) for addon in master.addons.chain) == 1
        flow = make_flow(PROBE)
        await master.addons.handle_lifecycle(HttpRequestHook(flow))
        await master.addons.handle_lifecycle(HttpResponseHook(flow))
        assert flow.metadata["mdmproxy"]["kind"] == "probe"


async def test_a_later_script_still_runs_when_ours_fails(
    load_scripts: LoadScripts, tmp_path: Path, monkeypatch: Any
) -> None:
    """mitmproxy itself would skip it: all scripts hang under one entry of the chain."""
    later = tmp_path / "later.py"
    later.write_text("def request(flow):\n    flow.metadata['later'] = True\n", encoding="utf-8")
    monkeypatch.setattr(MdmServer, "answer", lambda self, request, tls: 1 / 0)
    master = await load_scripts("mdm_emulate", later, mdm_domains=["corp.test"])
    flow = make_flow(PROBE)
    await master.addons.handle_lifecycle(HttpRequestHook(flow))
    assert flow.metadata["later"] is True
    assert flow.response is not None
    assert flow.response.status_code == 500


async def test_reloading_the_script_keeps_the_engine(
    load_scripts: LoadScripts, tmp_path: Path
) -> None:
    """mitmproxy runs a script again when its file changes, here a copy of ours."""
    copy = tmp_path / "mdm_emulate.py"
    copy.write_bytes((addon_directory() / "mdm_emulate.py").read_bytes())
    master = await load_scripts(copy, mdm_domains=["corp.test"])
    await master.running()
    engine = master.addons.get(Engine.name)
    [script] = master.addons.get("scriptloader").addons
    before = script.ns
    script.loadscript()
    assert script.ns is not before
    assert master.addons.get(Engine.name) is engine
    flow = make_flow(PROBE)
    await master.addons.handle_lifecycle(HttpRequestHook(flow))
    assert flow.response is not None
    assert flow.response.status_code == 200
