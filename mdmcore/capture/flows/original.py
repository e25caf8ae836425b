"""A flow as it stood in its file, to be written again without loss."""

from __future__ import annotations

from dataclasses import dataclass

from mitmproxy.http import HTTPFlow
from mitmproxy.io import tnetstring

from mdmcore.capture.connection_record import METADATA_KEY
from mdmcore.capture.flow_metadata import metadata_with, records_of
from mdmcore.capture.plain_json import plain_table, plain_text
from mdmcore.http import NO_NOTES, Notes


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginalFlow:
    """``data`` is the flow in its file's own format version; ``flow`` is there for HTTP, and
    ``notes`` are what stood on it."""

    data: bytes
    flow: HTTPFlow | None = None
    notes: Notes = NO_NOTES

    def written(self, notes: Notes) -> bytes:
        """The flow with these notes: byte for byte as it was where they are the same."""
        if self.flow is None or notes == self.notes:
            return self.data
        put_notes(self.flow, notes)
        written: bytes = tnetstring.dumps(self.flow.get_state())
        return written


def put_notes(flow: HTTPFlow, notes: Notes) -> None:
    """Write comment, marker and annotation on a flow; the records in its metadata stay."""
    flow.comment = plain_text(notes.comment)
    flow.marked = plain_text(notes.marker)
    ours = metadata_with(plain_table(notes.data), records_of(flow.metadata))
    if ours:
        flow.metadata[METADATA_KEY] = ours
    else:
        flow.metadata.pop(METADATA_KEY, None)
