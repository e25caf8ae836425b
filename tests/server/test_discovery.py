"""Discovery as a device meets it."""

from __future__ import annotations

import pytest

from mdmcore.server import MdmServer
from tests.server.soap_answers import DISCOVERY, ENROLLMENT, POLICY, text
from tests.support import messages as m
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


@pytest.mark.parametrize("version", ["", "1.0", "4.0", "9.0", "99.0"])
def test_every_request_version_is_served(server: MdmServer, version: str) -> None:
    assert post_soap(server, DISCOVERY, m.discover(version=version)).status == 200
