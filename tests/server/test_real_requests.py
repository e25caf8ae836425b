"""What real devices sent, posted as it stands to our own URLs. Nothing is rewritten."""

from __future__ import annotations

import base64
from xml.etree import ElementTree as ET

import pytest

from mdmcore.namespaces import DISCOVERY_PATH
from mdmcore.records import AuthScheme
from mdmcore.server import ConfiguredAccount, MdmServer
from mdmcore.server.settings import DM_PATH, ENROLLMENT_PATH, POLICY_PATH
from tests.server.conftest import ServerFactory
from tests.support.requirements import shared_file
from tests.support.server import post_soap, post_syncml
from tests.support.win10_log import request_bodies

NS = {"s": "SYNCML:SYNCML1.2", "m": "syncml:metinf"}


@pytest.mark.parametrize(
    ("name", "path", "answer_element"),
    [
        ("discover", DISCOVERY_PATH, "DiscoverResult"),
        ("policies", POLICY_PATH, "policySchema"),
        ("enrollment", ENROLLMENT_PATH, "RequestedSecurityToken"),
    ],
)
def test_the_windows_10_enrolment_succeeds(
    server: MdmServer, name: str, path: str, answer_element: str
) -> None:
    answer = post_soap(server, path, request_bodies()[name])
    assert answer.status == 200, answer.body
    assert ET.fromstring(answer.body or b"").find(f".//{{*}}{answer_element}") is not None


def test_the_lumias_request_gets_a_document(server: MdmServer) -> None:
    body = shared_file("captures", "wp81-lumia", "lumia630_wstep_rst.xml").read_bytes()
    answer = post_soap(server, ENROLLMENT_PATH, body)
    assert answer.status == 200, answer.body
    token = ET.fromstring(answer.body or b"").findtext(".//{*}BinarySecurityToken", "")
    assert ET.fromstring(base64.b64decode(token)).tag == "wap-provisioningdoc"


def test_the_lumias_session_starts_with_212(server_factory: ServerFactory) -> None:
    account = ConfiguredAccount(name="dummy", secret="dummy", scheme=AuthScheme.BASIC)
    server = server_factory(accounts=(account,))
    body = shared_file("captures", "wp81-lumia", "lumia630_syncml_pkg1.xml").read_bytes()
    answer = ET.fromstring(post_syncml(server, DM_PATH, body).body or b"")
    assert [s.text for s in answer.iterfind(".//s:Status/s:Data", NS)] == ["212", "200", "200"]


def test_the_windows_10_session_without_credentials_is_challenged(server: MdmServer) -> None:
    answer = post_syncml(
        server, f"{DM_PATH}?mode=Maintenance&Platform=WoA", request_bodies()["syncml-1"]
    )
    assert answer.status == 200
    root = ET.fromstring(answer.body or b"")
    found = [
        (s.findtext("s:CmdRef", "", NS), s.findtext("s:Cmd", "", NS), s.findtext("s:Data", "", NS))
        for s in root.iterfind(".//s:Status", NS)
    ]
    assert found == [
        ("0", "SyncHdr", "407"),
        ("2", "Alert", "407"),
        ("3", "Alert", "407"),
        ("4", "Replace", "407"),
    ]
    nonce = root.findtext(".//s:Chal/s:Meta/m:NextNonce", "", NS)
    assert len(base64.b64decode(nonce, validate=True)) == 16
