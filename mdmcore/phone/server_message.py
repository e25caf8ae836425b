"""Reading a server's SyncML message: HTTP, encoding, header, and what it says of our own message.

Sources: session.md sections 1, 2 and 3. What the credentials in it are worth is judged in
``authentication``, its commands are executed in ``commands``.
"""

from __future__ import annotations

from dataclasses import dataclass

from mdmcore.errors import ProtocolError, WbxmlError
from mdmcore.http import Response, charset
from mdmcore.namespaces import (
    SYNCML_WBXML_MEDIA_TYPE,
    SYNCML_WBXML_MEDIA_TYPES,
    SYNCML_XML_MEDIA_TYPE,
)
from mdmcore.phone.element_order import check_order
from mdmcore.phone.refusal import Refusal, Step
from mdmcore.phone.settings import Caution, PhoneSettings
from mdmcore.phone.version import DM_12, Version
from mdmcore.phone.web import announced_body, is_utf8, strict_xml
from mdmcore.syncml.model import Command, Status, SyncML
from mdmcore.syncml.wbxml import decode_document, document_element
from mdmcore.syncml.xml import parse_syncml
from mdmcore.xml import Element

_NAMES = {SYNCML_XML_MEDIA_TYPE: "XML", SYNCML_WBXML_MEDIA_TYPE: "WBXML"}
_CHARSETS = {0, 3, 106}
"""MIBenums that a device reads: not named, US-ASCII, UTF-8."""
_HEADER = "/SyncML/SyncHdr"
_BODY = "/SyncML/SyncBody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What the device's last message was, as far as the answer must fit it."""

    session_id: str
    msg_id: str
    device_id: str
    server_msg_id: int
    """The server's last MsgID, 0 before the first."""
    cmd_ids: tuple[tuple[str, str], ...]
    """CmdID and name of each command that wants a Status."""


def refusal(reason: str, place: str, evidence: str | None = "") -> Refusal:
    """A refusal of the session."""
    return Refusal(reason, step=Step.MANAGEMENT, place=place, evidence=evidence or "")


def read_message(
    response: Response, settings: PhoneSettings, encoding: str, version: Version = DM_12
) -> SyncML | None:
    """The message, ``None`` for an empty HTTP 200; Refusal for what the device discards.

    ``encoding`` and ``version`` are those of the device's own messages: media type and protocol.
    """
    _check_http(response)
    body = announced_body(response, Step.MANAGEMENT)
    if not body:
        return None
    _check_type(response, encoding)
    _check_size(body, settings)
    is_binary = encoding in SYNCML_WBXML_MEDIA_TYPES
    root = _wbxml_root(body) if is_binary else strict_xml(body, Step.MANAGEMENT)
    try:
        message = parse_syncml(root)
    except ProtocolError as error:
        raise refusal(error.message, error.place) from None
    _check_version(message, version)
    if Caution.ELEMENT_ORDER in settings.cautions:
        check_order(root)
    _check_namespaces(message)
    _check_data(message)
    return message


def _check_http(response: Response) -> None:
    if 300 <= response.status < 400:
        raise refusal(
            "the answer is a redirect, the device stops there",
            "status",
            f"{response.status} {response.headers.get('Location') or ''}".strip(),
        )
    if response.status in {401, 403, 407}:
        raise refusal(
            "the web server asks for credentials, which belong into the SyncML message",
            "status",
            str(response.status),
        )
    if response.status != 200:
        raise refusal(f"HTTP {response.status}", "status", str(response.status))


def _check_type(response: Response, encoding: str) -> None:
    given = response.headers.get("Content-Type")
    if response.media_type != encoding:
        wanted = _NAMES.get(encoding)
        name = _NAMES.get(response.media_type)
        reason = (
            f"the media type is not {encoding}, the body is discarded"
            if name is None
            else f"the message was {wanted}, the answer is {name}"
        )
        raise refusal(reason, "header Content-Type", given or "(none)")
    if not is_utf8(charset(response.headers)):
        raise refusal("the charset is not UTF-8", "header Content-Type", given)


def _check_size(body: bytes, settings: PhoneSettings) -> None:
    limit = settings.message_limit
    if limit is not None and len(body) > limit and Caution.MESSAGE_SIZE in settings.cautions:
        raise refusal(f"the message is larger than {limit} bytes", "body", str(len(body)))


