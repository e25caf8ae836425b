"""Rules on the HTTP leg of DM sessions (session.md 3)."""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene


@rule("empty-response-body", kinds={Kind.SYNCML})
def empty_response_body(scene: Scene) -> Iterator[Hit]:
    """A DM message is answered with status 200 and no body: Windows 10 ends the session quietly,
    what a phone does is unknown. Send a message with Status for SyncHdr and Final."""
    response = scene.exchange.response
    if scene.exchange.request.method.upper() != "POST" or response is None:
        return
    if response.status == 200 and response.body == b"":
        yield scene.hit(
            "the server answers with status 200 and an empty body",
            part="response",
            offset=0,
            evidence="0 bytes",
        )
