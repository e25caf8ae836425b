"""Rules on the way discovery is answered, and on RelatesTo (enrollment.md 2 and 3).

What a discovery answer says is judged in ``discovery_answer``.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.rules.decoded import SOAP_KINDS, Kind
from mdmcore.rules.http_answers import is_not_routed, is_proxy_challenge
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.urls import redirect_of


@rule("discovery-get-not-200", kinds={Kind.PROBE})
def get_not_200(scene: Scene) -> Iterator[Hit]:
    """The GET on the discovery path is not answered with 200, so the device never sends the
    discovery POST. Answer it with 200 and an empty body."""
    request, response = scene.exchange.request, scene.exchange.response
    if request.method.upper() != "GET" or response is None or response.status == 200:
        return
    if redirect_of(scene.exchange) or is_proxy_challenge(response):
        return
    yield scene.hit(
        f"the discovery GET is answered with HTTP {response.status}",
        part="response",
        field="status",
        evidence=str(response.status),
    )


@rule("discovery-post-not-routed", kinds={Kind.DISCOVER})
def post_not_routed(scene: Scene) -> Iterator[Hit]:
    """The discovery GET is answered well, but the POST to the same URL with 404 or 405, so
    enrolment stops. Map POST on that path, in any case, for application/soap+xml."""
    response, side = scene.exchange.response, scene.decoded.response
    if response is None or (side is not None and side.fault is not None):
        return
    if is_not_routed(scene):
        yield scene.hit(
            f"the discovery POST is answered with HTTP {response.status}, the GET before with 200",
            part="response",
            field="status",
            evidence=str(response.status),
        )


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
