"""A device that holds DM sessions by hand: raw XML in, the standard library's parser out.

It answers every command, keeps what it is given, takes objects in chunks and asks for the rest of
unfinished packages. It never repeats itself by accident: the same step gives the same bytes.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Self
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from tests.server.dm_device import NS, Enrolled, next_nonce
from tests.support import messages as m

S = "{SYNCML:SYNCML1.2}"
_NO_WORK = {"Status", "Results", "Final"}
NEXT = "<Alert><CmdID>9999</CmdID><Data>1222</Data></Alert>"

type Post = Callable[[bytes], bytes]
"""Sends a message and gives back the body of the answer."""


@dataclass
class Talker:
    """The device's side. ``values`` answers Gets; ``written`` is what came, whole objects only."""

    account: Enrolled
    session_id: str = "1A"
    max_message: int | None = None
    max_object: int | None = None
    codes: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    chunks: dict[str, list[str]] = field(default_factory=dict)
    executed: list[str] = field(default_factory=list)
    is_wbxml: bool = False
    """Whether ``post`` turns its messages into WBXML: it measures them then."""
    msg_id: int = 0
    last: bytes = b""
    gives_nonce: str = "nonce of the device"
    expected: set[bytes] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.expected.add(self.account.server_nonce)

    def copy(self) -> Self:
        """The device as it is now."""
        return copy.deepcopy(self)

    # --- messages of the device -----------------------------------------------------------------

    def open(self, more: str = "", *, is_final: bool = True, cred: str | None = None) -> bytes:
        """Package 1 of a new session; an object that did not come whole is forgotten."""
        self.msg_id = 0
        self.chunks.clear()
        given = self.account.cred() if cred is None else cred
        return self.message(m.PACKAGE_1 + more, cred=given, is_final=is_final)

    def message(self, body: str, *, cred: str = "", is_final: bool = True) -> bytes:
        """The next message, with the device's limits in its header."""
        self.msg_id += 1
        text = m.syncml(
            body,
            cred=cred + self._limits(),
            msg_id=str(self.msg_id),
            session_id=self.session_id,
            loc_name=self.account.name,
            is_final=is_final,
        )
        self.last = text
        return text

    def reply(self, answer: ET.Element) -> bytes:
        """What the device says to an answer with commands; its package is closed if ours was."""
        ids = iter(range(2, 9999))
        reference = answer.findtext("s:SyncHdr/s:MsgID", "", NS)
        body = m.status("1", reference, "0", "SyncHdr", *self._verdict(answer))
        for command in work(answer):
            body += self._answer(command, reference, ids)
        is_final = answer.find(".//s:Final", NS) is not None
        return self.message(body if is_final else body + NEXT, is_final=is_final)

    def learn(self, answer: ET.Element) -> None:
        """Take the nonce for the next session, look at the server's proof and at the size."""
        if answer.find(".//m:NextNonce", NS) is not None:
            self.account.nonce = next_nonce(answer)
        digest = answer.findtext("s:SyncHdr/s:Cred/s:Data", None, NS)
        if digest is not None:
            assert digest in {self.account.server_digest(nonce) for nonce in self.expected}

    def session(self, post: Post, more: str = "") -> list[ET.Element]:
        """A whole session; the server's messages."""
        message = self.open(more)
        got: list[ET.Element] = []
        while True:
            assert len(got) < 200, "no end"
            data = post(message)
            assert self.max_message is None or self.is_wbxml or len(data) <= self.max_message
            got.append(ET.fromstring(data))
            self.learn(got[-1])
            is_final = got[-1].find(".//s:Final", NS) is not None
            if is_final and not work(got[-1]):
                return got
            message = self.reply(got[-1])

    # --- inside -----------------------------------------------------------------------------

    def _limits(self) -> str:
        parts = "".join(
            f'<{name} xmlns="syncml:metinf">{value}</{name}>'
            for name, value in (("MaxMsgSize", self.max_message), ("MaxObjSize", self.max_object))
            if value is not None
        )
        return f"<Meta>{parts}</Meta>" if parts else ""

    def _verdict(self, answer: ET.Element) -> tuple[str, str]:
        if answer.find("s:SyncHdr/s:Cred", NS) is None:
            return "200", ""
        nonce = f"{self.gives_nonce} {self.session_id}".encode()
        self.expected.add(nonce)
        return "212", m.chal(nonce)

    def _answer(self, command: ET.Element, reference: str, ids: Iterable[int]) -> str:
        name, cmd_id = local(command), command.findtext("s:CmdID", "", NS)
        number = str(next(iter(ids)))
        if name in {"Atomic", "Sequence"}:
            body = m.status(number, reference, cmd_id, name, self.codes.get(name, "200"))
            inner = [each for each in command if local(each) not in {"CmdID", "Meta", "NoResp"}]
            return body + "".join(self._answer(each, reference, ids) for each in inner)
        if name == "Alert":
            return m.status(number, reference, cmd_id, name, "200")
        (item,) = command.findall("s:Item", NS)
        uri = item.findtext("s:Target/s:LocURI", "", NS)
        code = self._do(name, uri, item)
        body = m.status(number, reference, cmd_id, name, code)
        if name == "Get" and code == "200":
            body += (
                f"<Results><CmdID>{next(iter(ids))}</CmdID><MsgRef>{reference}</MsgRef>"
                f"<CmdRef>{cmd_id}</CmdRef><Item><Source><LocURI>{escape(uri)}</LocURI></Source>"
                f"<Data>{escape(self.values.get(uri, f'value of {uri}'))}</Data></Item></Results>"
            )
        return body

    def _do(self, name: str, uri: str, item: ET.Element) -> str:
        data = item.findtext("s:Data", "", NS)
        self.executed.append(f"{name} {uri}")
        if name in {"Add", "Replace", "Exec"}:
            part = self.chunks.setdefault(uri, [])
            size = item.findtext("s:Meta/m:Size", None, NS)
            is_first = not part
            part.append(data)
            if item.find("s:MoreData", NS) is not None:
                assert (size is not None) is is_first, "Size stands in the first chunk only"
                return self.codes.get("chunk", "213")
            self.written[uri] = "".join(self.chunks.pop(uri))
        return self.codes.get(uri, "200")


def local(element: ET.Element) -> str:
    """The name without its namespace."""
    return element.tag.rpartition("}")[2]


def work(answer: ET.Element) -> list[ET.Element]:
    """What wants a Status, in order."""
    body = answer.find("s:SyncBody", NS)
    assert body is not None
    return [each for each in body if local(each) not in _NO_WORK]


def names(answer: ET.Element) -> list[str]:
    """What stands in SyncBody, but for Statuses: ``Get ./A``, ``Alert 1222``, ``Final``."""
    body = answer.find("s:SyncBody", NS)
    assert body is not None
    found = []
    for each in body:
        if local(each) == "Status":
            continue
        what = each.findtext("s:Item/s:Target/s:LocURI", None, NS) or (
            each.findtext("s:Data", "", NS) if local(each) == "Alert" else ""
        )
        found.append(f"{local(each)} {what}".rstrip())
    return found
