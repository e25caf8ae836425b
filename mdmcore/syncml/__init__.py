"""SyncML for OMA DM: the message as values, XML in and out, credentials.

Sources: SyncML RepPro 1.2, OMA DM Protocol and Security 1.2.1, MS-MDM; session.md sections 1 to 4.
What a server or a device does with a message does not belong here.
"""

from __future__ import annotations

from mdmcore.syncml.credentials import (
    basic,
    basic_cred,
    digest,
    digest_cred,
    inner_digest,
    parse_basic,
    verify_digest,
)
from mdmcore.syncml.digest_mistakes import DigestAccount, explain_digest, wrong_digest
from mdmcore.syncml.model import (
    Alert,
    AnyCommand,
    Chal,
    Command,
    Container,
    Cred,
    ForeignName,
    Item,
    Meta,
    OtherElement,
    Problem,
    Results,
    Status,
    SyncHdr,
    SyncML,
    UnknownCommand,
)
from mdmcore.syncml.nonce import decode_nonce, encode_nonce
from mdmcore.syncml.xml import parse_syncml, serialize_syncml

__all__ = [
    "Alert",
    "AnyCommand",
    "Chal",
    "Command",
    "Container",
    "Cred",
    "DigestAccount",
    "ForeignName",
    "Item",
    "Meta",
    "OtherElement",
    "Problem",
    "Results",
    "Status",
    "SyncHdr",
    "SyncML",
    "UnknownCommand",
    "basic",
    "basic_cred",
    "decode_nonce",
    "digest",
    "digest_cred",
    "encode_nonce",
    "explain_digest",
    "inner_digest",
    "parse_basic",
    "parse_syncml",
    "serialize_syncml",
    "verify_digest",
    "wrong_digest",
]
