"""Rules on the form of credentials: where they stand and what a Cred must hold (session.md 4.2).

Whether they are right needs the account, and is judged in ``authentication``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mdmcore.namespaces import AUTH_MD5
from mdmcore.rules.copied_cred import has_devices_name, has_same_data
from mdmcore.rules.decoded import Kind
from mdmcore.rules.life import CredVerdict
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.syncml.credentials import decode_digest
from mdmcore.syncml.hmac_header import HMAC_HEADER
from mdmcore.syncml.model import Alert, Command, Cred, SyncML
from mdmcore.syncml.unenrollment import tells_unenrollment

_CRED = "/SyncML/SyncHdr/Cred"
_HEX = re.compile(rb"[0-9A-Fa-f]{32}")
_TAKEN = frozenset({"200", "212"})
_OWNER = {"request": "device's", "response": "server's"}


@rule("missing-server-cred", kinds={Kind.SYNCML})
def missing_server_cred(scene: Scene) -> Iterator[Hit]:
    """The server takes the device's credentials and sends none of its own, though the account has a
    CLIENT entry: the device challenges with 401 or 407, or ends. Send the digest made with
    PROVIDER-ID and the CLIENT secret."""
    asked, answered = scene.decoded.request_syncml, scene.decoded.response_syncml
    if asked is None or answered is None or answered.header.cred is not None:
        return
    # Who sends no Cred trusts the certificates of TLS, and so may the server.
    if asked.header.cred is None or HMAC_HEADER in scene.exchange.request.headers:
        return
    # A device that leaves has no use for the server's proof any more.
    if tells_unenrollment(asked):
        return
    account, status = scene.before.account, answered.header_status
    if account is None or account.server is None or status is None:
        return
    if status.data.strip() in _TAKEN and not _is_server_known(scene, asked):
        yield scene.hit(
            "the server takes the device's credentials and sends none of its own",
            part="response",
            xpath="/SyncML/SyncHdr",
            evidence="Cred absent",
        )


def _is_server_known(scene: Scene, asked: SyncML) -> bool:
    """Whether the device has taken the server's credentials, or a message before was answered that
    should have carried them."""
    status = asked.header_status
    if status is not None:
        return status.data.strip() in _TAKEN
    return bool(scene.life.sessions) and scene.life.sessions[-1].messages > 1


@rule("server-cred-copied-from-client", kinds={Kind.SYNCML})
def server_cred_copied(scene: Scene) -> Iterator[Hit]:
    """The server sends the device's own credentials back as its own: the device answers 401 and a
    challenge, then ends. Compute them with PROVIDER-ID, CLIENT secret and CLIENT nonce."""
    asked, answered = scene.decoded.request_syncml, scene.decoded.response_syncml
    if asked is None or answered is None:
        return
    device, server = asked.header.cred, answered.header.cred
    if device is None or server is None or not server.data.strip():
        return
    check = scene.server_cred
    if check is not None and check.verdict is CredVerdict.RIGHT:
        return
    if has_same_data(device, server):
        yield scene.hit(
            "the server's credentials are those of the device's message",
            part="response",
            xpath=f"{_CRED}/Data",
            evidence=server.type or "Cred without Type",
        )
    elif has_devices_name(scene):
        yield scene.hit(
            "the server's credentials go under the user name of the device's message",
            part="response",
            xpath="/SyncML/SyncHdr/Source/LocName",
            evidence=answered.header.source_name or "",
        )


@rule("digest-hex-then-base64", kinds={Kind.SYNCML})
def digest_hex(scene: Scene) -> Iterator[Hit]:
    """A digest is the base64 of 32 hex digits: the other side answers 401 and a challenge. Encode
    the 16 bytes of the MD5, not its hex text."""
    for part, cred in _creds(scene):
        is_digest = cred.type.strip() in ("", AUTH_MD5)
        if is_digest and _HEX.fullmatch(decode_digest(cred.data) or b""):
            yield scene.hit(
                f"the {_OWNER[part]} digest decodes to 32 hex digits instead of 16 bytes",
                part=part,
                xpath=f"{_CRED}/Data",
                evidence="32 hex digits",
            )


@rule("cred-missing-meta", kinds={Kind.SYNCML})
def cred_missing_meta(scene: Scene) -> Iterator[Hit]:
    """A Cred has no Type or no Format, so the credentials are refused. Add both to its Meta."""
    for part, cred in _creds(scene):
        values = (("Type", cred.type), ("Format", cred.format))
        missing = " and ".join(name for name, value in values if not value.strip())
        if missing:
            yield scene.hit(
                f"the {_OWNER[part]} Cred has no {missing}",
                part=part,
                xpath=_CRED,
                evidence=f"{missing} absent",
            )


@rule("cred-in-command", kinds={Kind.SYNCML})
def cred_in_command(scene: Scene) -> Iterator[Hit]:
    """A command holds a Cred, which is ignored or answered with 400. Credentials stand in SyncHdr
    only."""
    for side in scene.decoded.sides:
        for command in side.syncml.walk() if side.syncml is not None else ():
            if isinstance(command, Alert | Command) and command.cred is not None:
                yield scene.hit(
                    f"a Cred stands inside {command.name}",
                    part=side.part,
                    xpath=f"{command.place}/Cred",
                    evidence=command.name,
                )


def _creds(scene: Scene) -> Iterator[tuple[str, Cred]]:
    for side in scene.decoded.sides:
        cred = side.syncml.header.cred if side.syncml is not None else None
        if cred is not None:
            yield side.part, cred
