"""The vectors of wbxml.md section 10: made by hand, read and written with libwbxml 0.11.8."""

from __future__ import annotations

FORMAL_12 = "-//SYNCML//DTD SyncML 1.2//EN"

_BODY = bytes.fromhex(
    "6d6c7103312e3200017203444d2f312e32000165033700015b033100016e57036465762d31000101675703"
    "68747470733a2f2f6d2e6578616d706c652f646d0001015a00014c0336353533350001010100006b694b03"
    "3100015c033100014c033000014a0353796e634864720001495a000147036236340001530373796e636d6c"
    "3a617574682d6d64350001500341414543417751464267634943516f4c4441304f44773d3d000101010000"
    "4f03323132000101120101"
)
W1 = b"\x02\x00\x00\x6a\x1d" + FORMAL_12.encode() + _BODY
"""Version 1.2, formal identifier in a string table without NUL, as Samsung's clients send it."""
W2 = b"\x03\xa4\x01\x6a\x00" + _BODY
"""Version 1.3, numeric identifier: what libwbxml writes."""
W3 = W2.replace(b"\x03AAECAwQFBgcICQoLDA0ODw==\x00", b"\xc3\x10" + bytes(range(16)))
"""The nonce as opaque bytes."""
W4 = bytes.fromhex(
    "03a4016a006d6b454b03330001546e57032e2f56656e646f722f4d5346542f580001015a00014703623634"
    "00010100004fc305613c6226630101010101"
)
"""A CDATA section under Data."""
W5 = W2[:-2]
"""W2 without its end."""

W2_XML = (
    '<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>'
    "<SessionID>7</SessionID><MsgID>1</MsgID><Target><LocURI>dev-1</LocURI></Target>"
    "<Source><LocURI>https://m.example/dm</LocURI></Source>"
    '<Meta><MaxMsgSize xmlns="syncml:metinf">65535</MaxMsgSize></Meta></SyncHdr><SyncBody>'
    "<Status><CmdID>1</CmdID><MsgRef>1</MsgRef><CmdRef>0</CmdRef><Cmd>SyncHdr</Cmd><Chal><Meta>"
    '<Format xmlns="syncml:metinf">b64</Format><Type xmlns="syncml:metinf">syncml:auth-md5</Type>'
    '<NextNonce xmlns="syncml:metinf">AAECAwQFBgcICQoLDA0ODw==</NextNonce></Meta></Chal>'
    "<Data>212</Data></Status><Final/></SyncBody></SyncML>"
)
W4_XML = (
    '<SyncML xmlns="SYNCML:SYNCML1.2"><SyncBody><Add><CmdID>3</CmdID><Item>'
    "<Target><LocURI>./Vendor/MSFT/X</LocURI></Target>"
    '<Meta><Format xmlns="syncml:metinf">b64</Format></Meta><Data>a&lt;b&amp;c</Data>'
    "</Item></Add></SyncBody></SyncML>"
)
NOKIA = b"\x03\xa4\x01\x6a\x00\xed\x04\x00\x03SYNCML:SYNCML1.2\x00\x01\x6b\x12\x01\x01"
"""The root with an attribute that names entry 0 of no string table: its xmlns."""

VALID = {"W1": W1, "W2": W2, "W3": W3, "W4": W4, "Nokia": NOKIA}


def wbxml(
    body: bytes,
    *,
    version: int = 3,
    public_id: bytes = b"\xa4\x01",
    charset: bytes = b"\x6a",
    table: bytes = b"",
) -> bytes:
    """A document by hand: a header of SyncML 1.2 unless a part is given, and its body."""
    assert len(table) < 0x80
    return bytes([version]) + public_id + charset + bytes([len(table)]) + table + body
