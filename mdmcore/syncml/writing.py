"""SyncML messages as nodes to be written, children in the order of the SyncML RepPro 1.2 DTD.

What the model holds is written as it stands, right or wrong: a server that misbehaves on purpose
goes through here too.
"""

from __future__ import annotations

from collections.abc import Sequence

from mdmcore.namespaces import METINF, MSFT_DM, WBXML_NOTE
from mdmcore.syncml.element_order import CHILD_ORDER
from mdmcore.syncml.model import (
    Alert,
    AnyCommand,
    Chal,
    Command,
    Container,
    Cred,
    Item,
    Meta,
    OtherElement,
    Results,
    Status,
    SyncHdr,
    SyncML,
    UnknownCommand,
)
from mdmcore.xml import Node, qname

type _Part = Node | None


def message_node(message: SyncML, *, marks_bytes: bool = False) -> Node:
    """The whole message, in its own namespace. ``marks_bytes`` adds to Data that are base64 of
    bytes the attribute that ``wbxml`` turns them back by."""
    writer = _Writer(message.namespace, marks_bytes=marks_bytes)
    commands = [writer.command(command) for command in message.commands]
    final = writer.flag("Final", message.is_final)
    nsmap: dict[str | None, str] = {None: message.namespace} if message.namespace else {}
    root = writer.element(
        "SyncML", writer.header(message.header), writer.element("SyncBody", *commands, final)
    )
    return Node(root.name, children=root.children, nsmap=nsmap)


def body_node(commands: Sequence[AnyCommand], namespace: str) -> Node:
    """A SyncBody of its own, without Final; bytes are marked as ``message_node`` does."""
    writer = _Writer(namespace, marks_bytes=True)
    body = writer.element("SyncBody", *(writer.command(command) for command in commands))
    return Node(body.name, children=body.children, nsmap={None: namespace})


def _meta_child(name: str, text: str | None) -> _Part:
    return None if text is None else Node(qname(METINF, name), text, nsmap={None: METINF})


