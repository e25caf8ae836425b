"""Renewals as raw messages: what gets a certificate, and that it happens once.

The document is read by the stdlib's parser, certificates are judged by openssl.
"""

from __future__ import annotations

import base64
import hashlib
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from mdmcore.namespaces import VALUE_TYPES_PKCS7
from mdmcore.pki.authority import certificate_pem
from mdmcore.server import MdmServer
from mdmcore.store import Database
from tests.enrollment.oracles import check_soap
from tests.server.conftest import ServerFactory
from tests.server.renewals import ALWAYS_OPEN, Device, enroll, renew
from tests.server.soap_answers import client_certificate, document, fault
from tests.support import messages as m
from tests.support.keys import key_path
from tests.support.openssl import openssl_output
from tests.support.server import NOW, make_authority

BLANK = m.timestamp(m.username_token("demo@example.test", ""))
MANUAL = m.security("demo@example.test", "pw")


@pytest.fixture
def server(server_factory: ServerFactory) -> MdmServer:
    return server_factory(**ALWAYS_OPEN)


@pytest.fixture
def device(server: MdmServer) -> Device:
    return enroll(server)


def certificates(folder: Path) -> int:
    with closing(Database(folder / "state.sqlite3")) as store:
        return len(store.certificates())


@pytest.mark.parametrize("header", ["", m.timestamp(), BLANK, MANUAL], ids=len)
@pytest.mark.parametrize("value_type", VALUE_TYPES_PKCS7)
@pytest.mark.parametrize("layers", [1, 2])
def test_every_form_of_a_renewal_gets_a_certificate(
    server: MdmServer, device: Device, header: str, value_type: str, layers: int
) -> None:
    answer = renew(server, device.pkcs7(), header, value_type=value_type, layers=layers)
    assert client_certificate(document(answer)) != device.certificate


@pytest.mark.parametrize("request_type", ["Renew", "Issue"])
@pytest.mark.parametrize("digest", ["sha1", "sha256"])
def test_the_token_alone_tells_a_renewal_and_sha_1_will_do(
    server: MdmServer, device: Device, request_type: str, digest: str
) -> None:
    pkcs7 = device.pkcs7(digest=digest)
    assert document(renew(server, pkcs7, request_type=request_type)) is not None


def test_the_certificate_is_the_new_keys_with_the_old_subject(
    server: MdmServer, device: Device, tmp_path: Path
) -> None:
    new = client_certificate(document(renew(server, device.pkcs7())))
    (tmp_path / "ca.pem").write_bytes(certificate_pem(make_authority().certificate))
    (tmp_path / "new.pem").write_bytes(certificate_pem(new))
    verified = openssl_output(
        *("verify", "-attime", str(int(NOW.timestamp())), "-purpose", "sslclient"),
        *("-CAfile", str(tmp_path / "ca.pem"), str(tmp_path / "new.pem")),
    )
    assert b"OK" in verified

    def shown(der: bytes, *what: str) -> bytes:
        return openssl_output("x509", "-inform", "DER", "-noout", *what, data=der)

    subject = ("-subject", "-nameopt", "RFC2253,show_type")
    assert shown(new, *subject) == shown(device.certificate, *subject)
    assert shown(new, "-serial") != shown(device.certificate, "-serial")
    key = openssl_output("pkey", "-in", str(key_path("device2")), "-pubout")
    assert shown(new, "-pubkey") == key


def test_the_document_holds_the_certificate_and_the_account_and_no_more(
    server: MdmServer, device: Device
) -> None:
    doc = document(renew(server, device.pkcs7()))
    stores, application = doc.findall("characteristic")
    assert (stores.get("type"), application.get("type")) == ("CertificateStore", "APPLICATION")
    (my,) = stores.findall("characteristic")
    (user,) = my.findall("characteristic")
    (held,) = user.findall("characteristic")
    assert (my.get("type"), user.get("type")) == ("My", "User")
    der = client_certificate(doc)
    assert held.get("type") == hashlib.sha1(der).hexdigest().upper()
    assert [branch.get("type") for branch in held.iter("characteristic")][1:] == [
        "PrivateKeyContainer"
    ]
    assert [(parm.get("name"), parm.get("value")) for parm in application.iter("parm")] == [
        ("PROVIDER-ID", "MDMProxy")
    ]
    assert list(application.iter("characteristic")) == [application]


