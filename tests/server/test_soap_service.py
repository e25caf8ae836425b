"""The frame of the SOAP services: what is no message becomes a fault."""

from __future__ import annotations

import pytest

from mdmcore.server import MdmServer
from tests.server.conftest import ServerFactory
from tests.server.soap_answers import DISCOVERY, ENROLLMENT, POLICY, fault, text
from tests.support import messages as m
from tests.support.server import post_soap

USERS = {"users": (("demo@example.test", "pw"), ("admin", "other"))}


@pytest.mark.parametrize("path", [DISCOVERY, POLICY, ENROLLMENT])
@pytest.mark.parametrize("body", [b"", b"x", b"<a/>", b"<s:Envelope", m.discover()[:-1], b"\x00"])
def test_what_is_no_message_is_a_message_format_fault(
    server: MdmServer, path: str, body: bytes
) -> None:
    status, subcode, reason = fault(post_soap(server, path, body))
    assert (status, subcode) == (500, "MessageFormat")
    assert reason


def test_the_fault_relates_to_the_request(server_factory: ServerFactory) -> None:
    answer = post_soap(server_factory(**USERS), POLICY, m.get_policies())
    wrong = post_soap(server_factory(**USERS), POLICY, m.get_policies(password="no"))
    assert text(wrong, "RelatesTo") == text(answer, "RelatesTo") == m.MESSAGE_ID
