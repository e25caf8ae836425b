"""WBXML for SyncML: bytes to a document and back, documents to XML and back, whole messages.

Sources: WAP-192 (WBXML 1.3) as wbxml.md tells it, SyncML RepPro and MetInf 1.2. Own codec: no kept
library knows these code pages.
"""

from __future__ import annotations

from mdmcore.syncml.wbxml.charsets import Charset, charset_of
from mdmcore.syncml.wbxml.decoder import decode_document, looks_like_wbxml
from mdmcore.syncml.wbxml.encoder import encode_document
from mdmcore.syncml.wbxml.from_xml import element_document
from mdmcore.syncml.wbxml.messages import decode_wbxml, encode_wbxml, message_of
from mdmcore.syncml.wbxml.to_xml import document_element
from mdmcore.syncml.wbxml.tree import (
    Extension,
    Instruction,
    Opaque,
    Text,
    WbxmlAttribute,
    WbxmlDocument,
    WbxmlElement,
    WbxmlHeader,
    WbxmlProblem,
)

__all__ = [
    "Charset",
    "Extension",
    "Instruction",
    "Opaque",
    "Text",
    "WbxmlAttribute",
    "WbxmlDocument",
    "WbxmlElement",
    "WbxmlHeader",
    "WbxmlProblem",
    "charset_of",
    "decode_document",
    "decode_wbxml",
    "document_element",
    "element_document",
    "encode_document",
    "encode_wbxml",
    "looks_like_wbxml",
    "message_of",
]
