"""Whether a first message without credentials is answered otherwise than with a challenge.

That is one mistake, however the answer looks: ``uncredentialed-package-not-challenged`` speaks of
it, and the rules on what such an answer lacks do not (rules.md, "Which rule speaks when two
could").
"""

from __future__ import annotations

from mdmcore.rules.challenges import CHALLENGE_CODES
from mdmcore.rules.redirects import is_dm_redirect
from mdmcore.rules.scene import Scene
from mdmcore.syncml.hmac_header import HMAC_HEADER

AUTH_STATUSES = frozenset({401, 403, 407})
"""HTTP statuses by which a web server refuses what SyncML should have refused."""


def is_unchallenged(scene: Scene) -> bool:
    """Whether it is, as far as the answer can be read."""
    response, side = scene.exchange.response, scene.decoded.response
    if response is None or response.body is None or not _is_uncredentialed_start(scene):
        return False
    if response.status in AUTH_STATUSES or is_dm_redirect(response):
        return False
    answered = scene.decoded.response_syncml
    if answered is None:
        # A message that cannot be read may be a challenge.
        return side is None or not (side.is_xml or side.encoding)
    status = answered.header_status
    return status is None or status.data.strip() not in CHALLENGE_CODES


def _is_uncredentialed_start(scene: Scene) -> bool:
    asked = scene.decoded.request_syncml
    if asked is None or asked.header.msg_id != "1" or asked.header.cred is not None:
        return False
    if scene.exchange.is_bare:
        # The device may have shown its certificate, which messages alone do not tell.
        return False
    tls = scene.exchange.tls
    if (tls is not None and tls.client_certificates) or (
        HMAC_HEADER in scene.exchange.request.headers
    ):
        return False
    account = scene.before.account
    if account is None:
        # Whose enrolment was not seen may be a stranger, who may be turned away at the door.
        response = scene.exchange.response
        return response is None or response.status < 400
    return account.device is not None
