"""Discovery as a device meets it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest

from mdmcore.http import Response
from mdmcore.server import MdmServer
from mdmcore.store import Database
from tests.enrollment.oracles import check_soap
from tests.server.conftest import ServerFactory
from tests.server.soap_answers import DISCOVERY, ENROLLMENT, POLICY, text
from tests.support import messages as m
from tests.support.certification_requests import build_request
from tests.support.server import post_soap


def test_discovery_names_one_host_for_both_services(server: MdmServer) -> None:
    answer = post_soap(server, DISCOVERY, m.discover(), host=m.ENTERPRISE)
    assert answer.status == 200
    assert answer.headers.get("Content-Type") == "application/soap+xml; charset=utf-8"
    assert answer.headers.get("Content-Length") == str(len(answer.body or b""))
    assert text(answer, "AuthPolicy") == "OnPremise"
    assert text(answer, "RelatesTo") == m.MESSAGE_ID
    assert text(answer, "EnrollmentPolicyServiceUrl") == f"https://mdm.example.test{POLICY}"
    assert text(answer, "EnrollmentServiceUrl") == f"https://mdm.example.test{ENROLLMENT}"


VERSIONS = [f"{major}.0" for major in range(1, 10)]


@pytest.mark.parametrize("device_type", ["WindowsPhone", "CIMClient_Windows", ""])
@pytest.mark.parametrize(
    "version", ["", *VERSIONS, "99.0", "9", "-1", "nonsense", "1.0.0", " 2.0 ", "9" * 999]
)
def test_no_request_version_is_refused(server: MdmServer, version: str, device_type: str) -> None:
    body = m.discover(version=version, device_type=device_type)
    answer = post_soap(server, DISCOVERY, body)
    assert answer.status == 200
    check_soap(answer.body or b"")


def test_a_discover_that_tells_less_is_served(server: MdmServer) -> None:
    for old in (b"<RequestVersion>1.0</RequestVersion>", b"<DeviceType>WindowsPhone</DeviceType>"):
        body = m.discover().replace(old, b"")
        assert post_soap(server, DISCOVERY, body).status == 200


# --- hosts ----------------------------------------------------------------------------------


def urls(answer: Response) -> set[str]:
    """The hosts of all services named in the answer."""
    root = ET.fromstring(answer.body or b"")
    found = [e.text or "" for e in root.iter() if e.tag.endswith("ServiceUrl")]
    assert len(found) >= 2
    return {urlsplit(url).netloc for url in found}


@pytest.mark.parametrize("host", ["example.test", "mdm.example.test", m.ENTERPRISE])
@pytest.mark.parametrize("policy", ["OnPremise", "Federated"])
def test_without_client_tls_all_is_on_one_host(
    server_factory: ServerFactory, host: str, policy: str
) -> None:
    server = server_factory(auth_policies=(policy,))
    body = m.discover(version="2.0")
    assert urls(post_soap(server, DISCOVERY, body, host=host)) == {"mdm.example.test"}
    assert server.settings.renewal_server_url("example.test") is None
    assert not server.asks_client_certificate(host)


@pytest.mark.parametrize(
    ("host", "services"),
    [
        ("example.test", m.ENTERPRISE),
        (m.ENTERPRISE, m.ENTERPRISE),
        ("EnterpriseEnrollment.Example.TEST", m.ENTERPRISE),
        ("mdm.example.test", "mdm.example.test"),
        ("MDM.example.TEST", "mdm.example.test"),
    ],
)
@pytest.mark.parametrize("policy", ["OnPremise", "Federated"])
def test_with_client_tls_the_first_enrolment_is_where_nobody_asks_for_a_certificate(
    server_factory: ServerFactory, host: str, services: str, policy: str
) -> None:
    server = server_factory(client_tls=True, auth_policies=(policy,))
    body = m.discover(version="2.0")
    assert urls(post_soap(server, DISCOVERY, body, host=host)) == {services}
    assert server.asks_client_certificate(host) == (services == "mdm.example.test")


def test_a_renewal_by_discovery_ends_where_the_certificate_is_asked_for(
    server_factory: ServerFactory,
) -> None:
    server = server_factory(client_tls=True)
    url = server.settings.renewal_server_url("example.test")
    assert url == "https://mdm.example.test/EnrollmentServer/Discovery.svc"
    parts = urlsplit(url)
    answer = post_soap(server, parts.path, m.discover(), host=parts.netloc)
    assert server.asks_client_certificate(urls(answer).pop())
    assert not server.asks_client_certificate("mdm.elsewhere.test")


# --- users ----------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["EXAMPLE\\demo", "EXAMPLE\\\\demo", "example\\DEMO"])
def test_what_was_discovered_for_domain_and_user_counts_at_enrolment(
    server: MdmServer, tmp_path: Path, typed: str
) -> None:
    body = m.discover(email=typed, version="2.0")
    assert post_soap(server, DISCOVERY, body).status == 200
    request = m.request_security_token(build_request(), "EXAMPLE\\demo", context=())
    assert post_soap(server, ENROLLMENT, request).status == 200
    with closing(Database(tmp_path / "state.sqlite3")) as store:
        (account,) = store.unbound_accounts(2)
    assert (account.request_version, account.profile) == ("2.0", "wp81")
