"""Whether a server's credentials are the device's own, sent back: by their data or their user.

It is ``server-cred-copied-from-client`` then, whatever such a digest would be called else.
"""

from __future__ import annotations

from mdmcore.rules.life import CredVerdict, NonceAge
from mdmcore.rules.scene import Scene
from mdmcore.syncml.digest_mistakes import LEVELS_SWAPPED, OTHER_USER
from mdmcore.syncml.model import Cred

_ABOUT_USERS = frozenset({"", LEVELS_SWAPPED, OTHER_USER})


def is_copied(scene: Scene) -> bool:
    """Whether the answer's Cred is copied from the request's, by data or by user."""
    asked, answered = scene.decoded.request_syncml, scene.decoded.response_syncml
    device = asked.header.cred if asked is not None else None
    server = answered.header.cred if answered is not None else None
    if device is None or server is None:
        return False
    return has_same_data(device, server) or has_devices_name(scene)


def has_same_data(device: Cred, server: Cred) -> bool:
    """Whether both hold the same text; base64 may be wrapped."""
    return "".join(device.data.split()) == "".join(server.data.split())


def has_devices_name(scene: Scene) -> bool:
    """Whether a wrong Cred of the server goes under the LocName of the device's message, and no
    other formula or nonce explains it."""
    asked, answered = scene.decoded.request_syncml, scene.decoded.response_syncml
    check = scene.server_cred
    if asked is None or answered is None or check is None or asked.header.cred is None:
        return False
    if check.verdict is not CredVerdict.WRONG or check.age is not NonceAge.NONE:
        return False
    name = (asked.header.source_name or "").strip()
    is_same = bool(name) and name == (answered.header.source_name or "").strip()
    return is_same and check.mistake in _ABOUT_USERS
