"""A DM server by hand: its messages are text, its digests computed here from the formula."""

from __future__ import annotations

import base64
import hashlib
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from mdmcore.http import Request, Response
from tests.phone.scripted import (
    DEVICE_ID,
    DM_URL,
    PROVIDER,
    SERVER_NONCE,
    SERVER_SECRET,
    answer,
)

SYNCML_TYPE = "application/vnd.syncml.dm+xml"
NS = "{SYNCML:SYNCML1.2}"
METINF = "{syncml:metinf}"
NEXT_NONCE = bytes(range(64, 80))

type Turn = Callable[[Received], Response]


def digest(user: str, secret: str, nonce: bytes) -> str:
    """B64(MD5(B64(MD5(user:secret)):nonce)), written down from session.md 4.2."""
    inner = base64.b64encode(hashlib.md5(f"{user}:{secret}".encode()).digest())
    return base64.b64encode(hashlib.md5(inner + b":" + nonce).digest()).decode()


@dataclass
class Received:
    """A message of the phone, read by the standard library's parser."""

    root: ElementTree.Element
    url: str

    @classmethod
    def of(cls, request: Request) -> Received:
        """The message of a request."""
        return cls(root=ElementTree.fromstring(request.body or b""), url=request.url)

    def header(self, path: str) -> str:
        """Text below SyncHdr, empty when absent."""
        return self.root.findtext(_path(f"SyncHdr/{path}")) or ""

    @property
    def msg_id(self) -> str:
        """Its MsgID."""
        return self.header("MsgID")

    @property
    def cred(self) -> str:
        """The Cred's Data, empty when there is none."""
        return self.header("Cred/Data")

    def commands(self) -> list[str]:
        """Names of what stands in SyncBody, in order."""
        body = self.root.find(_path("SyncBody"))
        assert body is not None
        return [element.tag.removeprefix(NS) for element in body]

    def statuses(self) -> list[tuple[str, str, str]]:
        """Cmd, CmdRef and code of each Status."""
        return [
            (
                element.findtext(f"{NS}Cmd") or "",
                element.findtext(f"{NS}CmdRef") or "",
                element.findtext(f"{NS}Data") or "",
            )
            for element in self.root.iter(f"{NS}Status")
        ]

    def results(self) -> dict[str, str]:
        """LocURI and Data of each Results item."""
        return {
            item.findtext(_path("Source/LocURI")) or "": item.findtext(f"{NS}Data") or ""
            for results in self.root.iter(f"{NS}Results")
            for item in results.iter(f"{NS}Item")
        }

    def challenge(self) -> bytes | None:
        """The nonce that the phone hands out."""
        found = next(self.root.iter(f"{METINF}NextNonce"), None)
        return None if found is None else base64.b64decode(found.text or "")


def _path(path: str) -> str:
    return "/".join(f"{NS}{step}" for step in path.split("/"))


def meta(**values: str) -> str:
    """A Meta element."""
    parts = (f'<{name} xmlns="syncml:metinf">{text}</{name}>' for name, text in values.items())
    return f"<Meta>{''.join(parts)}</Meta>"


def server_cred(nonce: bytes = SERVER_NONCE, *, secret: str = SERVER_SECRET) -> str:
    """The server's proof."""
    info = meta(Format="b64", Type="syncml:auth-md5")
    return f"<Cred>{info}<Data>{digest(PROVIDER, secret, nonce)}</Data></Cred>"


def chal(nonce: bytes = NEXT_NONCE) -> str:
    """A Chal for MD5."""
    text = base64.b64encode(nonce).decode()
    return f"<Chal>{meta(Format='b64', Type='syncml:auth-md5', NextNonce=text)}</Chal>"


def status(cmd: str, cmd_ref: str, code: str, *, inner: str = "", msg_ref: str = "{ref}") -> str:
    """A Status; ``{ref}`` becomes the MsgID that is answered."""
    return (
        f"<Status><CmdID>9{cmd_ref}</CmdID><MsgRef>{msg_ref}</MsgRef><CmdRef>{cmd_ref}</CmdRef>"
        f"<Cmd>{cmd}</Cmd>{inner}<Data>{code}</Data></Status>"
    )


def accepted(code: str = "212", *, inner: str | None = None) -> str:
    """The three Statuses that package 1 wants."""
    challenge = chal() if inner is None else inner
    return (
        status("SyncHdr", "0", code, inner=challenge)
        + status("Alert", "2", "200")
        + status("Replace", "3", "200")
    )


def get(cmd_id: str, uri: str) -> str:
    """A Get."""
    return f"<Get><CmdID>{cmd_id}</CmdID><Item><Target><LocURI>{uri}</LocURI></Target></Item></Get>"


GET_SWV = get("4", "./DevDetail/SwV")


def reply(
    body: str,
    *,
    cred: str = "",
    msg_id: str | None = None,
    final: str = "<Final/>",
    header: str = "",
) -> Turn:
    """A whole message; MsgID is the client's plus one unless given."""

    def turn(received: Received) -> Response:
        number = msg_id if msg_id is not None else str(int(received.msg_id) + 1)
        text = (
            '<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr><VerDTD>1.2</VerDTD>'
            f"<VerProto>DM/1.2</VerProto><SessionID>{received.header('SessionID')}</SessionID>"
            f"<MsgID>{number}</MsgID><Target><LocURI>{DEVICE_ID}</LocURI></Target>"
            f"<Source><LocURI>{DM_URL}</LocURI><LocName>{PROVIDER}</LocName></Source>"
            f"{header}{cred}</SyncHdr><SyncBody>{body}{final}</SyncBody></SyncML>"
        )
        return answer(text.replace("{ref}", received.msg_id), SYNCML_TYPE)

    return turn


FIRST = reply(accepted() + GET_SWV, cred=server_cred())
"""Package 2: credentials accepted, the server's own, one Get."""
LAST = reply(status("SyncHdr", "0", "200"))
"""Package 4: nothing more."""


def altered(turn: Turn, old: str, new: str, *, count: int = -1) -> Turn:
    """That answer with text replaced, which must be there."""

    def edit(received: Received) -> Response:
        response = turn(received)
        body = (response.body or b"").decode()
        assert re.search(re.escape(old), body), f"{old!r} is not in {body}"
        return answer(body.replace(old, new, count), SYNCML_TYPE)

    return edit


@dataclass
class DmScript:
    """Plays its turns in order; the phone's messages are kept."""

    turns: tuple[Turn, ...]
    received: list[Received] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._left: Iterator[Turn] = iter(self.turns)

    def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        message = Received.of(request)
        self.received.append(message)
        turn = next(self._left, None)
        assert turn is not None, f"a message too many: {request.body!r}"
        return turn(message)


def script(*turns: Turn) -> DmScript:
    """A script of these answers."""
    return DmScript(turns=turns)
