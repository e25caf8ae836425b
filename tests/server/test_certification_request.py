"""Which CSRs get no certificate, and what the device is told."""

from __future__ import annotations

from mdmcore.server import MdmServer
from tests.server.conftest import ServerFactory
from tests.server.soap_answers import ENROLLMENT, fault
from tests.support import messages as m
from tests.support.server import post_soap


def test_a_truncated_csr_is_a_certificate_request_fault_with_its_place(
    server: MdmServer, lumia_csr: bytes
) -> None:
    answer = post_soap(server, ENROLLMENT, m.request_security_token(lumia_csr[:300]))
    status, subcode, reason = fault(answer)
    assert (status, subcode) == (500, "CertificateRequest")
    assert "offset" in reason


def test_a_csr_with_a_broken_signature_is_refused(server: MdmServer, lumia_csr: bytes) -> None:
    broken = lumia_csr[:-1] + bytes([lumia_csr[-1] ^ 1])
    answer = post_soap(server, ENROLLMENT, m.request_security_token(broken))
    assert fault(answer)[1] == "CertificateRequest"


def test_a_short_key_is_refused(server_factory: ServerFactory, lumia_csr: bytes) -> None:
    server = server_factory(minimal_key_length=4096)
    answer = post_soap(server, ENROLLMENT, m.request_security_token(lumia_csr))
    assert "2048" in fault(answer)[2]
