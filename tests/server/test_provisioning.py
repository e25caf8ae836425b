"""The document that each generation of devices is given at its enrolment, through the server."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from mdmcore.enrollment.provisioning import Parm, parse_provisioning
from mdmcore.enrollment.provisioning_extra import parse_extra
from mdmcore.enrollment.provisioning_model import (
    ApplicationParms,
    Poll,
    Provisioning,
    Renew,
    Schedule,
)
from mdmcore.enrollment.provisioning_reading import provisioning_of
from mdmcore.errors import AlreadyRecorded, ConfigError, MdmError
from mdmcore.pki.authority import certificate_pem
from mdmcore.pki.authority_chain import load_authority_chain
from mdmcore.pki.certificate import parse_certificate
from mdmcore.pki.criteria import criteria_match
from mdmcore.pki.subject import parse_subject_template
from mdmcore.records import Account, AuthScheme, IssuedCertificate
from mdmcore.server import MdmServer
from mdmcore.server.provisioning import check_documents, check_name_template
from mdmcore.server.settings import ProvisioningSettings, ServerSettings
from tests.enrollment.oracles import check_provisioning
from tests.server.conftest import ServerFactory
from tests.support.authorities import chain_pem
from tests.support.generations import GENERATIONS, HUB, rst
from tests.support.openssl import openssl
from tests.support.requirements import shared_file
from tests.support.server import NOW, make_server, post_soap

ENROLLMENT = "/EnrollmentServer/Enrollment.svc"


def enroll(server: MdmServer, generation: str = "wp8", **more: str) -> tuple[bytes, Provisioning]:
    """The document as bytes and as values."""
    answer = post_soap(server, ENROLLMENT, rst(*GENERATIONS[generation], **more))
    assert answer.status == 200, answer.body
    token = ET.fromstring(answer.body or b"").find(".//{*}BinarySecurityToken")
    assert token is not None
    data = base64.b64decode(token.text or "")
    return data, provisioning_of(parse_provisioning(data))


def reason(server: MdmServer, body: bytes) -> tuple[str, str]:
    answer = post_soap(server, ENROLLMENT, body)
    root = ET.fromstring(answer.body or b"")
    assert answer.status == 500
    subcode = root.findtext(".//{*}Subcode/{*}Value") or ""
    return subcode.rpartition(":")[2], root.findtext(".//{*}Text") or ""


@pytest.mark.parametrize("generation", GENERATIONS)
def test_each_generation_gets_a_valid_document_of_its_form(
    server_factory: ServerFactory, generation: str
) -> None:
    data, found = enroll(server_factory(hub=HUB), generation)
    check_provisioning(data)
    is_phone, by_registry = generation in {"wp8", "wp81"}, generation in {"wp8", "win81"}
    assert (found.app_management is not None) is is_phone
    assert (found.registry is not None) is by_registry
    assert found.dm_client is not None
    assert (found.dm_client.poll is not None) is not by_registry
    assert (found.certificates.renew is not None) is (generation != "wp8")
    assert found.application.parms.role == (None if is_phone else 4294967295)
    assert found.dm_client.upn == ("anna@example.test" if generation == "win10" else "")
    expected = f"anna@example.test_{GENERATIONS[generation][0]}"
    assert found.dm_client.ent_device_name == expected
    assert found.dm_client.ent_dmid == found.application.device_credential.name


def test_a_windows_81_pc_is_told_the_keys_of_pcs(server_factory: ServerFactory) -> None:
    data, _ = enroll(server_factory(), "win81")
    tree = ET.fromstring(data)
    keys = [each.get("type") for each in tree.findall("characteristic[@type='Registry']/*")]
    assert keys == [
        r"HKLM\Security\MachineEnrollment",
        r"HKLM\Security\MachineEnrollment\OmaDmRetry",
    ]
    container = tree.find(".//characteristic[@type='PrivateKeyContainer']")
    assert container is not None
    assert [parm.get("name") for parm in container] == ["KeySpec", "ContainerName", "ProviderType"]


@pytest.mark.parametrize(("kind", "scope"), [("Device", "System"), ("Full", "User"), ("", "User")])
def test_a_device_enrolment_is_bound_in_the_machines_store(
    server: MdmServer, kind: str, scope: str
) -> None:
    _, found = enroll(server, "win10", EnrollmentType=kind)
    assert str(found.certificates.client_store) == f"My/{scope}"


def test_names_can_be_those_of_the_device(server_factory: ServerFactory) -> None:
    chosen = ProvisioningSettings(device_name="{device_name} of {username}", upn="{device_name}")
    _, found = enroll(server_factory(provisioning=chosen), "win10", DeviceName="DESKTOP-1")
    assert found.dm_client is not None
    assert found.dm_client.ent_device_name == "DESKTOP-1 of anna@example.test"
    assert found.dm_client.upn == ""  # no @ in it: no user principal name


def test_settings_stand_in_the_document(server_factory: ServerFactory) -> None:
    extra = parse_extra('<characteristic type="Vendor"><parm name="a" value="b"/></characteristic>')
    retries = Schedule(first_retries=3, first_interval=5, remaining_interval=600)
    poll = Poll(schedule=Schedule(first_retries=4, remaining_interval=2000), poll_on_login=False)
    chosen = ProvisioningSettings(
        application=ApplicationParms(conn_retry_freq=9, proto_ver="1.2"),
        retries=retries,
        poll=poll,
        renewal=Renew(robo_support=False, renew_period=30, retry_interval=3),
        management_server_address_list=("https://b.example.test/x",),
        dm_client_parms=(Parm(name="HelpWebsite", value="x", datatype="string"),),
        extra=extra,
    )
    server = server_factory(
        provisioning=chosen,
        provider_id="Ours",
        server_name="Our Corp",
        appsrv_scheme=AuthScheme.BASIC,
    )
    _, phone = enroll(server, "wp8")
    assert phone.registry is not None
    assert (phone.registry.retries, phone.registry.renewal_period) == (retries, 30)
    assert (phone.application.provider_id, phone.application.name) == ("Ours", "Our Corp")
    assert phone.application.device_credential.scheme is AuthScheme.BASIC
    parms = phone.application.parms
    assert (parms.conn_retry_freq, parms.proto_ver) == (9, "1.2")
    assert phone.extra == extra
    _, pc = enroll(server, "win10")
    assert pc.dm_client is not None
    assert pc.dm_client.poll == poll
    assert pc.dm_client.management_server_address_list == ("https://b.example.test/x",)
    assert [parm.name for parm in pc.dm_client.parms] == ["HelpWebsite"]
    # Windows 10 renews in silence, whatever it is told.
    assert pc.certificates.renew == Renew(robo_support=True, renew_period=30, retry_interval=3)
    _, wp81 = enroll(server, "wp81")
    assert wp81.certificates.renew == Renew(robo_support=False, renew_period=30, retry_interval=3)


def test_a_hub_is_told_with_its_label_and_crl_check(server_factory: ServerFactory) -> None:
    _, found = enroll(server_factory(hub=HUB), "wp81")
    assert found.app_management is not None
    assert (found.app_management.store_name, found.app_management.crl_check) == ("Our Hub", "1")


def test_both_criteria_name_the_subject_of_the_issued_certificate(
    server_factory: ServerFactory,
) -> None:
    template = 'CN={guid},OU="Phones, blue",O={device_type}'
    server = server_factory(subject=parse_subject_template(template), hub=HUB)
    _, found = enroll(server)
    subject = parse_certificate(found.certificates.client).subject
    assert [attribute.type_name for attribute in subject.attributes] == ["PrintableString"] * 3
    assert found.app_management is not None
    for criteria in (
        found.application.criteria,
        found.app_management.certificate_search_criteria or "",
    ):
        assert criteria_match(criteria, subject)
    assert "OU%3D%22Phones%2C%20blue%22%2C%20O%3DWindowsPhone" in found.application.criteria


def test_a_user_who_cannot_be_in_the_subject_is_refused_in_words(
    server_factory: ServerFactory,
) -> None:
    template = parse_subject_template("CN={guid},OU={username}")
    subcode, why = reason(server_factory(subject=template), rst(*GENERATIONS["wp8"]))
    assert subcode == "CertificateRequest"
    assert "OU='anna@example.test' cannot be a PrintableString: it has '@'" in why
    body = rst(*GENERATIONS["wp8"], user="anna")
    assert post_soap(server_factory(subject=template), ENROLLMENT, body).status == 200


def test_the_intermediate_goes_along_and_openssl_trusts_the_chain(tmp_path: Path) -> None:
    authority = load_authority_chain((chain_pem(),), password=None, now=NOW)
    server, store = make_server(tmp_path, authority=authority)
    with closing(store):
        data, found = enroll(server)
    check_provisioning(data)
    certificates = found.certificates
    assert (certificates.root, certificates.intermediate) == (
        authority.root,
        authority.certificate,
    )
    assert str(certificates.intermediate_store) == "CA/System"
    files = {"root": certificates.root, "ca": certificates.intermediate, "my": certificates.client}
    for name, der in files.items():
        assert der is not None
        (tmp_path / name).write_bytes(certificate_pem(der))
    when = str(int(NOW.timestamp()))
    done = openssl(
        *("verify", "-x509_strict", "-purpose", "sslclient", "-attime", when),
        *("-CAfile", str(tmp_path / "root"), "-untrusted", str(tmp_path / "ca")),
        str(tmp_path / "my"),
    )
    assert done.stdout.endswith(b"my: OK\n"), done.stderr


@contextmanager
def clashing_store(folder: Path, clashes: int) -> Iterator[tuple[MdmServer, list[int]]]:
    """A server whose store has the first serials already."""
    serials: list[int] = []
    server, store = make_server(folder)
    take = store.enroll

    def enroll_once(account: Account, certificate: IssuedCertificate, **others: Any) -> bool:
        serials.append(certificate.serial)
        if len(serials) <= clashes:
            raise AlreadyRecorded("the serial number is taken")
        return take(account, certificate, **others)

    store.enroll = enroll_once  # type: ignore[method-assign]
    with closing(store):
        yield server, serials


def test_a_serial_that_is_taken_is_drawn_anew(tmp_path: Path) -> None:
    with clashing_store(tmp_path, clashes=2) as (server, serials):
        _, found = enroll(server)
    assert len(set(serials)) == 3
    assert parse_certificate(found.certificates.client).serial == serials[-1]


def test_the_real_request_of_a_lumia_gets_the_document_of_windows_phone_81(
    server: MdmServer,
) -> None:
    body = shared_file("captures", "wp81-lumia", "lumia630_wstep_rst.xml").read_bytes()
    answer = post_soap(server, ENROLLMENT, body)
    token = ET.fromstring(answer.body or b"").find(".//{*}BinarySecurityToken")
    assert token is not None
    data = base64.b64decode(token.text or "")
    check_provisioning(data)
    found = provisioning_of(parse_provisioning(data))
    assert found.registry is None
    assert found.certificates.renew is not None


def test_settings_that_cannot_be_written_are_known_before_a_device_comes() -> None:
    base = {"domains": ("example.test",)}
    check_documents(ServerSettings(**base))  # type: ignore[arg-type]
    for changes in (
        {"server_name": "a\x01"},
        {"provisioning": ProvisioningSettings(renewal=Renew(renew_period=0))},
        {"provisioning": ProvisioningSettings(poll=Poll(schedule=Schedule(first_retries=0)))},
    ):
        with pytest.raises(MdmError):
            check_documents(ServerSettings(**(base | changes)))


def test_placeholders_of_names() -> None:
    check_name_template("{guid} {username} {device_type} {device_name}")
    with pytest.raises(ConfigError, match=r"no placeholder \{imei\}; there is: \{guid\}"):
        check_name_template("{imei}")
