"""SyncML messages from and to WBXML: the codec below, the model of ``mdmcore.syncml.model`` above.

A message is read by way of XML, so that both encodings give the same values.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mdmcore.errors import DeviceFault, ProtocolError
from mdmcore.syncml.model import Problem, SyncML
from mdmcore.syncml.wbxml.decoder import decode_document
from mdmcore.syncml.wbxml.encoder import encode_document
from mdmcore.syncml.wbxml.from_xml import element_document
from mdmcore.syncml.wbxml.to_xml import document_element
from mdmcore.syncml.wbxml.tree import WbxmlDocument, WbxmlHeader, WbxmlProblem
from mdmcore.syncml.writing import message_node
from mdmcore.syncml.xml import parse_syncml
from mdmcore.xml import parse_strict, serialize


def decode_wbxml(
    data: bytes, *, strict: bool = True, fault: type[ProtocolError] = DeviceFault
) -> SyncML:
    """The message in these bytes; ``problems`` tells what was odd about the encoding, too.

    Raises WbxmlError with the offset for what is no WBXML, and ``fault`` for what is no SyncML
    message; ``strict`` as in ``parse_syncml``, and for texts that are not in their character set.
    """
    return message_of(decode_document(data, strict=strict), strict=strict, fault=fault)


def message_of(
    document: WbxmlDocument, *, strict: bool = True, fault: type[ProtocolError] = DeviceFault
) -> SyncML:
    """The message that a decoded document is; errors as for ``decode_wbxml``."""
    root, noted = document_element(document, strict=strict)
    message = parse_syncml(root, strict=strict, fault=fault)
    problems = (*_problems(document.problems), *_problems(noted), *message.problems)
    return replace(message, problems=problems, raw=document.raw)


def encode_wbxml(message: SyncML, *, header: WbxmlHeader | None = None) -> bytes:
    """The message as WBXML 1.3 with a numeric public identifier and UTF-8, or with that header.

    Raises XmlError and WbxmlError for what cannot be written.
    """
    root = parse_strict(serialize(message_node(message, marks_bytes=True)))
    return encode_document(element_document(root, header=header))


def _problems(noted: Iterable[WbxmlProblem]) -> Iterable[Problem]:
    return (Problem(message=one.message, place=f"offset {one.offset}") for one in noted)
