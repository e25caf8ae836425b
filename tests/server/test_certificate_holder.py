"""GetPolicies and the certificate on the connection: whom it stands for, and when no longer."""

from __future__ import annotations

import pytest

from mdmcore.http import Response, TlsFacts
from mdmcore.server import MdmServer
from mdmcore.server.certificate_holder import shown_certificate
from tests.server.conftest import ServerFactory
from tests.server.renewals import ALWAYS_OPEN, Device, enroll, renew
from tests.server.soap_answers import POLICY, fault
from tests.support import messages as m
from tests.support.certificates import forge_certificate
from tests.support.keys import spki
from tests.support.server import NOW, FixedClock, make_authority, post_soap

SILENT = m.get_policies(header="")


def policies(server: MdmServer, certificate: bytes | None = None, body: bytes = SILENT) -> Response:
    return post_soap(server, POLICY, body, client_certificate=certificate)


@pytest.fixture
def server(server_factory: ServerFactory, clock: FixedClock) -> MdmServer:
    return server_factory(clock=clock, **ALWAYS_OPEN)


@pytest.fixture
def device(server: MdmServer) -> Device:
    return enroll(server)


def test_an_enrolled_device_gets_policies_without_a_password(
    server: MdmServer, device: Device
) -> None:
    assert policies(server, device.certificate).status == 200
    blank = m.get_policies(header=m.timestamp(m.username_token("", "")))
    assert policies(server, device.certificate, blank).status == 200


def test_without_a_certificate_the_user_must_be_proven(server: MdmServer) -> None:
    assert fault(policies(server))[:2] == (500, "InvalidSecurity")


def test_a_password_that_is_given_must_be_right(server_factory: ServerFactory) -> None:
    server = server_factory(users=(("demo@example.test", "pw"),))
    device = enroll(server)
    wrong = policies(server, device.certificate, m.get_policies(password="no"))
    assert fault(wrong)[1] == "Authentication"


@pytest.mark.parametrize(
    "certificate",
    [
        b"",
        b"no certificate",
        forge_certificate(spki("device"), authority=make_authority(), now=NOW),
        make_authority().certificate,
    ],
    ids=["empty", "unreadable", "not issued here", "the CA's own"],
)
def test_any_other_certificate_is_as_good_as_none(
    server: MdmServer, device: Device, certificate: bytes
) -> None:
    assert fault(policies(server, certificate))[1] == "InvalidSecurity"


def test_an_expired_certificate_is_as_good_as_none(
    server: MdmServer, device: Device, clock: FixedClock
) -> None:
    clock.advance(days=365)
    assert policies(server, device.certificate).status == 200
    clock.advance(seconds=1)
    assert fault(policies(server, device.certificate))[1] == "InvalidSecurity"


def test_after_a_renewal_both_count_until_the_new_one_was_renewed(
    server: MdmServer, device: Device
) -> None:
    second = device.with_certificate(renew(server, device.pkcs7()))
    assert policies(server, device.certificate).status == 200
    assert policies(server, second.certificate).status == 200
    renew(server, second.pkcs7("enterprise"))
    assert fault(policies(server, device.certificate))[1] == "InvalidSecurity"
    assert policies(server, second.certificate).status == 200


def test_the_first_certificate_of_a_connection_is_the_devices() -> None:
    assert shown_certificate(TlsFacts(client_certificates=(b"leaf", b"ca"))) == b"leaf"
    assert shown_certificate(TlsFacts()) is None
    assert shown_certificate(None) is None
