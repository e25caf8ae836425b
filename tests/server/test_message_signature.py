"""Signed DM messages as the server judges them; the signatures are made by openssl."""

from __future__ import annotations

import base64
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from mdmcore.http import Headers, Request, Response
from mdmcore.pki.authority import certificate_pem
from mdmcore.pki.renewal import build_renewal_request
from mdmcore.records import AuthScheme
from mdmcore.server import ConfiguredAccount, MdmServer
from mdmcore.server.settings import DM_PATH
from tests.server.conftest import ServerFactory
from tests.server.dm_device import NS, Enrolled, answer_gets, gets, statuses
from tests.server.renewals import ALWAYS_OPEN, WINDOWS_10, renew
from tests.server.soap_answers import client_certificate, document
from tests.support import messages as m
from tests.support.certificates import build_authority, forge_certificate
from tests.support.certification_requests import build_request
from tests.support.keys import key_path, load_key, spki
from tests.support.openssl import openssl_output
from tests.support.server import FixedClock

SIGNED = {"require_message_signing": True, **ALWAYS_OPEN}


class Signing:
    """A PC that has enrolled, and what it posts to the DM address."""

    def __init__(self, server: MdmServer, folder: Path, **request: Any) -> None:
        request.setdefault("context", WINDOWS_10)
        self.server, self.folder, self.key = server, folder, "device"
        self.account = Enrolled(server, build_request(), **request)
        self.certificate = client_certificate(self.account.document)

    def sign(self, body: bytes, *, key: str = "", certificate: bytes = b"") -> str:
        pem = self.folder / "signer.pem"
        pem.write_bytes(certificate_pem(certificate or self.certificate))
        der = openssl_output(
            *("cms", "-sign", "-binary", "-outform", "DER", "-signer", str(pem)),
            *("-inkey", str(key_path(key or self.key)), "-md", "sha256"),
            data=body,
        )
        return base64.b64encode(der).decode()

    def post(self, body: bytes, signature: str | None = None, name: str = "MS-Signature") -> Answer:
        headers = [("Content-Type", "application/vnd.syncml.dm+xml")]
        if signature is not None:
            headers.append((name, signature))
        url = f"https://mdm.example.test{DM_PATH}"
        return Answer(
            self.server.answer(Request(method="POST", url=url, headers=Headers(headers), body=body))
        )

    def package_1(self, session: str = "1A", msg_id: str = "1", cred: str | None = None) -> bytes:
        account = self.account
        return m.syncml(
            m.PACKAGE_1,
            cred=account.cred() if cred is None else cred,
            loc_name=account.name,
            session_id=session,
            msg_id=msg_id,
        )


class Answer:
    """What came back, read by the stdlib's parser."""

    def __init__(self, response: Response) -> None:
        assert response.status == 200, response.body
        self.body = response.body or b""
        self.root = ET.fromstring(self.body)

    @property
    def codes(self) -> list[str]:
        """The code of each Status, that for SyncHdr first."""
        return [code for *_, code in statuses(self.root)]

    @property
    def shape(self) -> list[str]:
        return [element.tag for element in self.root.iter()]


@pytest.fixture
def server(server_factory: ServerFactory, clock: FixedClock) -> MdmServer:
    return server_factory(clock=clock, **SIGNED)


@pytest.fixture
def device(server: MdmServer, tmp_path: Path) -> Signing:
    return Signing(server, tmp_path)


def test_a_signed_session_runs_to_its_end(device: Signing) -> None:
    body = device.package_1()
    first = device.post(body, device.sign(body))
    assert first.codes == ["212", "200", "200"]
    assert gets(first.root)
    body = m.syncml(answer_gets(first.root, "2", m.chal(b"nonce-from-device")), msg_id="2")
    assert device.post(body, device.sign(body)).codes == ["200"]


def test_the_header_may_have_its_other_name(device: Signing) -> None:
    body = device.package_1()
    assert device.post(body, device.sign(body), "MDM-Signature").codes[0] == "212"


def test_a_message_without_signature_is_refused_as_a_wrong_digest_is(
    server_factory: ServerFactory, tmp_path: Path
) -> None:
    strict = server_factory(**SIGNED)
    device = Signing(strict, tmp_path)
    unsigned = device.post(device.package_1())
    assert unsigned.codes == ["401", "401", "401"]
    wrong = device.post(
        device.package_1("1B", cred=m.md5_cred(device.account.name, "no", b"nonce"))
    )
    assert unsigned.shape == wrong.shape


def test_the_device_gets_in_when_it_then_signs(device: Signing) -> None:
    refused = device.post(device.package_1())
    nonce = base64.b64decode(refused.root.findtext(".//m:NextNonce", "", NS))
    body = device.package_1(msg_id="2", cred=device.account.cred(nonce))
    assert device.post(body, device.sign(body)).codes[0] == "212"


