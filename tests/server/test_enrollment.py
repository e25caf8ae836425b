"""Each service behind its own address."""

from __future__ import annotations

from mdmcore.server import MdmServer
from tests.server.soap_answers import DISCOVERY, ENROLLMENT, POLICY, fault
from tests.support import messages as m
from tests.support.server import post_soap


def test_a_message_for_another_service_is_a_fault(server: MdmServer) -> None:
    assert fault(post_soap(server, ENROLLMENT, m.discover()))[1] == "MessageFormat"
    assert fault(post_soap(server, POLICY, m.discover()))[1] == "MessageFormat"
    assert fault(post_soap(server, DISCOVERY, m.get_policies()))[1] == "MessageFormat"
