"""A device in DM sessions: its account as the document gave it, and what it reads in answers."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from xml.etree import ElementTree as ET

from mdmcore.server import MdmServer
from mdmcore.server.settings import DM_PATH
from tests.support import messages as m
from tests.support.server import post_soap, post_syncml

NS = {"s": "SYNCML:SYNCML1.2", "m": "syncml:metinf"}


class Enrolled:
    """A phone's view of its account, read from the provisioning document by the stdlib parser."""

    def __init__(self, server: MdmServer, csr: bytes, **request: Any) -> None:
        body = m.request_security_token(csr, **request)
        answer = post_soap(server, "/EnrollmentServer/Enrollment.svc", body)
        assert answer.status == 200, answer.body
        token = ET.fromstring(answer.body or b"").find(".//{*}BinarySecurityToken")
        assert token is not None
        document = ET.fromstring(base64.b64decode(token.text or ""))
        self.document = document
        self.account: dict[str, dict[str, str]] = {}
        for auth in document.iterfind(".//characteristic[@type='APPAUTH']"):
            parms = {p.get("name", ""): p.get("value", "") for p in auth}
            self.account[parms["AAUTHLEVEL"]] = parms
        provider = document.find(".//parm[@name='PROVIDER-ID']")
        assert provider is not None
        self.provider_id = provider.get("value", "")
        self.name = self.account["APPSRV"]["AAUTHNAME"]
        self.secret = self.account["APPSRV"]["AAUTHSECRET"]
        self.nonce = base64.b64decode(self.account["APPSRV"]["AAUTHDATA"])
        self.server_nonce = base64.b64decode(self.account["CLIENT"]["AAUTHDATA"])

    def cred(self, nonce: bytes | None = None) -> str:
        return m.md5_cred(self.name, self.secret, self.nonce if nonce is None else nonce)

    def server_digest(self, nonce: bytes) -> str:
        secret = self.account["CLIENT"]["AAUTHSECRET"]
        inner = base64.b64encode(hashlib.md5(f"{self.provider_id}:{secret}".encode()).digest())
        return base64.b64encode(hashlib.md5(inner + b":" + nonce).digest()).decode()


def send(server: MdmServer, body: bytes) -> ET.Element:
    answer = post_syncml(server, DM_PATH, body)
    assert answer.status == 200, answer.body
    assert answer.headers.get("Content-Type") == "application/vnd.syncml.dm+xml"
    assert answer.headers.get("Content-Length") == str(len(answer.body or b""))
    return ET.fromstring(answer.body or b"")


def statuses(answer: ET.Element) -> list[tuple[str, str, str, str]]:
    """(MsgRef, CmdRef, Cmd, Data) of each Status in order."""
    return [
        (
            status.findtext("s:MsgRef", "", NS),
            status.findtext("s:CmdRef", "", NS),
            status.findtext("s:Cmd", "", NS),
            status.findtext("s:Data", "", NS),
        )
        for status in answer.iterfind(".//s:Status", NS)
    ]


def next_nonce(answer: ET.Element) -> bytes:
    return base64.b64decode(answer.findtext(".//m:NextNonce", "", NS))


def gets(answer: ET.Element) -> dict[str, str]:
    """CmdID of each Get by its URI."""
    return {
        get.findtext("s:Item/s:Target/s:LocURI", "", NS): get.findtext("s:CmdID", "", NS)
        for get in answer.iterfind(".//s:Get", NS)
    }


def answer_gets(answer: ET.Element, msg_id: str, chal: str, code: str = "212") -> str:
    """The device's package 3: a verdict on the server's Cred, a Status and Results for each Get."""
    server_msg = answer.findtext("s:SyncHdr/s:MsgID", "", NS)
    parts = [m.status("1", server_msg, "0", "SyncHdr", code, chal)]
    for number, (uri, cmd_id) in enumerate(gets(answer).items(), start=2):
        parts.append(m.status(str(number), server_msg, cmd_id, "Get", "200"))
        parts.append(
            f"<Results><CmdID>{number + 100}</CmdID><MsgRef>{server_msg}</MsgRef>"
            f"<CmdRef>{cmd_id}</CmdRef><Item><Source><LocURI>{uri}</LocURI></Source>"
            f"<Data>value of {uri}</Data></Item></Results>"
        )
    return "".join(parts)
