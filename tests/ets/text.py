"""SyncML by hand: messages as text, digests from the formula, reading by the standard library."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

XML_TYPE = "application/vnd.syncml.dm+xml"
WBXML_TYPE = "application/vnd.syncml.dm+wbxml"
HMAC = "x-syncml-hmac"
LEAVES = {"DevId": "", "Man": "NOKIA", "Mod": "Lumia 820", "DmV": "1.3", "Lang": "en-US"}
UNENROLL_TYPE = "com.microsoft:mdm.unenrollment.userrequest"


def b64(data: bytes) -> str:
    """Base64 on one line."""
    return base64.b64encode(data).decode()


def md5(data: bytes) -> bytes:
    """MD5."""
    return hashlib.md5(data).digest()


def digest(user: str, secret: str, nonce: bytes) -> str:
    """B64(MD5(B64(MD5(user:secret)):nonce)), as session.md 4.2 has it."""
    return b64(md5(b64(md5(f"{user}:{secret}".encode())).encode() + b":" + nonce))


def mac(user: str, secret: str, nonce: bytes, body: bytes) -> str:
    """The mac of the header form: the digest's input, then ``:`` and b64(MD5(body))."""
    inner = b64(md5(f"{user}:{secret}".encode())).encode()
    return b64(md5(inner + b":" + nonce + b":" + b64(md5(body)).encode()))


def mac_header(user: str, secret: str, nonce: bytes, body: bytes) -> str:
    """The value of x-syncml-hmac."""
    return f'algorithm=MD5, username="{user}", mac={mac(user, secret, nonce, body)}'


def meta(**values: str) -> str:
    """Meta with these MetInf elements, in the order given."""
    parts = (f'<{name} xmlns="syncml:metinf">{text}</{name}>' for name, text in values.items())
    return f"<Meta>{''.join(parts)}</Meta>"


def cred(scheme: str, data: str) -> str:
    """Cred."""
    return f"<Cred>{meta(Format='b64', Type=f'syncml:auth-{scheme}')}<Data>{data}</Data></Cred>"


def md5_cred(user: str, secret: str, nonce: bytes) -> str:
    """Cred with a digest."""
    return cred("md5", digest(user, secret, nonce))


def basic_cred(user: str, secret: str) -> str:
    """Cred with name and password."""
    return cred("basic", b64(f"{user}:{secret}".encode()))


def chal(nonce: bytes, scheme: str = "md5") -> str:
    """Chal."""
    info = meta(Format="b64", Type=f"syncml:auth-{scheme}", NextNonce=b64(nonce))
    return f"<Chal>{info}</Chal>"


BASIC_CHAL = f"<Chal>{meta(Format='b64', Type='syncml:auth-basic')}</Chal>"


def status(
    cmd_id: str,
    msg_ref: str,
    cmd_ref: str,
    cmd: str,
    code: str,
    inner: str = "",
    *,
    target: str = "",
) -> str:
    """Status; ``inner`` is a Chal."""
    ref = f"<TargetRef>{target}</TargetRef>" if target else ""
    return (
        f"<Status><CmdID>{cmd_id}</CmdID><MsgRef>{msg_ref}</MsgRef><CmdRef>{cmd_ref}</CmdRef>"
        f"<Cmd>{cmd}</Cmd>{ref}{inner}<Data>{code}</Data></Status>"
    )


def item(
    target: str = "",
    data: str | None = None,
    *,
    source: str = "",
    info: str = "",
    more: bool = False,
) -> str:
    """Item; ``data`` is markup already."""
    of = f"<Target><LocURI>{target}</LocURI></Target>" if target else ""
    of += f"<Source><LocURI>{source}</LocURI></Source>" if source else ""
    value = "" if data is None else f"<Data>{data}</Data>"
    return f"<Item>{of}{info}{value}{'<MoreData/>' if more else ''}</Item>"


def command(name: str, cmd_id: str, *items: str) -> str:
    """A command on items."""
    number = f"<CmdID>{cmd_id}</CmdID>" if cmd_id else ""
    return f"<{name}>{number}{''.join(items)}</{name}>"


def get(cmd_id: str, uri: str) -> str:
    """Get."""
    return command("Get", cmd_id, item(uri))


