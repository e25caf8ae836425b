"""A device by hand at an emulated server: it enrols by the printed samples and speaks raw text."""

from __future__ import annotations

import base64
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from mdmcore.http import Headers, Request, Response
from mdmcore.pki.request import build_phone_csr
from mdmcore.server import MdmServer, ServerSettings
from mdmcore.server.settings import DM_PATH
from mdmcore.store import Database
from tests.ets import text as t
from tests.ets.text import Message
from tests.support import messages as m
from tests.support.keys import load_key
from tests.support.server import (
    DOMAIN,
    FixedClock,
    counted_random,
    make_authority,
    post_soap,
)

DM_URL = f"https://mdm.example.test{DM_PATH}"
DEVICE_ID = "urn:uuid:00000000-0000-4000-8000-00000000ABCD"
PROFILES = ("wp8", "wp81", "win81", "win10")
CONTEXTS = {
    "wp8": (("DeviceType", "WindowsPhone"), ("ApplicationVersion", "8.0.10211.0")),
    "wp81": (("DeviceType", "WindowsPhone"), ("ApplicationVersion", "8.10.14219.0")),
    "win81": (("DeviceType", "CIMClient_Windows"), ("ApplicationVersion", "6.3.9600.0")),
    "win10": (("DeviceType", "CIMClient_Windows"), ("ApplicationVersion", "10.0.19043.1110")),
}
_MAX_MESSAGES = 60
_NONCE_BYTES = 16

type Answering = Callable[[ET.Element, str, Iterator[int]], str]
"""What a device says to a command: the command, the server's MsgID, fresh CmdIDs."""


@cache
def csr() -> bytes:
    """A phone's CSR."""
    return build_phone_csr(load_key("device"))


type Templates = dict[str, tuple[bytes, ET.Element]]
"""By profile: the state of a server where one such device has enrolled, and its document."""


class Bench:
    """One emulated server with its state in a folder; it can be restarted.

    ``nonce``: what its source of randomness gives for 16 bytes, counted bytes where ``None``.
    ``templates``: enrolments at a server with default settings, made once and copied.
    """

    def __init__(
        self,
        folder: Path,
        *,
        templates: Templates | None = None,
        seed: str = "start",
        **settings: Any,
    ) -> None:
        self.folder = folder
        self.nonce: bytes | None = None
        self.clock = FixedClock()
        self._templates = None if settings else templates
        self._seed = seed
        self._settings = settings
        self._opened: list[Database] = []
        self._server: MdmServer | None = None

    @property
    def server(self) -> MdmServer:
        """The server, started when it is first needed."""
        if self._server is None:
            self.restart()
        assert self._server is not None
        return self._server

    def restart(self) -> None:
        """A new server on the same state."""
        counted = counted_random(f"{self._seed} {len(self._opened)}")

        def random(length: int) -> bytes:
            if self.nonce is not None and length == _NONCE_BYTES:
                return self.nonce
            return counted(length)

        self._opened.append(Database(self._state))
        self._server = MdmServer(
            ServerSettings(domains=(DOMAIN,), **self._settings),
            authority=make_authority(),
            store=self._opened[-1],
            clock=self.clock,
            random=random,
        )

    @property
    def _state(self) -> Path:
        return self.folder / "state.sqlite3"

    @property
    def store(self) -> Database:
        """The state as the running server has it."""
        if self._server is None:
            self.restart()
        return self._opened[-1]

    def close(self) -> None:
        """Close all that was opened."""
        for store in self._opened:
            store.close()

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """What the file holds, read by the standard library."""
        with closing(sqlite3.connect(self._state)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query, values)]

    def post(
        self, body: bytes, content_type: str = t.XML_TYPE, *, url: str = DM_URL, **headers: str
    ) -> Response:
        """POST bytes to the DM URL; names of further headers have _ for -."""
        fields = [("Content-Type", content_type), ("Content-Length", str(len(body)))]
        fields += [(name.replace("_", "-"), value) for name, value in headers.items()]
        return self.server.answer(
            Request(method="POST", url=url, headers=Headers(fields), body=body)
        )

    def enroll(self, profile: str = "wp8", **device: Any) -> Device:
        """Enrol a device of that profile."""
        if self._templates is not None and not self._state.exists():
            if profile not in self._templates:
                self._templates[profile] = _template(profile)
            state, document = self._templates[profile]
            self._state.write_bytes(state)
        else:
            document = self._enroll(profile)
        return Device(self, profile, document, **device)

    def _enroll(self, profile: str) -> ET.Element:
        """The provisioning document."""
        body = m.request_security_token(csr(), context=CONTEXTS[profile])
        answer = post_soap(self.server, "/EnrollmentServer/Enrollment.svc", body)
        assert answer.status == 200, answer.body
        token = ET.fromstring(answer.body or b"").find(".//{*}BinarySecurityToken")
        assert token is not None
        return ET.fromstring(base64.b64decode(token.text or ""))


