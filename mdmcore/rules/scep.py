"""Rules on certificates that a device fetches by SCEP, as a DM session told it to (RFC 8894)."""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.pki.scep import (
    PKI_OPERATION,
    ScepMessage,
    parse_scep_message,
    requested_message,
    scep_operation,
)
from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene


@rule("scep-certrep-attribute-missing", kinds={Kind.OTHER})
def certrep_attribute_missing(scene: Scene) -> Iterator[Hit]:
    """The answer to a PKIOperation lacks a signed attribute, or has another nonce than the request,
    so the device drops the certificate although all went well. Send a complete CertRep."""
    response = scene.exchange.response
    if response is None or response.status != 200 or not scene.exchange.verbatim:
        return
    if scep_operation(scene.exchange.request) != PKI_OPERATION:
        return
    answered = parse_scep_message(response.body or b"")
    if answered is None:
        return
    missing = _missing(answered)
    if missing:
        yield _hit(scene, f"the CertRep lacks the signed attributes {missing}", f"{missing} absent")
    asked = requested_message(scene.exchange.request)
    nonce = None if asked is None else asked.sender_nonce
    if nonce is not None and answered.recipient_nonce not in {None, nonce}:
        yield _hit(
            scene,
            "recipientNonce of the CertRep is not the senderNonce of the request",
            "recipientNonce differs",
        )


def _missing(message: ScepMessage) -> str:
    """The names of what RFC 8894 wants in a CertRep and is not there, in its order."""
    wanted = (
        ("transactionID", message.transaction_id),
        ("messageType", message.message_type),
        ("pkiStatus", message.pki_status),
        ("recipientNonce", message.recipient_nonce),
    )
    return ", ".join(name for name, value in wanted if value is None)


def _hit(scene: Scene, message: str, evidence: str) -> Hit:
    return scene.hit(message, part="response", field="signedAttrs", evidence=evidence)
