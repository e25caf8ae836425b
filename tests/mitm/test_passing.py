"""Noting how an answer passed: streamed, or stopped by a failure inside mitmproxy."""

from __future__ import annotations

import ast
import inspect
import logging
import textwrap
from collections.abc import Iterator

import pytest
from mitmproxy import http
from mitmproxy.connection import ConnectionState
from mitmproxy.proxy import server
from mitmproxy.proxy.layers.http import _http1

from mdmcore.capture.passing_record import Passing, passing_of
from mdmcore.mitm.annotate import METADATA_KEY, annotate
from mdmcore.mitm.passing import CRASHED, CrashWatch, note_end
from tests.support.proxy import make_flow

LOGGER = logging.getLogger("mitmproxy.proxy.server")
TRAILERS = "HTTP trailers are not implemented yet."


@pytest.fixture
def watch() -> Iterator[CrashWatch]:
    found = CrashWatch().listen()
    yield found
    found.close()


def crash(flow: http.HTTPFlow, error: Exception, message: str = CRASHED) -> None:
    """What mitmproxy logs when a layer raises."""
    LOGGER.error(message, exc_info=error, extra={"client": flow.client_conn.peername})


@pytest.mark.parametrize("is_streamed", [True, False])
def test_a_streamed_answer_is_noted(is_streamed: bool) -> None:
    flow = make_flow()
    note_end(flow)
    assert METADATA_KEY not in flow.metadata
    flow.response = http.Response.make(200)
    flow.response.stream = is_streamed
    note_end(flow)
    assert passing_of(flow.metadata).is_begun is is_streamed


@pytest.mark.parametrize("state", [ConnectionState.OPEN, ConnectionState.CAN_WRITE])
def test_a_device_that_left_is_noted(state: ConnectionState) -> None:
    flow = make_flow()
    flow.client_conn.state = state
    note_end(flow)
    assert passing_of(flow.metadata).has_left is (state is not ConnectionState.OPEN)


def test_of_a_recorded_exchange_nothing_new_is_noted() -> None:
    flow = make_flow()
    flow.live = False
    flow.client_conn.state = ConnectionState.CLOSED
    note_end(flow)
    assert passing_of(flow.metadata) == Passing()


def test_a_failure_is_noted_on_the_exchange_of_its_connection(watch: CrashWatch) -> None:
    flow, other = make_flow(), make_flow()
    other.client_conn.peername = ("192.0.2.1", 1)
    watch.began(flow)
    watch.began(other)
    crash(flow, NotImplementedError(TRAILERS))
    assert passing_of(flow.metadata) == Passing(crash=TRAILERS)
    assert passing_of(other.metadata) == Passing()


def test_words_that_may_hold_what_was_said_are_not_noted(watch: CrashWatch) -> None:
    flow = make_flow()
    watch.began(flow)
    crash(flow, AssertionError("Unexpected event: hunter2"))
    assert passing_of(flow.metadata).crash == "AssertionError"


def test_other_records_and_later_ones_note_nothing(watch: CrashWatch) -> None:
    flow = make_flow()
    watch.began(flow)
    crash(flow, ValueError("x"), "something else")
    LOGGER.error(CRASHED)
    watch.close()
    crash(flow, NotImplementedError(TRAILERS))
    assert METADATA_KEY not in flow.metadata


def test_the_note_stays_when_the_flow_is_judged(watch: CrashWatch) -> None:
    flow = make_flow()
    flow.response = http.Response.make(200)
    flow.response.stream = True
    watch.began(flow)
    crash(flow, NotImplementedError(TRAILERS))
    note_end(flow)
    annotate(flow, summary="x", findings=[])
    annotate(flow, summary="y", findings=[])
    assert passing_of(flow.metadata) == Passing(is_begun=True, crash=TRAILERS)


def test_mitmproxy_says_it_so() -> None:
    """The logger, the words and the exception are mitmproxy's own."""
    assert server.logger.name == LOGGER.name
    assert CRASHED in inspect.getsource(server.ConnectionHandler.server_event)
    source = textwrap.dedent(inspect.getsource(_http1.Http1Connection.read_body))
    raised = [
        ast.unparse(node) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Raise)
    ]
    assert any(TRAILERS in one and "NotImplementedError" in one for one in raised)
