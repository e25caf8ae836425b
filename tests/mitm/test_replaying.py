"""The replaying addon in a test master: who is answered, who passes, and what goes wrong."""

from __future__ import annotations

import logging

import pytest
from mitmproxy import http
from mitmproxy.test import taddons

from mdmcore.http import Request, Response
from mdmcore.mitm.replaying import Replaying
from tests.support.proxy import make_flow


class OneHost:
    """A server for one host that answers everything, or breaks."""

    def __init__(self, error: Exception | None = None) -> None:
        self.asked: list[tuple[str, str | None]] = []
        self._error = error

    def answers_for(self, host: str) -> bool:
        return host == "mdm.example.test"

    def answer(self, request: Request, peer: str | None = None) -> Response:
        self.asked.append((request.url, peer))
        if self._error is not None:
            raise self._error
        return Response(status=200, body=b"as captured")


async def ask(server: OneHost, flow: http.HTTPFlow) -> http.Response | None:
    addon = Replaying(server)  # type: ignore[arg-type]
    with taddons.context(addon):
        await addon.request(flow)  # type: ignore[misc]
    return flow.response


async def test_a_captured_host_is_answered() -> None:
    server, flow = OneHost(), make_flow("https://mdm.example.test/dm?x=1")
    response = await ask(server, flow)
    assert response is not None
    assert (response.status_code, response.content) == (200, b"as captured")
    assert response.headers["Content-Length"] == "11"
    assert server.asked == [("https://mdm.example.test/dm?x=1", "127.0.0.1")]


async def test_the_host_is_that_of_the_connection() -> None:
    server = OneHost()
    flow = make_flow("https://10.0.0.1/", sni="MDM.example.test")
    assert await ask(server, flow) is not None


@pytest.mark.parametrize("url", ["https://other.test/", "https://example.test/"])
async def test_another_host_passes(url: str) -> None:
    assert await ask(OneHost(), make_flow(url)) is None


async def test_what_is_answered_already_is_left_alone() -> None:
    flow = make_flow()
    flow.response = http.Response.make(204)
    server = OneHost()
    await ask(server, flow)
    assert server.asked == []


async def test_our_own_mistake_is_a_500_and_a_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        response = await ask(OneHost(ValueError("secret")), make_flow())
    assert response is not None
    assert response.status_code == 500
    assert b"its log says why" in (response.content or b"")
    assert "Replaying.request failed: ValueError" in caplog.text
    assert "secret" not in caplog.text
