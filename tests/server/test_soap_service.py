"""The frame of the SOAP services: what is no message becomes a fault."""

from __future__ import annotations

import pytest

from mdmcore.server import MdmServer
from tests.enrollment.oracles import check_soap
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


def test_the_length_of_a_fault_counts_bytes(server_factory: ServerFactory) -> None:
    body = m.get_policies("J\u00fcrgen \u4e16\u754c", "no")
    answer = post_soap(server_factory(**USERS), POLICY, body)
    sent = answer.body or b""
    assert "J\u00fcrgen \u4e16\u754c" in sent.decode("utf-8")
    assert answer.headers.get("Content-Length") == str(len(sent))
    assert answer.headers.get("Transfer-Encoding") is None


def test_a_fault_is_valid_soap(server_factory: ServerFactory) -> None:
    answer = post_soap(server_factory(**USERS), POLICY, m.get_policies(password="no"))
    check_soap(answer.body or b"")
