"""A tester's mark as a flow of our own: a request with the method MARK, in the recording, too.

``analyze`` sees it as an exchange of kind ``mark`` (design.md section 5); it belongs to no life.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import quote

from mitmproxy.http import HTTPFlow

from mdmcore.capture.connection_record import METADATA_KEY, UNTIL_FIELD
from mdmcore.errors import ConfigError
from mdmcore.http import Exchange, Headers, Request, Response
from mdmcore.mitm.flow_file import flow_from
from mdmcore.report.annotation import SCHEMA

MARK_HOST = "mark.invalid"
"""A host that cannot exist (RFC 6761 6.4): nothing was sent there."""
MARKER = ":pushpin:"
MAX_WORDS = 500
"""Characters of a mark."""


def mark_words(texts: Iterable[str]) -> str:
    """The words of a mark on one line. ConfigError for none, or too many."""
    words = " ".join(" ".join(texts).split())
    if not words or len(words) > MAX_WORDS:
        raise ConfigError(f"a mark has 1 to {MAX_WORDS} characters")
    return words


def mark_flow(text: str, at: datetime | None = None) -> HTTPFlow:
    """The flow of a mark set at that time, or now; its comment is the text."""
    flow = _flow(text, at or datetime.now(UTC))
    flow.comment = text
    flow.marked = MARKER
    return flow


def end_flow(now: datetime) -> HTTPFlow:
    """The flow that says until when a recording has seen everything; ``analyze`` takes the time
    from it and shows no exchange."""
    flow = _flow("end of the recording", now)
    flow.metadata[METADATA_KEY] = {"schema": SCHEMA, UNTIL_FIELD: now.isoformat()}
    return flow


def _flow(text: str, at: datetime) -> HTTPFlow:
    exchange = Exchange(
        id="mark",
        index=1,
        capture="live",
        request=Request(
            method="MARK",
            url=f"http://{MARK_HOST}/{quote(text, safe='')}",
            headers=Headers([]),
            body=b"",
        ),
        response=Response(status=204, headers=Headers([]), body=b""),
        started=at,
        ended=at,
    )
    return flow_from(exchange)
