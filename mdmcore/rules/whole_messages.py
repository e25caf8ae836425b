"""The SyncML messages of an exchange that were read without a repair.

Of a message that is not well-formed a part may be lost or stand elsewhere, so rules on what is
missing or out of order would only say xml-not-wellformed in other words.
"""

from __future__ import annotations

from mdmcore.rules.decoded import BodySide
from mdmcore.rules.scene import Scene
from mdmcore.syncml.model import SyncML


def whole_request(scene: Scene) -> SyncML | None:
    """The device's message, if it is whole."""
    return _whole(scene.decoded.request)


def whole_response(scene: Scene) -> SyncML | None:
    """The server's message, if it is whole."""
    return _whole(scene.decoded.response)


def _whole(side: BodySide | None) -> SyncML | None:
    return None if side is None or side.problems else side.syncml
