"""Noting on a flow how its answer passed: streamed, left alone, or stopped by mitmproxy's failing.

mitmproxy fails at some answers that HTTP allows (trailers behind the last chunk): it logs that it
has crashed, no event tells of it, and the device waits. The log record names the device's address,
by which the exchange is found.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any, Self
from weakref import WeakValueDictionary

from mitmproxy import http
from mitmproxy.connection import ConnectionState

from mdmcore.capture.passing_record import PASSING_FIELD, Passing, passing_fields, passing_of
from mdmcore.mitm.annotate import METADATA_KEY
from mdmcore.mitm.guard import explain
from mdmcore.report.annotation import SCHEMA

CRASHED = "mitmproxy has crashed!"
"""What ``mitmproxy/proxy/server.py`` logs, with the exception, when a layer raises."""
_LOGGER = "mitmproxy.proxy.server"


def note_end(flow: http.HTTPFlow) -> None:
    """Note of an exchange without a whole answer what the device had of it, and whether it left.

    A device that is still there when mitmproxy tells of the error did not end the connection.
    """
    before = passing_of(flow.metadata)
    is_begun = flow.response is not None and bool(flow.response.stream)
    has_left = flow.live and not flow.client_conn.state & ConnectionState.CAN_READ
    after = replace(
        before, is_begun=before.is_begun or is_begun, has_left=before.has_left or has_left
    )
    if after != before:
        _note(flow, after)


class CrashWatch(logging.Handler):
    """Hears of failures inside mitmproxy and notes each on the flow that it happened to."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._flows: WeakValueDictionary[Any, http.HTTPFlow] = WeakValueDictionary()

    def listen(self) -> Self:
        """Begin to hear, until ``close``."""
        logging.getLogger(_LOGGER).addHandler(self)
        return self

    def close(self) -> None:
        """Hear no more."""
        logging.getLogger(_LOGGER).removeHandler(self)
        super().close()

    def began(self, flow: http.HTTPFlow) -> None:
        """An exchange began: it is the one that a failure on its connection is about."""
        self._flows[flow.client_conn.peername] = flow

    def emit(self, record: logging.LogRecord) -> None:
        """Note the failure, if this record tells of one."""
        error = record.exc_info[1] if record.exc_info else None
        flow = self._flows.get(getattr(record, "client", None))
        if error is None or flow is None or record.getMessage() != CRASHED:
            return
        # Other errors may quote what was said.
        words = str(error) if isinstance(error, NotImplementedError) else explain(error)
        _note(flow, replace(passing_of(flow.metadata), crash=words))


def _note(flow: http.HTTPFlow, passing: Passing) -> None:
    before = flow.metadata.get(METADATA_KEY)
    data: dict[str, Any] = (
        dict(before)
        if isinstance(before, dict)
        else {"schema": SCHEMA, "summary": "not inspected", "findings": []}
    )
    flow.metadata[METADATA_KEY] = data | {PASSING_FIELD: passing_fields(passing)}
