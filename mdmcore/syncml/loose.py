"""Commands as a person has them in a file: a message, a SyncBody, or commands alone.

XML or WBXML. A sample from a page often lacks root and namespace; what stands in no namespace is
taken to be in that of SyncML. Statuses and Results answer a message that is not there, and are
left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mdmcore.errors import ServerFault, XmlError
from mdmcore.namespaces import SYNCML_12
from mdmcore.syncml.commands import read_command, read_commands
from mdmcore.syncml.fragment import without_ids
from mdmcore.syncml.model import AnyCommand, Results, Status, UnknownCommand
from mdmcore.syncml.reading import Reader
from mdmcore.syncml.wbxml import decode_document, document_element, looks_like_wbxml
from mdmcore.xml import Element, child, local_name, namespace_of, parse_strict

_DECLARATION = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>)?")


def parse_loose_commands(data: bytes) -> tuple[AnyCommand, ...]:
    """The commands in the file, without CmdIDs.

    Raises XmlError or WbxmlError for what cannot be read, ServerFault for what is no command or
    breaks the bounds of ``reading``, or when there is none for a device.
    """
    root = _root(data)
    reader = Reader(namespace=namespace_of(root), strict=True, fault=ServerFault)
    reader.check_size(root)
    commands = tuple(
        command for command in _commands(reader, root) if not isinstance(command, Status | Results)
    )
    if not commands:
        raise ServerFault("no command for a device in it")
    return without_ids(commands)


def _root(data: bytes) -> Element:
    if looks_like_wbxml(data):
        return document_element(decode_document(data))[0]
    try:
        return parse_strict(data)
    except XmlError as error:
        content = _DECLARATION.sub(b"", data)
        try:
            return parse_strict(b'<SyncBody xmlns="%s">%s</SyncBody>' % (_NAMESPACE, content))
        except XmlError:
            raise error from None


_NAMESPACE = SYNCML_12.encode()


def _commands(reader: Reader, root: Element) -> Iterator[AnyCommand]:
    match local_name(root):
        case "SyncML":
            body = child(root, "SyncBody")
            if body is None:
                raise ServerFault("SyncBody is missing", place="/SyncML")
            yield from read_commands(reader, body, "/SyncML/SyncBody")
        case "SyncBody":
            yield from read_commands(reader, root, "/SyncBody")
        case name:
            command = read_command(reader, root, f"/{name}")
            if isinstance(command, UnknownCommand):
                raise ServerFault(f"root element is {name}, no message and no command")
            yield command
