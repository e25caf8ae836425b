"""Nothing of ours reaches mitmproxy: one log line, a note on the flow, no secrets."""

from __future__ import annotations

import logging

import pytest
from mitmproxy import http

from mdmcore.errors import ConfigError
from mdmcore.mitm.annotate import METADATA_KEY
from mdmcore.mitm.guard import explain, guarded
from tests.support.proxy import make_flow


class Failing:
    @guarded
    def request(self, flow: http.HTTPFlow) -> str:
        raise ValueError("hunter2")

    @guarded
    async def response(self, flow: http.HTTPFlow) -> str:
        raise ConfigError("the file is gone")

    @guarded
    def error(self, flow: http.HTTPFlow) -> str:
        return "fine"

    @guarded
    async def requestheaders(self, flow: http.HTTPFlow) -> None:
        raise KeyboardInterrupt


def test_a_plain_hook_becomes_one_line_and_a_note(caplog: pytest.LogCaptureFixture) -> None:
    flow = make_flow()
    Failing().request(flow)
    [record] = caplog.records
    assert record.levelno == logging.ERROR
    assert record.exc_info is None
    message = record.getMessage()
    assert message.startswith("mdmproxy: Failing.request failed: ValueError at test_guard.py:")
    assert "\n" not in message
    [finding] = flow.metadata[METADATA_KEY]["findings"]
    assert finding["rule"] == "mdmproxy-failed"
    assert finding["severity"] == "error"
    assert flow.marked == ":red_circle:"


def test_text_of_foreign_errors_is_kept_out(caplog: pytest.LogCaptureFixture) -> None:
    flow = make_flow()
    Failing().request(flow)
    assert "hunter2" not in caplog.text + flow.comment + repr(flow.metadata)


async def test_an_async_hook_is_guarded_too(caplog: pytest.LogCaptureFixture) -> None:
    flow = make_flow()
    await Failing().response(flow)  # type: ignore[misc]
    assert caplog.messages == ["mdmproxy: Failing.response failed: the file is gone"]
    assert "the file is gone" in flow.metadata[METADATA_KEY]["findings"][0]["message"]


def test_what_works_passes_through() -> None:
    assert Failing().error(make_flow()) == "fine"


async def test_an_interrupt_is_not_swallowed() -> None:
    with pytest.raises(KeyboardInterrupt):
        await Failing().requestheaders(make_flow())  # type: ignore[misc]


def test_an_explanation_is_one_bounded_line() -> None:
    assert explain(ConfigError("two\nlines")) == "two lines"
    assert len(explain(ConfigError("x" * 5000))) == 200