def write(name: str, cmd_id: str, uri: str, data: str, format: str = "chr", type: str = "") -> str:
    """Add, Replace or Exec with a value."""
    info = {"Format": format} | ({"Type": type} if type else {})
    return command(name, cmd_id, item(uri, data, info=meta(**info)))


def add(cmd_id: str, uri: str, data: str, format: str = "chr") -> str:
    """Add."""
    return write("Add", cmd_id, uri, data, format)


def add_node(cmd_id: str, uri: str) -> str:
    """Add of an interior node."""
    return command("Add", cmd_id, item(uri, info=meta(Format="node")))


def replace(cmd_id: str, uri: str, data: str, format: str = "chr") -> str:
    """Replace."""
    return write("Replace", cmd_id, uri, data, format)


def delete(cmd_id: str, uri: str) -> str:
    """Delete."""
    return command("Delete", cmd_id, item(uri))


def execute(cmd_id: str, uri: str, data: str | None = None, format: str = "chr") -> str:
    """Exec."""
    info = meta(Format=format) if data is not None else ""
    return command("Exec", cmd_id, item(uri, data, info=info))


def alert(cmd_id: str, code: str, *items: str) -> str:
    """Alert."""
    return (
        f"<Alert><CmdID>{cmd_id}</CmdID>"
        + (f"<Data>{code}</Data>" if code else "")
        + "".join(items)
        + "</Alert>"
    )


def generic(cmd_id: str, *kinds: str, format: str = "int", data: str = "1") -> str:
    """Alert 1226 with an item for each type."""
    infos = (meta(Type=kind, Format=format) if format else meta(Type=kind) for kind in kinds)
    return alert(cmd_id, "1226", *(item(info=info, data=data) for info in infos))


def sequence(cmd_id: str, *commands: str) -> str:
    """Sequence."""
    return command("Sequence", cmd_id, *commands)


def atomic(cmd_id: str, *commands: str) -> str:
    """Atomic."""
    return command("Atomic", cmd_id, *commands)


def results(cmd_id: str, msg_ref: str, cmd_ref: str, uri: str, data: str, **info: str) -> str:
    """Results with one item."""
    told = item(source=uri, data=data, info=meta(**info) if info else "")
    return (
        f"<Results><CmdID>{cmd_id}</CmdID><MsgRef>{msg_ref}</MsgRef><CmdRef>{cmd_ref}</CmdRef>"
        f"{told}</Results>"
    )


def dev_info(cmd_id: str, device_id: str, *leaves: str) -> str:
    """The Replace of package 1."""
    values = {**LEAVES, "DevId": device_id}
    return command(
        "Replace",
        cmd_id,
        *(
            item(source=f"./DevInfo/{leaf}", data=escape(values[leaf]))
            for leaf in leaves or tuple(LEAVES)
        ),
    )


def package_1(device_id: str, *, alert_code: str = "1201", more: str = "") -> str:
    """What a device says first: its alert (CmdID 2) and DevInfo (3)."""
    return alert("2", alert_code) + dev_info("3", device_id) + more


def message(
    body: str,
    *,
    target: str,
    source: str,
    session_id: str = "1A",
    msg_id: str = "1",
    name: str = "",
    header: str = "",
    cred: str = "",
    final: bool = True,
    ver_dtd: str = "1.2",
    ver_proto: str = "DM/1.2",
    namespace: str = "SYNCML:SYNCML1.2",
) -> bytes:
    """A whole message; ``header`` is XML between Source and Cred, such as RespURI."""
    loc_name = f"<LocName>{escape(name)}</LocName>" if name else ""
    before, _, after = header.partition("<Meta>")
    info = f"<Meta>{after}" if after else ""
    return (
        f'<SyncML xmlns="{namespace}"><SyncHdr><VerDTD>{ver_dtd}</VerDTD>'
        f"<VerProto>{ver_proto}</VerProto><SessionID>{session_id}</SessionID>"
        f"<MsgID>{msg_id}</MsgID><Target><LocURI>{target}</LocURI></Target>"
        f"<Source><LocURI>{source}</LocURI>{loc_name}</Source>{before}{cred}{info}</SyncHdr>"
        f"<SyncBody>{body}{'<Final/>' if final else ''}</SyncBody></SyncML>"
    ).encode()


