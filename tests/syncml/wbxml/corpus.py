"""Odd and malformed documents by the rules of wbxml.md section 9; small, so that a fuzzer may start
from them, too.

``refused``: no reading gives a document. Otherwise the strict one does, unless ``strict_refuses``.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.syncml.wbxml.vectors import FORMAL_12, NOKIA, VALID, W2, W5, wbxml


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A document, the rule that it breaks, and a part of what is said of it."""

    rule: str
    data: bytes
    message: str
    refused: bool = False
    strict_refuses: bool = False


_NEXT = W2.replace(b"\x01\x01\x01\x00\x00\x4f\x03212", b"\x01\x01\x01\x4f\x03212")
"""Data of the Status written while page 1 is active."""

CASES = (
    Case(
        rule="wbxml-bad-header",
        data=b"\x04" + W2[1:],
        message="version byte 0x04 is none of 00 to 03",
        refused=True,
    ),
    Case(
        rule="wbxml-bad-header",
        data=W2[:1] + b"\x04" + W2[3:],
        message="public identifier 0x0004 is not known",
    ),
    Case(
        rule="wbxml-bad-header",
        data=b"\x03\x00\x00\x6a\x0a-//X//Y//E" + W2[5:],
        message="public identifier '-//X//Y//E' is not known",
    ),
    Case(
        rule="wbxml-bad-header",
        data=b"\x03\x00\x20\x6a\x1d" + FORMAL_12.encode() + W2[5:],
        message="index 32 is beyond the string table",
        refused=True,
    ),
    Case(
        rule="wbxml-bad-header",
        data=W2[:3] + b"\x04" + W2[4:],
        message="charset is ISO-8859-1 (4), not UTF-8",
    ),
    Case(
        rule="wbxml-bad-header",
        data=W2[:3] + b"\x8f\x50" + W2[4:],
        message="charset with MIBenum 2000 is not known",
        refused=True,
    ),
    Case(
        rule="wbxml-publicid-mismatch",
        data=b"\x03\x9f\x53" + W2[3:],
        message="the public identifier says SyncML 1.1, VerDTD says 1.2",
    ),
    Case(rule="wbxml-truncated", data=W5, message="unexpected end", refused=True),
    Case(rule="wbxml-truncated", data=W2[:20], message="unexpected end", refused=True),
    Case(
        rule="wbxml-truncated",
        data=b"\x03\xa4\x01\x6a\x20" + W2[5:20],
        message="the string table of 32 bytes, 15 are left",
        refused=True,
    ),
    Case(
        rule="wbxml-truncated",
        data=wbxml(b"\x6d\x4f\xc3\xff\xff\xff\x7f\x01"),
        message="opaque data of 268435455 bytes",
        refused=True,
    ),
    Case(
        rule="wbxml-truncated",
        data=wbxml(b"\x6d\x4f\xc3\x90\x80\x80\x80\x80\x00\x01"),
        message="more than 5 bytes",
        refused=True,
    ),
    Case(
        rule="wbxml-unknown-token",
        data=W2[:-3] + b"\x30" + W2[-3:],
        message="token 0x30 of code page 0 is not known",
    ),
    Case(
        rule="wbxml-unknown-page",
        data=W2[:-3] + b"\x00\x09\x45\x01\x00\x00" + W2[-3:],
        message="code page 9, with token 0x05, is not known",
    ),
    Case(
        rule="wbxml-attributes-present",
        data=NOKIA[:5] + W2[5:].replace(b"\x6d", NOKIA[5:-4], 1),
        message="SyncML has attributes, which SyncML does not use",
    ),
    Case(
        rule="wbxml-page-not-restored",
        data=_NEXT,
        message="Next of code page 1 stands in Status: code page 0 was not restored",
        strict_refuses=True,
    ),
    Case(
        rule="wbxml-charset-mismatch",
        data=W2.replace(b"dev-1", b"dev-\xe4"),
        message="text is not UTF-8",
        strict_refuses=True,
    ),
    Case(
        rule="wbxml-body-is-xml",
        data=b'<SyncML xmlns="SYNCML:SYNCML1.2"/>',
        message="this is XML or text, not WBXML",
        refused=True,
    ),
    Case(
        rule="wbxml-body-is-xml",
        data=b'\r\n<?xml version="1.0"?><SyncML/>',
        message="this is XML or text, not WBXML",
        refused=True,
    ),
    Case(
        rule="wbxml-body-is-xml",
        data=b"\xef\xbb\xbf<SyncML/>",
        message="this is XML or text, not WBXML",
        refused=True,
    ),
    Case(
        rule="trailing bytes",
        data=W2 + b"\r\n",
        message="2 bytes stand behind the document",
    ),
    Case(
        rule="depth",
        data=wbxml(b"\x6d" * 200 + b"\x01" * 200),
        message="nested more than 64 deep",
        refused=True,
    ),
)
SEEDS = (*VALID.values(), *(case.data for case in CASES))
"""All of them, for whoever changes bytes at random."""
