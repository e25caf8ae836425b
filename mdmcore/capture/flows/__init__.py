"""mitmproxy flow files: streamed into exchanges, with the place of each break.

The only package of the core that knows mitmproxy's flows. Format: a row of tnetstrings, one dict
for each flow, of any format version that the installed mitmproxy migrates. How the row is cut into
frames, and found again after damage, is in ``frames``; what a flow shows is in ``exchange``.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any, BinaryIO

from mitmproxy import flow as mitmproxy_flow
from mitmproxy.exceptions import FlowReadException
from mitmproxy.http import HTTPFlow
from mitmproxy.io import compat, tnetstring

from mdmcore.capture.connection_record import until_of
from mdmcore.capture.flows.exchange import exchange_from_flow, tls_facts
from mdmcore.capture.flows.original import OriginalFlow
from mdmcore.capture.frames import Frame, FrameReader
from mdmcore.capture.source import Reading, Record
from mdmcore.errors import ParseError
from mdmcore.http import Exchange

__all__ = ["OriginalFlow", "exchange_from_flow", "read_flows", "read_records", "tls_facts"]

WEBSOCKET_MESSAGE = "websocket message"
"""The kind under which a capture counts these."""

_BIG_FRAME = 1024 * 1024

# What building a flow from hostile data raises: mitmproxy checks types, not values.
_BUILD_ERRORS = (
    FlowReadException,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    RecursionError,
    ParseError,
)


def read_flows(file: BinaryIO, reading: Reading) -> Iterator[Exchange]:
    """The HTTP exchanges of a flow file; breaks go to ``reading``, other flows are counted there.

    Where a frame is damaged, reading goes on at the next frame that can be recognised, and the
    problem says so ('recovered').
    """
    for record in read_records(file, reading):
        if record.exchange is not None:
            yield record.exchange


def read_records(file: BinaryIO, reading: Reading) -> Iterator[Record]:
    """The same with the flows themselves, also of those that are no HTTP. The flow that says until
    when everything is there is none of them: ``reading`` knows that time."""
    frames = FrameReader(file, reading.problem)
    while (frame := frames.next()) is not None:
        if len(frame.data) >= _BIG_FRAME:
            # Building a flow leaves reference cycles inside mitmproxy: big ones would pile up.
            gc.collect()
        state = _state(frame)
        if state is None:
            frames.reject(frame, "is no flow: its content is damaged")
            continue
        try:
            record = _record(frame, state, reading)
        except _BUILD_ERRORS as error:
            reading.problem(f"offset {frame.offset}", f"this flow cannot be read: {_line(error)}")
            continue
        if record is not None:
            yield record


def _state(frame: Frame) -> dict[bytes | str, Any] | None:
    """The frame's dict, or None where it is not whole."""
    try:
        state = tnetstring.loads(frame.data)
    except _BUILD_ERRORS:
        return None
    return state if isinstance(state, dict) else None


def _record(frame: Frame, state: dict[bytes | str, Any], reading: Reading) -> Record | None:
    """The flow, or None for one that says when the recording ended; raises one of _BUILD_ERRORS."""
    kind = state.get("type", state.get(b"type"))
    name = kind.decode("ascii", "replace") if isinstance(kind, bytes) else str(kind)
    if name in ("tcp", "udp", "dns"):
        reading.passed_over[name] += 1
        return Record(exchange=None, original=OriginalFlow(data=frame.data))
    flow = mitmproxy_flow.Flow.from_state(compat.migrate_flow(state))
    if not isinstance(flow, HTTPFlow):
        reading.passed_over[flow.type] += 1
        return Record(exchange=None, original=OriginalFlow(data=frame.data))
    until = until_of(flow.metadata)
    if until is not None:
        reading.saw_until(until)
        return None
    index = reading.exchanges + 1
    exchange = exchange_from_flow(
        flow, id=reading.exchange_id(index), index=index, capture=reading.name
    )
    reading.next_index()
    if flow.websocket is not None and flow.websocket.messages:
        reading.passed_over[WEBSOCKET_MESSAGE] += len(flow.websocket.messages)
    original = OriginalFlow(data=frame.data, flow=flow, notes=exchange.notes)
    return Record(exchange=exchange, original=original)


def _line(error: Exception) -> str:
    """The error in one bounded line: mitmproxy quotes whole states in some of its own."""
    text = " ".join(str(error).split())
    if isinstance(error, KeyError):
        text = f"{text} is missing"
    return (text if len(text) <= 200 else f"{text[:200]}...") or type(error).__name__