def _wbxml_root(body: bytes) -> Element:
    try:
        document = decode_document(body)
        if document.charset not in _CHARSETS:
            raise refusal(
                "the charset is not UTF-8", "body offset 0", f"MIBenum {document.charset}"
            )
        return document_element(document)[0]
    except WbxmlError as error:
        raise refusal(
            f"the document cannot be read: {error.message}",
            f"body {error.where}".strip(),
            body[:40].hex(" "),
        ) from None


def _check_namespaces(message: SyncML) -> None:
    """Wrong namespaces in the header or a Status; those in commands are answered one by one."""
    answers = tuple(f"{status.place}/" for status in message.statuses)
    for foreign in message.foreign:
        if foreign.place.startswith((f"{_HEADER}/", *answers)):
            raise refusal(
                f"{foreign.name} is not in namespace {foreign.expected!r}",
                foreign.place,
                foreign.namespace,
            )


def _check_data(message: SyncML) -> None:
    for command in message.walk():
        if not isinstance(command, Command):
            continue
        for item in command.items:
            if item.data_xml is not None:
                raise refusal(
                    "Data holds elements that are not escaped, the whole message is refused",
                    f"{item.place}/Data",
                    item.data_xml[:80],
                )


def _check_version(message: SyncML, version: Version) -> None:
    header = message.header
    if message.namespace != version.namespace:
        raise refusal(
            f"the message is not in namespace {version.namespace!r}", "/SyncML", message.namespace
        )
    if header.ver_dtd != version.dtd:
        raise refusal(f"VerDTD is not {version.dtd} (505)", f"{_HEADER}/VerDTD", header.ver_dtd)
    if header.ver_proto != version.proto:
        raise refusal(
            f"VerProto is not {version.proto} (513)", f"{_HEADER}/VerProto", header.ver_proto
        )


def check_header(message: SyncML, sent: Sent) -> None:
    """Refusal unless session and addresses are those of this conversation."""
    header = message.header
    if header.session_id != sent.session_id:
        raise refusal(
            f"SessionID is not {sent.session_id!r} as sent",
            f"{_HEADER}/SessionID",
            header.session_id,
        )
    if header.target != sent.device_id:
        raise refusal(
            f"Target is not this device, {sent.device_id}", f"{_HEADER}/Target", header.target
        )
    if header.source == sent.device_id:
        raise refusal("Source is this device", f"{_HEADER}/Source", header.source)


def msg_id_problem(message: SyncML, sent: Sent) -> Refusal | None:
    """The refusal for a MsgID that does not increase; any first one will do (session.md 1.5)."""
    text = message.header.msg_id
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    if number > sent.server_msg_id:
        return None
    return refusal(
        f"the server's MsgID does not increase, the last one was {sent.server_msg_id}",
        f"{_HEADER}/MsgID",
        text,
    )


def header_status(message: SyncML, sent: Sent) -> Status | Refusal:
    """The Status for our SyncHdr, or the refusal for a message that has none."""
    found = [status for status in message.statuses if status.is_for_header]
    for status in found:
        if status.msg_ref == sent.msg_id and status.cmd_ref == "0":
            return status
    if found:
        return refusal(
            f"the Status for SyncHdr is not for message {sent.msg_id}",
            f"{found[0].place}/MsgRef",
            f"MsgRef {found[0].msg_ref}, CmdRef {found[0].cmd_ref}",
        )
    return refusal("no Status for SyncHdr", f"{_BODY}/Status")


def check_statuses(message: SyncML, sent: Sent, settings: PhoneSettings) -> None:
    """What only a careful device minds: order of the Statuses, and one for each command."""
    if Caution.STATUS_ORDER in settings.cautions:
        first = message.statuses[0]
        if not first.is_for_header:
            raise refusal("the Status for SyncHdr is not the first", first.place, first.cmd)
    if Caution.COMMAND_STATUS in settings.cautions:
        for cmd_id, name in sent.cmd_ids:
            if not any(
                status.msg_ref == sent.msg_id and status.cmd_ref == cmd_id
                for status in message.statuses
            ):
                raise refusal(f"no Status for {name} {cmd_id}", f"{_BODY}/Status", cmd_id)