@dataclass(frozen=True, slots=True)
class Status:
    """A Status as it stands in a message."""

    msg_ref: str
    cmd_ref: str
    cmd: str
    code: str
    target: str


class Message:
    """A message as the standard library's parser reads it."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.root = ET.fromstring(data)
        body = self.root.find("{*}SyncBody")
        assert body is not None, data
        self.body = body

    def header(self, path: str) -> str:
        """Text below SyncHdr, empty when absent."""
        steps = "/".join(f"{{*}}{step}" for step in path.split("/"))
        return self.root.findtext(f"{{*}}SyncHdr/{steps}") or ""

    def has(self, path: str) -> bool:
        """Whether there is such an element below SyncHdr."""
        steps = "/".join(f"{{*}}{step}" for step in path.split("/"))
        return self.root.find(f"{{*}}SyncHdr/{steps}") is not None

    @property
    def msg_id(self) -> str:
        """MsgID."""
        return self.header("MsgID")

    @property
    def is_final(self) -> bool:
        """Whether Final stands in the body."""
        return self.body.find("{*}Final") is not None

    @property
    def names(self) -> list[str]:
        """Names of what stands in SyncBody, in order."""
        return [local(element) for element in self.body]

    @property
    def commands(self) -> list[ET.Element]:
        """What stands in SyncBody and is neither Status, Results nor Final, in order."""
        return [e for e in self.body if local(e) not in {"Status", "Results", "Final"}]

    @property
    def work(self) -> list[str]:
        """Names of the commands that ask the other side to do something; alerts aside."""
        return [local(e) for e in self.commands if local(e) != "Alert"]

    @property
    def alerts(self) -> list[str]:
        """Codes of the alerts."""
        return [text(e, "Data") for e in self.commands if local(e) == "Alert"]

    @property
    def statuses(self) -> list[Status]:
        """Each Status in order."""
        return [
            Status(
                text(e, "MsgRef"),
                text(e, "CmdRef"),
                text(e, "Cmd"),
                text(e, "Data"),
                text(e, "TargetRef"),
            )
            for e in self.body
            if local(e) == "Status"
        ]

    def codes(self, cmd_ref: str) -> list[str]:
        """Codes of the Statuses for that command."""
        return [one.code for one in self.statuses if one.cmd_ref == cmd_ref]

    def code(self, cmd_ref: str) -> str:
        """The code of the one Status for that command."""
        (found,) = self.codes(cmd_ref)
        return found

    @property
    def header_code(self) -> str:
        """The code for SyncHdr."""
        return self.code("0")

    def chal(self, name: str) -> str:
        """Text of a MetInf element in the Chal of the Status for SyncHdr, empty when absent."""
        for element in self.body:
            if local(element) == "Status" and text(element, "Cmd") == "SyncHdr":
                return element.findtext(f"{{*}}Chal/{{*}}Meta/{{syncml:metinf}}{name}") or ""
        return ""

    @property
    def next_nonce(self) -> bytes:
        """The nonce that is handed out, empty when none is."""
        return base64.b64decode(self.chal("NextNonce"))

    @property
    def has_chal(self) -> bool:
        """Whether any Status has a Chal."""
        return self.root.find(".//{*}Chal") is not None

    @property
    def values(self) -> dict[str, str]:
        """LocURI and Data of every item in Results."""
        return {
            text(one, "Source/LocURI"): text(one, "Data")
            for results in self.body
            if local(results) == "Results"
            for one in results.iterfind("{*}Item")
        }

    def find(self, name: str, uri: str) -> ET.Element | None:
        """The first command of that name (nested or not) with an item for that LocURI."""
        for element in self.body.iter():
            if local(element) == name and uri in uris(element):
                return element
        return None


def local(element: ET.Element) -> str:
    """The name without its namespace."""
    return element.tag.rpartition("}")[2]


def text(element: ET.Element, path: str) -> str:
    """Text below an element, empty when absent."""
    return element.findtext("/".join(f"{{*}}{step}" for step in path.split("/"))) or ""


def uris(element: ET.Element) -> list[str]:
    """The targets of a command's items."""
    return [text(one, "Target/LocURI") for one in element.iterfind("{*}Item")]
