"""Rules on signed DM messages: MS-Signature, a header beside the body ([MS-MDM] 2.1 note 4).

What a signature is made of stands in ``syncml.message_signature``.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.syncml.message_signature import (
    SIGNATURE_HEADER,
    signature_header,
    signature_problem,
)


@rule("message-signature-missing", kinds={Kind.SYNCML})
def signature_missing(scene: Scene) -> Iterator[Hit]:
    """The device was told to sign its messages (RequireMessageSigning), but this one has no
    MS-Signature, so a server must refuse it. Find what takes the header away, or switch it off."""
    headers = scene.exchange.request.headers
    # A log of bodies alone has no headers at all.
    if not scene.life.requires_message_signing or not len(headers):
        return
    if scene.decoded.request_syncml is not None and signature_header(headers) is None:
        yield scene.hit(
            f"the message has no {SIGNATURE_HEADER}, although RequireMessageSigning is true",
            part="request",
            header=SIGNATURE_HEADER,
            evidence=f"{SIGNATURE_HEADER} absent",
        )


@rule("message-signature-invalid", kinds={Kind.SYNCML})
def signature_invalid(scene: Scene) -> Iterator[Hit]:
    """The signature of a message does not hold for its bytes, or is not the enrolled device's:
    forged, or changed on the way, so a server must refuse it. Find what changes the body."""
    text = signature_header(scene.exchange.request.headers)
    body = scene.exchange.request.body
    if text is None or body is None or not scene.exchange.verbatim:
        return
    known = (scene.life.certificate, scene.life.previous_certificate)
    holders = tuple(certificate for certificate in known if certificate is not None)
    problem = signature_problem(text, body, holders=holders or None)
    if problem is not None:
        yield scene.hit(
            f"{SIGNATURE_HEADER} does not prove the message: {problem}",
            part="request",
            header=SIGNATURE_HEADER,
            evidence=problem,
        )
