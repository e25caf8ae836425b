"""Which rule speaks of a renewal that is refused, of a CSR, and of a certificate not sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest

from mdmcore.connection import Connection, HandshakeEnd
from mdmcore.enrollment.discovery import DiscoverResponse, serialize_discover_response
from mdmcore.enrollment.fault import serialize_fault
from mdmcore.rules import PROFILES, Finding, entry
from tests.rules.index.cases import Case, enrolled, judge, which
from tests.rules.test_renewal_exchange import silent
from tests.support.index_statements import WHICH
from tests.support.renewal import renew
from tests.support.story import (
    ENROLLMENT_URL,
    MESSAGE_ID,
    POLICY_URL,
    Story,
    document,
    phone_csr,
)

FAULT = serialize_fault("MessageFormat", "RequestType is not supported", MESSAGE_ID)

type Play = Callable[[str], Iterable[Finding]]

# --- refused renewals: statement 14

RENEWALS = (
    "renew-wrong-request-type",
    "robo-advertised-not-implemented",
    "renew-attempts-failing",
)


def refused(times: int, *, wap: bytes | None = None, policy: str = "OnPremise") -> Play:
    """The last of some renewals that are refused."""

    def play(profile: str) -> Iterable[Finding]:
        story = Story(profile)
        answered = DiscoverResponse(
            auth_policy=policy,
            policy_url=POLICY_URL,
            enrollment_url=ENROLLMENT_URL,
            authentication_url="https://mdm.example.test/login",
        )
        story.discover(response=serialize_discover_response(answered, relates_to=MESSAGE_ID))
        story.policies()
        story.enroll(wap or document())
        for _ in range(times - 1):
            renew(story, response=FAULT, status=500)
        return renew(story, response=FAULT, status=500).findings

    return play


def _refused(name: str, play: Play, *speaks: str) -> Case:
    return Case(
        statement=14,
        name=name,
        play=play,
        speaks=speaks,
        silent=tuple(rule for rule in RENEWALS if rule not in speaks),
        beside=("enrollment-refused",),
    )


ROBO = silent(document())


@which(
    _refused("once", refused(1), RENEWALS[0]),
    *(_refused(f"times-{n}", refused(n), RENEWALS[0], RENEWALS[2]) for n in (2, 3)),
    _refused("advertised", refused(1, wap=ROBO), RENEWALS[1]),
    _refused("federated", refused(1, policy="Federated"), RENEWALS[1]),
    _refused("advertised-twice", refused(2, wap=ROBO), RENEWALS[1], RENEWALS[2]),
    _refused("federated-twice", refused(2, policy="Federated"), RENEWALS[1], RENEWALS[2]),
)
def test_a_renewal_that_is_refused(case: Case, profile: str) -> None:
    judge(case, profile)


# --- what is wrong with a CSR, and what a server did to one: statement 15

BROKEN = phone_csr()[:-1] + bytes([phone_csr()[-1] ^ 1])


@pytest.mark.index(WHICH, 15, "csr-signature-invalid", "csr-edited")
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(("csr", "is_seen"), [(BROKEN, True), (phone_csr(), False)])
def test_a_csr_is_broken_in_the_request_or_by_the_server(
    csr: bytes, is_seen: bool, profile: str
) -> None:
    fault = serialize_fault("CertificateRequest", "bad request", MESSAGE_ID)
    found = {f.rule: f for f in Story(profile).enroll(csr=csr, response=fault, status=500).findings}
    assert found.keys() == {"enrollment-refused"} | (
        {"csr-signature-invalid"} if is_seen else set()
    )
    causes = found["enrollment-refused"].caused_by
    assert ("csr-edited" in causes) is not is_seen
    assert ("csr-signature-invalid" in causes) is is_seen
    assert "cause" in entry("csr-edited").scope


# --- a client certificate that does not arrive: statement 16

BETWEEN = ("proxy-breaks-client-tls", "tls-client-cert-not-sent")


def connected(**facts: Any) -> Play:
    """A connection of an enrolled device to its DM host."""

    def play(profile: str) -> Iterable[Finding]:
        story = enrolled(profile)
        opened = story.now + timedelta(seconds=30)
        connection = Connection(
            host="mdm.example.test",
            end=HandshakeEnd.OK,
            peer=story.peer,
            opened=opened,
            requests=1,
            **facts,
        )
        seen = story.inspector.observe(connection, id="story:9", index=9, capture="story")
        return seen.findings

    return play


def _between(name: str, play: Play, *speaks: str) -> Case:
    silent = tuple(rule for rule in BETWEEN if rule not in speaks)
    return Case(statement=16, name=name, play=play, speaks=speaks, silent=silent)


@which(
    _between("server-asks", connected(is_asked_by_server=True), BETWEEN[0]),
    _between("both-ask", connected(is_asked_by_server=True, is_asked=True), BETWEEN[0]),
    _between(
        "both-ask-device-gives",
        connected(is_asked_by_server=True, is_asked=True, is_given=True),
        BETWEEN[0],
    ),
    _between("device-gives-none", connected(is_asked=True), BETWEEN[1]),
    _between(
        "proxy-has-one",
        connected(is_asked_by_server=True, is_given_to_server=True, is_asked=True),
        BETWEEN[1],
    ),
    _between("device-gives", connected(is_asked=True, is_given=True)),
    _between("nobody-asks", connected()),
)
def test_a_certificate_that_does_not_arrive(case: Case, profile: str) -> None:
    judge(case, profile)