def _template(profile: str) -> tuple[bytes, ET.Element]:
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), seed="template")
        document = bench.enroll(profile).document
        bench.close()
        return bench._state.read_bytes(), document


def queue(bench: Bench, device: Device, commands: str, *, recipe: str = "send") -> int:
    """Queue commands (XML without CmdIDs that matter) for a device; the job's number."""
    return queue_for(bench, device.name, commands, recipe=recipe)


def queue_for(bench: Bench, name: str, commands: str, *, recipe: str = "send") -> int:
    """The same for the account of that name: the one place where these tests touch the queue."""
    (account,) = [one.account for one in bench.store.devices() if one.account.name == name]
    body = f'<SyncBody xmlns="SYNCML:SYNCML1.2">{commands}</SyncBody>'
    job = bench.store.queue_job(account, recipe=recipe, commands=body, values=(), now=bench.clock())
    return job.id


@dataclass
class Device:
    """The device's side of its sessions, by its account in the provisioning document.

    ``nonce`` goes into its next digest; ``server_nonce`` is what the server's must be made with.
    """

    bench: Bench
    profile: str
    document: ET.Element
    device_id: str = DEVICE_ID
    session_id: str = "1A"
    msg_id: int = 0
    sent: list[bytes] = field(default_factory=list)
    log: list[Message] = field(default_factory=list)
    fixed_nonce: bytes | None = None
    """What it hands out for the server's next digest; counted where it is ``None``."""

    def __post_init__(self) -> None:
        self.account: dict[str, dict[str, str]] = {}
        for auth in self.document.iterfind(".//characteristic[@type='APPAUTH']"):
            parms = {p.get("name", ""): p.get("value", "") for p in auth}
            self.account[parms["AAUTHLEVEL"]] = parms
        provider = self.document.find(".//parm[@name='PROVIDER-ID']")
        assert provider is not None
        self.provider_id = provider.get("value", "")
        device, server = self.account["APPSRV"], self.account["CLIENT"]
        self.name, self.secret = device["AAUTHNAME"], device["AAUTHSECRET"]
        self.server_secret = server["AAUTHSECRET"]
        self.nonce = base64.b64decode(device.get("AAUTHDATA", ""))
        self.server_nonce = base64.b64decode(server["AAUTHDATA"])

    # --- single messages ------------------------------------------------------------------------

    def text(self, body: str, **header: Any) -> bytes:
        """A message of the device as bytes."""
        values = {
            "target": DM_URL,
            "source": self.device_id,
            "session_id": self.session_id,
            "msg_id": str(self.msg_id),
            **header,
        }
        return t.message(body, **values)

    def say(self, body: str, **header: Any) -> Message:
        """Send the next message (MsgID counted) and read the answer."""
        self.msg_id += 1
        data = self.text(body, **header)
        self.sent.append(data)
        return self.read(self.bench.post(data))

    def read(self, response: Response) -> Message:
        """An answer, which must be an XML message of the right length."""
        assert response.status == 200, response.body
        assert response.media_type == t.XML_TYPE
        data = response.body or b""
        assert response.headers.get("Content-Length") == str(len(data))
        answer = Message(data)
        self.log.append(answer)
        return answer

    def cred(self, nonce: bytes | None = None) -> str:
        """The device's Cred."""
        return t.md5_cred(self.name, self.secret, self.nonce if nonce is None else nonce)

    def server_digest(self, nonce: bytes | None = None) -> str:
        """What the server's Cred must hold."""
        used = self.server_nonce if nonce is None else nonce
        return t.digest(self.provider_id, self.server_secret, used)

    def open(self, more: str = "", *, session_id: str = "1A", **header: Any) -> Message:
        """Package 1 of a new session, with the right credentials unless ``cred`` is given."""
        self.session_id, self.msg_id = session_id, 0
        given = {"cred": self.cred(), "name": self.name, **header}
        answer = self.say(t.package_1(self.device_id, more=more), **given)
        if answer.header_code == "212" and answer.next_nonce:
            self.nonce = answer.next_nonce
        return answer

    # --- answers to commands --------------------------------------------------------------------

    def reply(
        self,
        answer: Message,
        answering: Answering | None = None,
        *,
        code: str = "212",
        more: str = "",
        **header: Any,
    ) -> Message:
        """The device's package 3: the verdict on the server's header, then what it says to each
        command; by default 200, and Results for a Get."""
        ids = iter(range(1, 10_000))
        chal = ""
        if code == "212" and answer.has("Cred"):
            self.server_nonce = self.fixed_nonce or f"server nonce {len(self.log):04}".encode()
            chal = t.chal(self.server_nonce)
        verdict = code if answer.has("Cred") else "200" if code == "212" else code
        ref = answer.msg_id
        body = t.status(str(next(ids)), ref, "0", "SyncHdr", verdict, chal)
        for command in answer.commands:
            body += (answering or succeed)(command, ref, ids)
        return self.say(body + more, **header)

    def session(self, answering: Answering | None = None, **opened: Any) -> list[Message]:
        """A whole session: package 1, then an answer to every command until the server has none.

        The server's messages, the last one closes the session.
        """
        answer = self.open(**opened)
        got = [answer]
        while answer.commands:
            assert len(got) < _MAX_MESSAGES, "no end"
            answer = self.reply(answer, answering)
            got.append(answer)
        assert got[-1].is_final
        return got


