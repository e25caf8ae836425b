"""Whether a digest is that of the account which the device had before it enrolled anew."""

from __future__ import annotations

from mdmcore.rules.life import Credential, DmAccount
from mdmcore.rules.scene import Scene
from mdmcore.syncml.credentials import verify_digest


def is_of_earlier_account(scene: Scene, part: str, data: str) -> bool:
    """Whether the old secret gives the digest of that side, with an old nonce or one of now."""
    old = _of_side(scene.life.earlier_account, part)
    if old is None:
        return False
    now = (_of_side(one.account, part) for one in (scene.before, scene.life))
    states = [old.nonces, *(one.nonces for one in now if one is not None)]
    nonces = {one for each in states for one in (each.current, each.pending, *each.older)}
    return any(
        nonce is not None and verify_digest(data, old.user, old.secret, nonce) for nonce in nonces
    )


def _of_side(account: DmAccount | None, part: str) -> Credential | None:
    if account is None:
        return None
    return account.device if part == "request" else account.server
