"""Proofs of a body that travel in a header: the HMAC of SyncML, the signature of a DM message."""

from __future__ import annotations

from mdmcore.base64_text import decode_base64, encode_base64
from mdmcore.capture.redact.scrubber import Scrubber
from mdmcore.errors import MdmError
from mdmcore.http import Headers
from mdmcore.syncml.hmac_header import HMAC_HEADER, parse_mac_header

_SIGNATURES = frozenset({"ms-signature", "mdm-signature"})


def with_proofs(
    run: Scrubber, headers: Headers, before: Headers, old: bytes, new: bytes
) -> Headers:
    """The headers, with proofs of the new body where those ``before`` proved the old one."""
    wanted = {name.lower() for name, _ in before} & {HMAC_HEADER, *_SIGNATURES}
    if not wanted:
        return headers
    pairs = zip(headers, before, strict=True)
    return Headers(
        (name, _proof(run, name.lower(), value, text, old, new))
        for (name, value), (_, text) in pairs
    )


def _proof(run: Scrubber, name: str, value: str, before: str, old: bytes, new: bytes) -> str:
    if name == HMAC_HEADER:
        return _mac(run, before, new) or value
    if name in _SIGNATURES:
        der = decode_base64(before.strip())
        made = None if der is None else run.certificates.detached(der, old, new)
        return value if made is None else encode_base64(made)
    return value


def _mac(run: Scrubber, before: str, new: bytes) -> str | None:
    try:
        header = parse_mac_header(before)
    except MdmError:
        return None
    if run.is_learning:
        if header.username:
            run.digests.learn_user(run, header.username)
        return None
    made = run.digests.mac_anew(run, header, new)
    # In place: the parts may stand in any order.
    return before.replace(header.username, made.username, 1).replace(header.mac, made.mac, 1)
