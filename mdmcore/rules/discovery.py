"""Rules on discovery, sign-in and policies, and on the SOAP headers (enrollment.md 3 to 6)."""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.rules.decoded import SOAP_KINDS
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene


@rule("relates-to-mismatch", kinds=SOAP_KINDS)
def relates_to_mismatch(scene: Scene) -> Iterator[Hit]:
    """RelatesTo of the answer is not the MessageID of the request, byte for byte, so the device
    may drop the answer. Copy the MessageID unchanged."""
    response = scene.decoded.response
    asked = scene.decoded.request.envelope
    answered = response.envelope if response is not None else None
    if asked is None or answered is None or asked.message_id is None:
        return
    wanted, found = asked.message_id, answered.relates_to
    if not scene.exchange.verbatim:
        wanted, found = wanted.strip(), found.strip() if found is not None else None
    if found is None:
        yield scene.hit(
            "the answer has no RelatesTo", part="response", xpath="/Envelope/Header/RelatesTo"
        )
    elif found != wanted:
        yield scene.hit(
            f"RelatesTo is {found!r}, the request's MessageID is {wanted!r}",
            part="response",
            xpath="/Envelope/Header/RelatesTo",
            evidence=found,
        )
