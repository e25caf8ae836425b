"""SyncML messages from and to XML (SyncML RepPro 1.2; 1.1 is read too). WBXML stands in ``wbxml``.

Strict reading serves the two ends of a session, lenient reading the one who looks on: it yields
a message with everything it noticed, as long as there are a SyncHdr and a SyncBody.
"""

from __future__ import annotations

from mdmcore.errors import DeviceFault, ProtocolError, XmlError
from mdmcore.namespaces import SYNCML_11, SYNCML_12
from mdmcore.syncml.commands import read_commands
from mdmcore.syncml.element_order import CHILD_ORDER
from mdmcore.syncml.model import Problem, SyncHdr, SyncML
from mdmcore.syncml.parts import Location, read_cred, read_location, read_meta, read_others
from mdmcore.syncml.reading import Reader
from mdmcore.syncml.writing import message_node
from mdmcore.xml import (
    Element,
    local_name,
    namespace_of,
    parse_lenient,
    parse_strict,
    serialize,
)

NAMESPACES = (SYNCML_12, SYNCML_11)
"""The root namespaces that a strict reading takes."""


def parse_syncml(
    data: bytes | Element, *, strict: bool = True, fault: type[ProtocolError] = DeviceFault
) -> SyncML:
    """The message in these bytes, or in an element that is already parsed (``raw`` is then empty).

    Raises XmlError for what is no XML, and ``fault`` (DeviceFault or ServerFault, by who sent it)
    with the element's place for what is no SyncML message or exceeds the bounds of ``reading``;
    when ``strict`` also for a wrong namespace, for a required header field, Status code or
    credential that is missing, and for a field given twice. Namespaces of Meta's children are
    never refused: ``SyncML.foreign`` tells them. A lenient reading tells all of that in
    ``problems`` and ``foreign``, and what the XML parser had to repair first.
    """
    repaired: tuple[Problem, ...] = ()
    if not isinstance(data, bytes):
        root, raw = data, b""
    elif strict:
        root, raw = parse_strict(data), data
    else:
        parsed = parse_lenient(data)
        root, raw = parsed.root, data
        repaired = tuple(
            Problem(message=problem.message, place=f"line {problem.line}, column {problem.column}")
            for problem in parsed.problems
        )
    reader = Reader(namespace=namespace_of(root), strict=strict, fault=fault)
    try:
        return _message(reader, root, raw, repaired)
    except XmlError as error:
        raise reader.refuse(error.message, "/SyncML") from None


def serialize_syncml(message: SyncML, *, declaration: bool = False) -> bytes:
    """The message as UTF-8 XML without white space, children in the order of the DTD, each child
    of Meta in its own namespace. Devices send no XML declaration, so there is none by default.

    Raises XmlError for a character that XML cannot carry and for a broken ``data_xml``.
    """
    return serialize(message_node(message), declaration=declaration)


def _message(reader: Reader, root: Element, raw: bytes, repaired: tuple[Problem, ...]) -> SyncML:
    if local_name(root) != "SyncML":
        raise reader.refuse(f"root element is {local_name(root)}, not SyncML", "/")
    if reader.namespace not in NAMESPACES:
        reader.note_foreign(root, SYNCML_12, "/SyncML")
        reader.note(f"root is in namespace {reader.namespace!r}, not {SYNCML_12!r}", "/SyncML")
    reader.check_size(root)
    header = reader.child(root, "SyncHdr", "/SyncML")
    body = reader.child(root, "SyncBody", "/SyncML")
    for name, element in (("SyncHdr", header), ("SyncBody", body)):
        if element is None:
            raise reader.refuse(f"{name} is missing", "/SyncML")
    assert header is not None
    assert body is not None
    return SyncML(
        header=_header(reader, header),
        commands=read_commands(reader, body, "/SyncML/SyncBody"),
        is_final=reader.flag(body, "Final", "/SyncML/SyncBody"),
        namespace=reader.namespace,
        foreign=tuple(reader.foreign),
        problems=repaired + tuple(reader.problems),
        raw=raw,
    )


def _header(reader: Reader, element: Element) -> SyncHdr:
    place = "/SyncML/SyncHdr"
    target = _required_location(reader, element, "Target", place)
    source = _required_location(reader, element, "Source", place)
    return SyncHdr(
        ver_dtd=reader.required_text(element, "VerDTD", place),
        ver_proto=reader.required_text(element, "VerProto", place),
        session_id=reader.required_text(element, "SessionID", place),
        msg_id=reader.required_text(element, "MsgID", place),
        target=target.uri or "",
        target_name=target.name,
        target_others=target.others,
        source=source.uri or "",
        source_name=source.name,
        source_others=source.others,
        resp_uri=reader.text(element, "RespURI", place),
        no_resp=reader.flag(element, "NoResp", place),
        cred=read_cred(reader, element, place),
        meta=read_meta(reader, element, place),
        others=read_others(element, CHILD_ORDER["SyncHdr"]),
    )


def _required_location(reader: Reader, header: Element, name: str, place: str) -> Location:
    found = read_location(reader, header, name, place)
    if not found.uri:
        reader.note(f"{name}/LocURI is {'missing' if found.uri is None else 'empty'}", place)
    return found
