"""A flow file written record by record: flows as they were where there are any, else new ones."""

from __future__ import annotations

from datetime import datetime
from typing import BinaryIO

from mitmproxy.io import tnetstring

from mdmcore.capture.flows import OriginalFlow
from mdmcore.capture.source import Record
from mdmcore.mitm.flow_file import flow_from
from mdmcore.mitm.mark_flow import end_flow


class FlowFileWriter:
    """Writes flows to ``out``, which it does not close."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def add(self, record: Record) -> None:
        """Write a flow: the original with the exchange's notes, or one made from the exchange."""
        original = record.original if isinstance(record.original, OriginalFlow) else None
        if record.exchange is None:
            if original is not None:
                self._out.write(original.data)
        elif original is not None:
            self._out.write(original.written(record.exchange.notes))
        else:
            self._out.write(tnetstring.dumps(flow_from(record.exchange).get_state()))

    def finish(self, until: datetime | None = None) -> None:
        """End the file, which has everything ``until`` then."""
        if until is not None:
            self._out.write(tnetstring.dumps(end_flow(until).get_state()))

    def abandon(self) -> None:
        """Nothing is held."""
