"""Rules on digests that were made by a wrong formula, or from wrong values (session.md 4.5).

The digest is compared with what each known mistake would give, so the enrolment must have been
seen. What is wrong with a nonce's age stands in ``authentication``, a digest of the wrong form in
``cred_form``.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.namespaces import AUTH_BASIC
from mdmcore.rules.copied_cred import is_copied
from mdmcore.rules.decoded import Kind
from mdmcore.rules.earlier_account import is_of_earlier_account
from mdmcore.rules.life import CredCheck, CredVerdict, Life, NonceAge
from mdmcore.rules.model import Hit, Severity
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.syncml.credentials import decode_digest
from mdmcore.syncml.digest_mistakes import (
    DECODED_AS_TEXT,
    INNER_HASH_HEX,
    INNER_HASH_RAW,
    LEVELS_SWAPPED,
    MISSING_COLON,
    NOT_DECODED,
    OTHER_USER,
    UNKNOWN_VALUES,
)

_DM = frozenset({Kind.SYNCML})
_CRED = "/SyncML/SyncHdr/Cred/Data"


@rule(NOT_DECODED, kinds=_DM)
def nonce_not_decoded(scene: Scene) -> Iterator[Hit]:
    """A digest was made with the base64 text of the nonce, so the other side answers 401. Decode
    the nonce first and append its bytes."""
    return _hits(scene, NOT_DECODED, "with the nonce's base64 text instead of its bytes")


@rule(DECODED_AS_TEXT, kinds=_DM)
def nonce_decoded_as_text(scene: Scene) -> Iterator[Hit]:
    """The nonce was turned into a string on its way into the digest, which works for ASCII nonces
    only; for others the other side answers 401. Keep the nonce as bytes."""
    return _hits(scene, DECODED_AS_TEXT, "with a nonce that went through a string")


@rule(INNER_HASH_HEX, kinds=_DM)
def inner_hash_hex(scene: Scene) -> Iterator[Hit]:
    """The inner hash of a digest, over user and password, went in as hex digits, so the other side
    answers 401. Use the base64 of its 16 bytes."""
    return _hits(scene, INNER_HASH_HEX, "with the inner hash in hex instead of base64")


@rule(INNER_HASH_RAW, kinds=_DM)
def inner_hash_raw(scene: Scene) -> Iterator[Hit]:
    """The inner hash of a digest, over user and password, went in as raw bytes, so the other side
    answers 401. Use the base64 of its 16 bytes."""
    return _hits(scene, INNER_HASH_RAW, "with the raw inner hash instead of its base64")


@rule(MISSING_COLON, kinds=_DM)
def missing_colon(scene: Scene) -> Iterator[Hit]:
    """A digest has no colon between the inner hash and the nonce, so the other side answers 401.
    Put the colon between them."""
    return _hits(scene, MISSING_COLON, "without the colon before the nonce")


@rule(OTHER_USER, kinds=_DM)
def user_not_provider_id(scene: Scene) -> Iterator[Hit]:
    """The server's digest was made with another name than PROVIDER-ID, or in other letters, so the
    device answers 401. Use PROVIDER-ID exactly as it stands in the provisioning document."""
    check = scene.server_cred
    if check is not None and check.mistake == OTHER_USER and not is_copied(scene):
        yield _hit(scene, "response", "with another user name than PROVIDER-ID")


@rule(LEVELS_SWAPPED, kinds=_DM)
def levels_swapped(scene: Scene) -> Iterator[Hit]:
    """A digest was made with name, secret or nonce of the other APPAUTH entry, so the other side
    answers 401. CLIENT is what the server presents, APPSRV what the device presents."""
    for hit in _hits(scene, LEVELS_SWAPPED, "with the other APPAUTH entry"):
        if hit.place.where["part"] == "request" or not is_copied(scene):
            yield hit


def where_it_was_told(life: Life) -> Severity | None:
    """What the user told may be what is wrong."""
    return Severity.WARNING if life.is_account_given else None


@rule(UNKNOWN_VALUES, kinds=_DM, cap=where_it_was_told)
def unknown_values(scene: Scene) -> Iterator[Hit]:
    """Credentials are made with another secret, name or nonce than the account has, or with name
    and secret in each other's place, so the other side answers 401. Compare both sides with what
    was provisioned; a secret that was changed over DM counts from the next session."""
    asked, answered = scene.decoded.request_syncml, scene.decoded.response_syncml
    for part, message, check in (
        ("request", asked, scene.device_cred),
        ("response", answered, scene.server_cred),
    ):
        cred = message.header.cred if message is not None else None
        if cred is None or check is None or check.verdict is not CredVerdict.WRONG:
            continue
        if check.mistake == UNKNOWN_VALUES:
            yield _hit(scene, part, "with name and secret in each other's place")
        elif cred.type.strip() == AUTH_BASIC:
            whose = "device's" if part == "request" else "server's"
            text = f"the {whose} name or password is another than the one that is known"
            yield scene.hit(text, part=part, xpath=_CRED)
        elif part == "response" and is_copied(scene):
            continue  # server-cred-copied-from-client
        elif _is_unexplained(check, cred.data, scene, part):
            yield _hit(scene, part, "with a secret, name or nonce that is not a known one")


def _is_unexplained(check: CredCheck, data: str, scene: Scene, part: str) -> bool:
    """Whether neither a wrong formula nor an old nonce nor the account before gives the digest."""
    if check.mistake or check.age is not NonceAge.NONE or len(decode_digest(data) or b"") != 16:
        return False
    return not is_of_earlier_account(scene, part, data)


def _hits(scene: Scene, mistake: str, how: str) -> Iterator[Hit]:
    for part, check in (("request", scene.device_cred), ("response", scene.server_cred)):
        if check is not None and check.mistake == mistake:
            yield _hit(scene, part, how)


def _hit(scene: Scene, part: str, how: str) -> Hit:
    whose = "device's" if part == "request" else "server's"
    return scene.hit(f"the {whose} digest was made {how}", part=part, xpath=_CRED)