def test_the_answer_is_an_rstrc_that_relates_to_the_request(
    server: MdmServer, device: Device
) -> None:
    answer = renew(server, device.pkcs7())
    check_soap(answer.body or b"")
    root = ET.fromstring(answer.body or b"")
    assert root.tag == "{http://www.w3.org/2003/05/soap-envelope}Envelope"
    assert root.findtext(".//{*}RelatesTo") == m.MESSAGE_ID
    action = "http://schemas.microsoft.com/windows/pki/2009/01/enrollment/RSTRC/wstep"
    assert root.findtext(".//{*}Action") == action
    assert answer.headers.get("Content-Length") == str(len(answer.body or b""))


def test_a_pc_is_told_its_key_container(server: MdmServer) -> None:
    context = (("DeviceType", "CIMClient_Windows"), ("ApplicationVersion", "6.3.9600.0"))
    device = enroll(server, context=context)
    doc = document(renew(server, device.pkcs7(), context=context))
    parms = doc.findall(".//characteristic[@type='PrivateKeyContainer']/parm")
    assert {parm.get("name"): parm.get("value") for parm in parms} == {
        "KeySpec": "2",
        "ContainerName": "ConfigMgrEnrollment",
        "ProviderType": "1",
    }


def test_a_new_ca_certificate_for_the_same_key_comes_along(
    server_factory: ServerFactory, tmp_path: Path
) -> None:
    device = enroll(server_factory(**ALWAYS_OPEN))
    again = make_authority(serial=2)
    server = server_factory(authority=again, seed="new CA", **ALWAYS_OPEN)
    doc = document(renew(server, device.pkcs7()))
    root = doc.find(".//characteristic[@type='Root']/characteristic[@type='System']")
    assert root is not None
    (parm,) = root.iter("parm")
    assert base64.b64decode(parm.get("value", "")) == again.certificate
    thumbprint = hashlib.sha1(again.certificate).hexdigest().upper()
    assert [branch.get("type") for branch in root.iter("characteristic")][1:] == [thumbprint]
    renewed = device.with_certificate(renew(server, device.pkcs7("enterprise")), "enterprise")
    assert document(renew(server, renewed.pkcs7("authority"))).find(".//*[@type='Root']") is None


def test_certificate_after_certificate(server: MdmServer, device: Device, tmp_path: Path) -> None:
    second = device.with_certificate(renew(server, device.pkcs7("device2")), "device2")
    third = second.with_certificate(renew(server, second.pkcs7("enterprise")), "enterprise")
    assert fault(renew(server, device.pkcs7("authority")))[1] == "Authorization"
    assert document(renew(server, third.pkcs7("authority"))) is not None
    assert certificates(tmp_path) == 4


def test_after_a_lost_answer_the_old_certificate_renews_again(
    server: MdmServer, device: Device
) -> None:
    lost = device.with_certificate(renew(server, device.pkcs7("device2")), "device2")
    after = device.with_certificate(renew(server, device.pkcs7("enterprise")), "enterprise")
    assert "taken the place" in fault(renew(server, lost.pkcs7("authority")))[2]
    assert document(renew(server, after.pkcs7("authority"))) is not None


def test_a_renewal_goes_on_after_a_restart(server_factory: ServerFactory) -> None:
    device = enroll(server_factory(**ALWAYS_OPEN))
    restarted = server_factory(seed="again", **ALWAYS_OPEN)
    renewed = device.with_certificate(renew(restarted, device.pkcs7()))
    third = server_factory(seed="third", **ALWAYS_OPEN)
    assert document(renew(third, renewed.pkcs7("enterprise"))) is not None
