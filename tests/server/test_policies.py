"""GetPolicies: what is asked of the CSR, and of whom it is told."""

from __future__ import annotations

import pytest

from mdmcore.server import MdmServer
from tests.server.conftest import ServerFactory
from tests.server.soap_answers import POLICY, fault, text
from tests.support import messages as m
from tests.support.server import post_soap

USERS = {"users": (("demo@example.test", "pw"), ("admin", "other"))}


def test_policies_ask_for_a_key_length_and_a_digest(server: MdmServer) -> None:
    answer = post_soap(server, POLICY, m.get_policies())
    assert text(answer, "policySchema") == "3"
    assert text(answer, "minimalKeyLength") == "2048"
    assert text(answer, "hashAlgorithmOIDReference") == text(answer, "oIDReferenceID")
    assert text(answer, "value") == "1.3.14.3.2.29"


@pytest.mark.parametrize(
    ("user", "password", "accepted"),
    [
        ("demo@example.test", "pw", True),
        ("Demo@Example.TEST", "pw", True),
        ("demo@example.test", "PW", False),
        ("demo@example.test", "other", False),
        ("nobody", "pw", False),
        ("", "", False),
    ],
)
def test_users_can_be_restricted(
    server_factory: ServerFactory, user: str, password: str, accepted: bool
) -> None:
    server = server_factory(**USERS)
    answer = post_soap(server, POLICY, m.get_policies(user, password))
    if accepted:
        assert answer.status == 200
    else:
        assert fault(answer)[:2] == (500, "Authentication")
        assert password == "" or password not in fault(answer)[2]


def test_any_user_will_do_without_a_list(server: MdmServer) -> None:
    assert post_soap(server, POLICY, m.get_policies("who", "ever")).status == 200
