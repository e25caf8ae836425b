"""Rules on sessions that prove themselves by HMAC, which travels in an HTTP header (DMSEC 5.4).

Whether a mac is right is not judged here.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.rules.challenges import CHALLENGE_CODES
from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.syncml.hmac_header import HMAC_HEADER
from mdmcore.syncml.model import Status

_AUTHENTICATED = "212"


@rule("hmac-with-cred", kinds={Kind.SYNCML})
def hmac_with_cred(scene: Scene) -> Iterator[Hit]:
    """A message with an HMAC in its header has a Cred as well, and the session is ended. HMAC
    travels in the x-syncml-hmac header alone."""
    exchange = scene.exchange
    messages = zip(scene.decoded.sides, (exchange.request, exchange.response), strict=False)
    for side, message in messages:
        cred = side.syncml.header.cred if side.syncml is not None else None
        if message is not None and cred is not None and HMAC_HEADER in message.headers:
            yield scene.hit(
                f"the {side.part} has both {HMAC_HEADER} and a Cred",
                part=side.part,
                xpath="/SyncML/SyncHdr/Cred",
                evidence=cred.type or "Cred without Type",
            )


@rule("hmac-212", kinds={Kind.SYNCML})
def hmac_212(scene: Scene) -> Iterator[Hit]:
    """A message with an HMAC is answered with 212, as if no further one were needed, so the device
    ends the session. Answer 200 to each message."""
    status = _answer_to_hmac(scene)
    if status is not None and status.data.strip() == _AUTHENTICATED:
        yield scene.hit(
            "a message with an HMAC is answered with 212 for SyncHdr, not with 200",
            part="response",
            xpath=f"{status.place}/Data",
            evidence=_AUTHENTICATED,
        )


@rule("hmac-no-nextnonce", kinds={Kind.SYNCML})
def hmac_no_nextnonce(scene: Scene) -> Iterator[Hit]:
    """A message with an HMAC is answered without a NextNonce, so the device cannot make the next
    one and ends the session. Send a NextNonce in each message."""
    status = _answer_to_hmac(scene)
    # What a challenge must hold has rules of its own.
    if status is None or status.data.strip() in CHALLENGE_CODES:
        return
    if status.chal is None or status.chal.next_nonce_text is None:
        yield scene.hit(
            "a message with an HMAC is answered without NextNonce",
            part="response",
            xpath=status.place,
            evidence="Chal absent" if status.chal is None else "NextNonce absent",
        )


def _answer_to_hmac(scene: Scene) -> Status | None:
    """The server's Status for SyncHdr, where the device's message came with an HMAC."""
    answered = scene.decoded.response_syncml
    if answered is None or HMAC_HEADER not in scene.exchange.request.headers:
        return None
    return answered.header_status