class _Writer:
    """Makes elements of one SyncML namespace."""

    def __init__(self, namespace: str, *, marks_bytes: bool) -> None:
        self._namespace = namespace
        self._marks_bytes = marks_bytes

    def element(
        self,
        name: str,
        *parts: _Part,
        others: tuple[OtherElement, ...] = (),
        namespace: str | None = None,
    ) -> Node:
        """An element of the parts that are there, the others among them where the DTD has them."""
        present = [part for part in parts if part is not None]
        for other in others:
            present.insert(_position(name, other.name, present), self._other(other))
        if namespace is None:
            return Node(qname(self._namespace, name), children=tuple(present))
        return Node(qname(namespace, name), children=tuple(present), nsmap={None: namespace})

    def _other(self, other: OtherElement) -> Node:
        return Node(
            qname(other.namespace, other.name),
            attributes=dict(other.attributes),
            nsmap={None: other.namespace} if other.namespace else {},
            fragment=other.content,
        )

    def text(self, name: str, text: str | None) -> _Part:
        """A text element, none for ``None``."""
        return None if text is None else Node(qname(self._namespace, name), text)

    def flag(self, name: str, is_set: bool) -> _Part:
        """An empty marker element."""
        return self.element(name) if is_set else None

    def header(self, header: SyncHdr) -> Node:
        return self.element(
            "SyncHdr",
            self.text("VerDTD", header.ver_dtd),
            self.text("VerProto", header.ver_proto),
            self.text("SessionID", header.session_id),
            self.text("MsgID", header.msg_id),
            self._location("Target", header.target, header.target_name, header.target_others),
            self._location("Source", header.source, header.source_name, header.source_others),
            self.text("RespURI", header.resp_uri),
            self.flag("NoResp", header.no_resp),
            self._cred(header.cred),
            self._meta(header.meta),
            others=header.others,
        )

    def command(self, command: AnyCommand) -> Node:
        match command:
            case Status():
                return self._status(command)
            case Results():
                return self._results(command)
            case Alert():
                return self._alert(command)
            case Command():
                return self._item_command(command)
            case Container():
                return self.element(
                    command.name,
                    self._cmd_id(command.cmd_id),
                    self.flag("NoResp", command.no_resp),
                    self._meta(command.meta),
                    *(self.command(inner) for inner in command.commands),
                )
            case UnknownCommand():
                return self.element(
                    command.name,
                    self._cmd_id(command.cmd_id),
                    others=command.others,
                    namespace=command.namespace,
                )

    def _cmd_id(self, cmd_id: str) -> _Part:
        return self.text("CmdID", cmd_id or None)

    def _alert(self, alert: Alert) -> Node:
        return self.element(
            "Alert",
            self._cmd_id(alert.cmd_id),
            self.flag("NoResp", alert.no_resp),
            self._cred(alert.cred),
            self.text("Data", alert.code or None),
            self.text("Correlator", alert.correlator),
            *self._items(alert.items),
            others=alert.others,
        )

    def _item_command(self, command: Command) -> Node:
        return self.element(
            command.name,
            self._cmd_id(command.cmd_id),
            self.flag("NoResp", command.no_resp),
            self._cred(command.cred),
            self._meta(command.meta),
            self.text("Correlator", command.correlator),
            *self._items(command.items),
            others=command.others,
        )

    def _status(self, status: Status) -> Node:
        data = Node(
            qname(self._namespace, "Data"),
            status.data,
            {}
            if status.original_error is None
            else {qname(MSFT_DM, "originalerror"): status.original_error},
            nsmap={} if status.original_error is None else {"msft": MSFT_DM},
        )
        return self.element(
            "Status",
            self._cmd_id(status.cmd_id),
            self.text("MsgRef", status.msg_ref),
            self.text("CmdRef", status.cmd_ref),
            self.text("Cmd", status.cmd),
            *(self.text("TargetRef", uri) for uri in status.target_refs),
            *(self.text("SourceRef", uri) for uri in status.source_refs),
            self._cred(status.cred),
            self._chal(status.chal),
            data,
            *self._items(status.items),
            others=status.others,
        )

    def _results(self, results: Results) -> Node:
        return self.element(
            "Results",
            self._cmd_id(results.cmd_id),
            self.text("MsgRef", results.msg_ref or None),
            self.text("CmdRef", results.cmd_ref or None),
            self.text("Cmd", results.cmd or None),
            self._meta(results.meta),
            self.text("TargetRef", results.target_ref),
            self.text("SourceRef", results.source_ref),
            *self._items(results.items),
            others=results.others,
        )

    def _items(self, items: tuple[Item, ...]) -> tuple[Node, ...]:
        return tuple(
            self.element(
                "Item",
                self._location("Target", item.target, item.target_name, item.target_others),
                self._location("Source", item.source, item.source_name, item.source_others),
                self._location("SourceParent", item.source_parent),
                self._location("TargetParent", item.target_parent),
                self._meta(item.meta),
                self._data(item),
                self.flag("MoreData", item.more_data),
                others=item.others,
            )
            for item in items
        )

    def _data(self, item: Item) -> _Part:
        if item.data_xml is not None:
            return Node(qname(self._namespace, "Data"), fragment=item.data_xml)
        if item.data is None or not (item.is_binary and self._marks_bytes):
            return self.text("Data", item.data)
        mark = {qname(WBXML_NOTE, "opaque"): "base64"}
        return Node(qname(self._namespace, "Data"), item.data, mark, nsmap={"wbxml": WBXML_NOTE})

    def _location(
        self,
        name: str,
        uri: str | None,
        location_name: str | None = None,
        others: tuple[OtherElement, ...] = (),
    ) -> _Part:
        if uri is None and location_name is None and not others:
            return None
        parts = self.text("LocURI", uri or ""), self.text("LocName", location_name)
        return self.element(name, *parts, others=others)

    def _cred(self, cred: Cred | None) -> _Part:
        if cred is None:
            return None
        meta = Meta(format=cred.format or None, type=cred.type or None, others=cred.others)
        return self.element(
            "Cred", self._meta(meta if meta != Meta() else None), self.text("Data", cred.data)
        )

    def _chal(self, chal: Chal | None) -> _Part:
        if chal is None:
            return None
        return self.element(
            "Chal",
            self._meta(
                Meta(
                    format=chal.format or None,
                    type=chal.type or None,
                    next_nonce_text=chal.next_nonce_text,
                    others=chal.others,
                )
            ),
        )

    def _meta(self, meta: Meta | None) -> _Part:
        if meta is None:
            return None
        return self.element(
            "Meta",
            _meta_child("Format", meta.format),
            _meta_child("Type", meta.type),
            _meta_child("Mark", meta.mark),
            _meta_child("Size", meta.size),
            _meta_child("Version", meta.version),
            _meta_child("NextNonce", meta.next_nonce_text),
            _meta_child("MaxMsgSize", meta.max_msg_size),
            _meta_child("MaxObjSize", meta.max_obj_size),
            *(_meta_child("EMI", text) for text in meta.emi),
            others=meta.others,
        )


def _position(parent: str, name: str, parts: Sequence[Node]) -> int:
    """Where an element goes among the parts that are there: behind all that the DTD has before it;
    last where the DTD does not have it."""
    order = CHILD_ORDER.get(parent, ())
    if name not in order:
        return len(parts)
    for position, part in enumerate(parts):
        other = part.name.rpartition("}")[2]
        if other not in order or order.index(other) > order.index(name):
            return position
    return len(parts)
