"""SyncML messages as nodes to be written, children in the order of the SyncML RepPro 1.2 DTD.

What the model holds is written as it stands, right or wrong: a server that misbehaves on purpose
goes through here too.
"""

from __future__ import annotations

from mdmcore.namespaces import METINF, MSFT_DM
from mdmcore.syncml.model import (
    Alert,
    AnyCommand,
    Chal,
    Command,
    Container,
    Cred,
    Item,
    Meta,
    Results,
    Status,
    SyncHdr,
    SyncML,
    UnknownCommand,
)
from mdmcore.xml import Node, qname

type _Part = Node | None


def message_node(message: SyncML) -> Node:
    """The whole message, in its own namespace."""
    writer = _Writer(message.namespace)
    commands = [writer.command(command) for command in message.commands]
    final = writer.flag("Final", message.is_final)
    nsmap: dict[str | None, str] = {None: message.namespace} if message.namespace else {}
    root = writer.element(
        "SyncML", writer.header(message.header), writer.element("SyncBody", *commands, final)
    )
    return Node(root.name, children=root.children, nsmap=nsmap)


def _meta_child(name: str, text: str | None) -> _Part:
    return None if text is None else Node(qname(METINF, name), text, nsmap={None: METINF})


class _Writer:
    """Makes elements of one SyncML namespace."""

    def __init__(self, namespace: str) -> None:
        self._namespace = namespace

    def element(self, name: str, *parts: _Part) -> Node:
        """An element of the parts that are there."""
        present = tuple(part for part in parts if part is not None)
        return Node(qname(self._namespace, name), children=present)

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
            self._location("Target", header.target, header.target_name),
            self._location("Source", header.source, header.source_name),
            self.text("RespURI", header.resp_uri),
            self.flag("NoResp", header.no_resp),
            self._cred(header.cred),
            self._meta(header.meta),
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
                return self.element(command.name, self._cmd_id(command.cmd_id))

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
        )

    def _items(self, items: tuple[Item, ...]) -> tuple[Node, ...]:
        return tuple(
            self.element(
                "Item",
                self._location("Target", item.target, item.target_name),
                self._location("Source", item.source, item.source_name),
                self._meta(item.meta),
                self._data(item),
                self.flag("MoreData", item.more_data),
            )
            for item in items
        )

    def _data(self, item: Item) -> _Part:
        if item.data_xml is not None:
            return Node(qname(self._namespace, "Data"), fragment=item.data_xml)
        return self.text("Data", item.data)

    def _location(self, name: str, uri: str | None, location_name: str | None) -> _Part:
        if uri is None and location_name is None:
            return None
        return self.element(
            name, self.text("LocURI", uri or ""), self.text("LocName", location_name)
        )

    def _cred(self, cred: Cred | None) -> _Part:
        if cred is None:
            return None
        meta = Meta(format=cred.format or None, type=cred.type or None)
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
        )
