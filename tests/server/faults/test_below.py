"""The table of mistakes below HTTP, and for which hosts they hold."""

from __future__ import annotations

import re

import pytest

from mdmcore.errors import ConfigError
from mdmcore.http import Request
from mdmcore.rules import catalogue, entry
from mdmcore.server import ServerSettings
from mdmcore.server.faults import (
    FAULTS,
    TRANSPORT_FAULTS,
    ActiveFault,
    Part,
    Step,
    parse_fault,
)
from mdmcore.server.faults.below import domain_of_hub_host, on_service_host, serves
from tests.support.requirements import CHECKOUT

DISCOVERY, MDM, HUB = "enterpriseenrollment.example.test", "mdm.example.test", "hub.example.test"
PLAIN = ServerSettings(domains=("example.test",))
WITH_CLIENT_TLS = ServerSettings(domains=("example.test",), client_tls=True)


def test_they_are_those_of_the_catalogue() -> None:
    wanted = {one.id for one in catalogue() if one.fault == "transport"}
    assert TRANSPORT_FAULTS.keys() == wanted
    assert not FAULTS.keys() & wanted


@pytest.mark.parametrize("fault", TRANSPORT_FAULTS)
def test_each_says_what_it_does_and_where(fault: str) -> None:
    known = TRANSPORT_FAULTS[fault]
    assert known.id == fault
    assert known.steps
    assert len(known.does) > 10
    assert entry(fault).reaction


def test_the_page_for_people_has_all_of_them() -> None:
    page = (CHECKOUT / "docs" / "faults.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE)) == TRANSPORT_FAULTS.keys()


def test_they_are_named_like_the_others() -> None:
    assert parse_fault("tls-name-mismatch@manage*2") == ActiveFault(
        id="tls-name-mismatch", step=Step.MANAGE, times=2
    )
    assert parse_fault("answer-slow").fault.steps == frozenset(Step)
    with pytest.raises(ConfigError, match="is made in hub, not in policy"):
        parse_fault("hub-tls-no-request@policy")


def test_what_belongs_to_connections() -> None:
    assert ActiveFault(id="tls-too-modern").is_for_connections
    assert not ActiveFault(id="answer-slow").is_for_connections
    assert not ActiveFault(id="missing-212").is_for_connections
    assert {one.part for one in TRANSPORT_FAULTS.values()} == set(Part)


@pytest.mark.parametrize(
    ("settings", "host", "steps"),
    [
        (PLAIN, DISCOVERY, {"probe", "discover"}),
        (PLAIN, MDM.upper(), {"sign-in", "policy", "enroll", "renew", "manage", "hub", "scep"}),
        (PLAIN, HUB, {"hub"}),
        (PLAIN, "elsewhere.test", set()),
        (WITH_CLIENT_TLS, DISCOVERY, {"probe", "discover", "sign-in", "policy", "enroll", "scep"}),
        (WITH_CLIENT_TLS, MDM, {"probe", "discover", "renew", "manage", "hub"}),
    ],
)
def test_which_host_serves_a_step(settings: ServerSettings, host: str, steps: set[str]) -> None:
    assert {step for step in Step if serves(host, step, settings)} == steps


def test_a_step_stands_for_its_host() -> None:
    assert ActiveFault(id="tls-too-old").is_on_host(DISCOVERY, PLAIN)
    assert not ActiveFault(id="tls-too-old", step=Step.MANAGE).is_on_host(DISCOVERY, PLAIN)
    assert ActiveFault(id="tls-too-old", step=Step.MANAGE).is_on_host(MDM, PLAIN)
    assert ActiveFault(id="hub-tls-no-request").is_on_host(HUB, PLAIN)
    assert not ActiveFault(id="hub-tls-no-request").is_on_host(MDM, PLAIN)


def test_a_request_to_the_hub_s_host_is_one_to_the_server() -> None:
    request = Request(method="GET", url=f"https://{HUB}/CompanyHub/hub.xap?v=1")
    assert on_service_host(request, PLAIN).url == f"https://{MDM}/CompanyHub/hub.xap?v=1"
    other = Request(method="GET", url=f"https://{MDM}/x")
    assert on_service_host(other, PLAIN) is other
    assert domain_of_hub_host(MDM, PLAIN) is None
