"""WBXML by hand, from the token tables of wbxml.md 5 and 6: as little as these tests need."""

from __future__ import annotations

from xml.etree import ElementTree as ET

_SYNCML = """
    Add Alert Archive Atomic Chal Cmd CmdID CmdRef Copy Cred Data Delete Exec Final Get Item Lang
    LocName LocURI Map MapItem Meta MsgID MsgRef NoResp NoResults Put Replace RespURI Results
    Search Sequence SessionID SftDel Source SourceRef Status Sync SyncBody SyncHdr SyncML Target
    TargetRef - VerDTD VerProto NumberOfChanges MoreData
"""
_METINF = """
    Anchor EMI Format FreeID FreeMem Last Mark MaxMsgSize Mem MetInf Next NextNonce SharedMem
    Size Type Version MaxObjSize
"""
PAGES = tuple(
    {name: at for at, name in enumerate(names.split(), start=5)} for names in (_SYNCML, _METINF)
)
_NAMES = tuple({at: name for name, at in page.items()} for page in PAGES)
_NAMESPACES = ("SYNCML:SYNCML1.2", "syncml:metinf")

NUMERIC = bytes.fromhex("a401 6a 00")
"""Public id 0x1201, UTF-8, no string table."""
TABLE = bytes.fromhex("0000 6a 1d") + b"-//SYNCML//DTD SyncML 1.2//EN"
"""Public id at index 0 of a string table of 29 bytes."""


def encode(xml: bytes, *, version: int = 3, public_id: bytes = NUMERIC) -> bytes:
    """An XML message as WBXML: inline strings only."""
    out, page = bytearray([version]) + public_id, 0

    def element(node: ET.Element) -> None:
        nonlocal page
        namespace, _, name = node.tag[1:].partition("}")
        wanted = _NAMESPACES.index(namespace)
        if wanted != page:
            out.extend((0x00, wanted))
            page = wanted
        text, children = node.text or "", list(node)
        out.append(PAGES[wanted][name] | (0x40 if text or children else 0))
        if text and not children:
            out.append(0x03)
            out.extend(text.encode() + b"\0")
        for child in children:
            element(child)
        if text or children:
            out.append(0x01)

    element(ET.fromstring(xml))
    return bytes(out)


def decode(data: bytes) -> bytes:
    """A WBXML message as XML; numeric or string-table public id, inline strings and opaque."""
    at = 1
    table_form = data[at] == 0

    def number() -> int:
        nonlocal at
        value = 0
        while True:
            byte = data[at]
            at += 1
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                return value

    number()
    if table_form:
        number()
    assert number() == 0x6A
    table_length = number()
    at += table_length
    page, root = 0, None
    stack: list[ET.Element] = []
    while root is None:
        token = data[at]
        at += 1
        if token == 0x00:
            page = data[at]
            at += 1
        elif token == 0x01:
            done = stack.pop()
            root = None if stack else done
        elif token == 0x03:
            end = data.index(b"\0", at)
            stack[-1].text = (stack[-1].text or "") + data[at:end].decode()
            at = end + 1
        elif token == 0xC3:
            size = number()
            stack[-1].text = (stack[-1].text or "") + data[at : at + size].decode()
            at += size
        else:
            node = ET.Element(f"{{{_NAMESPACES[page]}}}{_NAMES[page][token & 0x3F]}")
            if stack:
                stack[-1].append(node)
            if token & 0x40:
                stack.append(node)
    assert at == len(data), "bytes behind the end"
    return ET.tostring(root)
