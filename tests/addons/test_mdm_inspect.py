"""``addons/mdm_inspect.py`` in a real addon manager."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest
from mitmproxy import contentviews, http
from mitmproxy.addons.script import load_script
from mitmproxy.io import FlowReader
from mitmproxy.proxy.layers.http._hooks import HttpResponseHook

from mdmcore.mitm.addon_path import addon_directory
from tests.addons.conftest import LoadScripts
from tests.support.proxy import make_flow


async def test_its_annotation_reaches_the_recording(
    load_scripts: LoadScripts, tmp_path: Path
) -> None:
    record = tmp_path / "out.mitm"
    master = await load_scripts("mdm_inspect", mdm_record=str(record))
    flow = make_flow("https://mdm.example.test/EnrollmentServer/Discovery.svc")
    flow.response = http.Response.make(200)
    await master.addons.handle_lifecycle(HttpResponseHook(flow))
    # Whoever kills the process now finds it in the file.
    with record.open("rb") as file:
        [read] = FlowReader(file).stream()
    assert read.comment.startswith("[mdm] ")
    assert read.metadata["mdmproxy"]["kind"] == "probe"


async def test_it_makes_no_state_and_answers_nobody(
    load_scripts: LoadScripts, tmp_path: Path
) -> None:
    master = await load_scripts("mdm_inspect")
    assert not (tmp_path / "state").exists()
    assert master.options.connection_strategy == "eager"


async def test_its_views_are_registered(load_scripts: LoadScripts) -> None:
    await load_scripts("mdm_inspect")
    assert "mdm soap" in contentviews.registry


@pytest.mark.parametrize("name", ["mdm_emulate", "mdm_inspect"])
def test_without_mdmcore_it_loads_as_nothing_and_says_why(
    name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for module in [module for module in sys.modules if module.startswith("mdmcore")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "mdmcore", None)
    loaded = load_script(str(addon_directory() / f"{name}.py"))
    assert loaded is not None
    assert loaded.addons == []
    [record] = caplog.records
    assert record.levelno == logging.ERROR
    assert "pip install mdmproxy" in record.getMessage()