def test_the_second_refusal_ends_the_session(device: Signing) -> None:
    assert device.post(device.package_1()).root.find(".//s:Chal", NS) is not None
    last = device.post(device.package_1(msg_id="2"))
    assert last.codes[0] == "401"
    assert last.root.find(".//s:Chal", NS) is None


@pytest.mark.parametrize("require_message_signing", [True, False])
def test_a_signature_that_does_not_hold_is_refused(
    server_factory: ServerFactory, tmp_path: Path, require_message_signing: bool
) -> None:
    server = server_factory(require_message_signing=require_message_signing)
    device = Signing(server, tmp_path)
    other = forge_certificate(spki("device2"), authority=build_authority(), serial=77)
    for number, signature in enumerate(
        (
            device.sign(b"another body"),
            device.sign(device.package_1("0"), key="device2", certificate=other),
            "",
            "no base64!",
        )
    ):
        assert device.post(device.package_1(str(number)), signature).codes[0] == "401"


def test_another_devices_certificate_is_not_this_ones(server: MdmServer, tmp_path: Path) -> None:
    device = Signing(server, tmp_path)
    theirs = Enrolled(
        server, build_request(key="device2"), context=WINDOWS_10, user="else@example.test"
    )
    body = device.package_1()
    signature = device.sign(body, key="device2", certificate=client_certificate(theirs.document))
    assert device.post(body, signature).codes[0] == "401"


def test_each_message_of_a_session_is_looked_at(device: Signing) -> None:
    body = device.package_1()
    first = device.post(body, device.sign(body))
    body = m.syncml(answer_gets(first.root, "2", m.chal(b"nonce-from-device")), msg_id="2")
    refused = device.post(body)
    assert refused.codes[0] == "401"
    assert device.post(body, device.sign(body)).codes[0] == "200"


def test_the_answer_that_is_kept_is_not_for_forgers(device: Signing) -> None:
    body = device.package_1()
    signature = device.sign(body)
    first = device.post(body, signature)
    assert device.post(body, signature).body == first.body
    forged = device.post(body)
    assert forged.codes[0] == "401"
    assert not gets(forged.root)


def test_without_the_setting_a_message_need_not_be_signed(
    server_factory: ServerFactory, tmp_path: Path
) -> None:
    device = Signing(server_factory(), tmp_path)
    assert device.account.document.find(".//parm[@name='RequireMessageSigning']") is None
    assert device.post(device.package_1()).codes[0] == "212"
    body = device.package_1("1B")
    assert device.post(body, device.sign(body)).codes[0] == "212"


def test_the_document_tells_a_pc_to_sign_and_a_phone_not(
    server_factory: ServerFactory, tmp_path: Path
) -> None:
    server = server_factory(**SIGNED)
    found = Signing(server, tmp_path).account.document.find(
        ".//characteristic[@type='Provider']/characteristic/parm[@name='RequireMessageSigning']"
    )
    assert found is not None
    assert (found.get("value"), found.get("datatype")) == ("true", "boolean")
    phone = Signing(server, tmp_path, context=m.PHONE_CONTEXT, user="phone@example.test")
    assert phone.account.document.find(".//parm[@name='RequireMessageSigning']") is None
    assert phone.post(phone.package_1()).codes[0] == "212"


def test_both_certificates_sign_while_a_renewal_is_under_way(
    server: MdmServer, device: Signing
) -> None:
    pkcs7 = build_renewal_request(
        build_request(key="device2"), certificate=device.certificate, private_key=load_key("device")
    )
    new = client_certificate(document(renew(server, pkcs7)))
    for session, key, certificate in (("A", "device", device.certificate), ("B", "device2", new)):
        body = device.package_1(session)
        signature = device.sign(body, key=key, certificate=certificate)
        assert device.post(body, signature).codes[0] == "212", session


def test_an_expired_certificate_signs_nothing(
    server_factory: ServerFactory, tmp_path: Path, clock: FixedClock
) -> None:
    device = Signing(server_factory(clock=clock), tmp_path)
    clock.now += timedelta(days=366)
    body = device.package_1()
    assert device.post(body, device.sign(body)).codes[0] == "401"


def test_an_account_given_by_hand_is_not_asked(
    server_factory: ServerFactory, tmp_path: Path
) -> None:
    """Its device enrolled elsewhere: nobody here knows its certificate."""
    by_hand = ConfiguredAccount(name="dummy", secret="dummy", scheme=AuthScheme.BASIC)
    server = server_factory(require_message_signing=True, accounts=(by_hand,), profile="win10")
    device = Signing(server, tmp_path)
    body = m.syncml(m.PACKAGE_1, cred=m.basic_cred("dummy", "dummy"))
    assert device.post(body).codes[0] == "212"
