"""Rules on the download of the Company Hub (enrollment.md 12)."""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene


@rule("hub-206-no-content-range")
def no_content_range(scene: Scene) -> Iterator[Hit]:
    """A 206 answer has no Content-Range, so the phone begins the download and then aborts. Send
    Content-Range with each 206, or switch ranges off for the package."""
    response = scene.exchange.response
    if response is None or response.status != 206 or "Content-Range" in response.headers:
        return
    if response.media_type == "multipart/byteranges":  # each part has its own
        return
    yield scene.hit(
        "206 Partial Content without Content-Range",
        part="response",
        header="Content-Range",
        evidence=scene.exchange.request.headers.get("Range") or "no Range was asked for",
    )
