"""A tester's mark as a flow of our own: a request with the method MARK, in the recording, too.

``analyze`` sees it as an exchange of kind ``mark`` (design.md section 5); it belongs to no life.
"""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

from mitmproxy.http import HTTPFlow

from mdmcore.http import Exchange, Headers, Request, Response
from mdmcore.mitm.flow_file import flow_from

MARK_HOST = "mark.invalid"
"""A host that cannot exist (RFC 6761 6.4): nothing was sent there."""
MARKER = ":pushpin:"


def mark_flow(text: str) -> HTTPFlow:
    """The flow of a mark made now; its comment is the text."""
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
        started=datetime.now(UTC),
    )
    flow = flow_from(exchange)
    flow.comment = text
    flow.marked = MARKER
    return flow
