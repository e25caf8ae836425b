"""SyncML for OMA DM: the message as values, XML and WBXML in and out, credentials.

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
from mdmcore.syncml.dmacc import dm_account_uid
from mdmcore.syncml.hmac_header import MacHeader, mac, parse_mac_header, serialize_mac_header
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
from mdmcore.syncml.wbxml import decode_wbxml, encode_wbxml
from mdmcore.syncml.wire import WireForm, decode_body, encode_body
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
    "MacHeader",
    "Meta",
    "OtherElement",
    "Problem",
    "Results",
    "Status",
    "SyncHdr",
    "SyncML",
    "UnknownCommand",
    "WireForm",
    "basic",
    "basic_cred",
    "decode_body",
    "decode_nonce",
    "decode_wbxml",
    "digest",
    "digest_cred",
    "dm_account_uid",
    "encode_body",
    "encode_nonce",
    "encode_wbxml",
    "explain_digest",
    "inner_digest",
    "mac",
    "parse_basic",
    "parse_mac_header",
    "parse_syncml",
    "serialize_mac_header",
    "serialize_syncml",
    "verify_digest",
    "wrong_digest",
]