def succeed(command: ET.Element, ref: str, ids: Iterator[int]) -> str:
    """200, and Results for every Get, nested ones too."""
    return answer_with({})(command, ref, ids)


def answer_with(codes: dict[str, str], values: dict[str, str] | None = None) -> Answering:
    """Codes by LocURI (or by the command's name), 200 for the rest; values by LocURI."""
    told = values or {}

    def answering(command: ET.Element, ref: str, ids: Iterator[int]) -> str:
        name, number = t.local(command), t.text(command, "CmdID")
        targets = t.uris(command)
        code = next((codes[uri] for uri in targets if uri in codes), codes.get(name, "200"))
        body = t.status(str(next(ids)), ref, number, name, code)
        if name in {"Atomic", "Sequence"}:
            children = [e for e in command if t.local(e) not in {"CmdID", "Meta", "NoResp"}]
            return body + "".join(answering(child, ref, ids) for child in children)
        if name == "Get" and code == "200":
            for uri in targets:
                value = told.get(uri, f"value of {uri}")
                body += t.results(str(next(ids)), ref, number, uri, value)
        return body

    return answering


def sent_commands(log: list[Message], name: str, uri: str) -> int:
    """How often the server sent that command."""
    return sum(1 for one in log if one.find(name, uri) is not None)
