"""The log of a real Windows 10 device, read to its last exchange."""

from __future__ import annotations

import pytest

from mdmcore.capture import Capture, open_capture
from mdmcore.http import Exchange
from tests.support.requirements import shared_file


@pytest.fixture
def capture() -> Capture:
    return open_capture(shared_file("captures", "win10-enrollment-log.md"))


@pytest.fixture
def exchanges(capture: Capture) -> list[Exchange]:
    return list(capture.exchanges())


def test_all_exchanges_are_read_to_the_last_one(capture, exchanges):
    assert capture.format == "log"
    assert [(each.request.method, each.request.path) for each in exchanges] == [
        ("GET", "/EnrollmentServer/Discovery.svc"),
        ("POST", "/EnrollmentServer/Discovery.svc"),
        ("POST", "/EnrollmentServer/Policy.svc"),
        ("POST", "/EnrollmentServer/Enrollment.svc"),
        ("POST", "/ManagementServer/MDM.svc"),
        ("POST", "/ManagementServer/MDM.svc"),
    ]
    assert capture.errors == ()
    assert capture.count == 6


def test_each_has_its_response(exchanges):
    assert [each.response.status for each in exchanges] == [200] * 6
    assert [bool(each.response.body) for each in exchanges] == [
        False,
        True,
        True,
        True,
        True,
        False,
    ]
    assert exchanges[-1].response.body == b""


def test_hosts_come_from_the_host_header(exchanges):
    assert {each.request.host for each in exchanges[:2]} == {
        "enterpriseenrollment.pocmdmserver.com"
    }
    assert {each.request.host for each in exchanges[2:]} == {"pocmdmserver.com"}
    assert exchanges[4].request.query == "mode=Maintenance&Platform=WoA"


def test_no_body_claims_to_be_as_on_the_wire(exchanges):
    assert not any(each.verbatim for each in exchanges)


def test_bodies_begin_and_end_with_their_document(exchanges):
    bodies = [each.request.body for each in exchanges] + [each.response.body for each in exchanges]
    for body in filter(None, bodies):
        assert body.startswith(b"<")
        assert body.endswith((b"Envelope>", b"SyncML>"))


def test_a_second_pass_gives_the_same(capture, exchanges):
    assert list(capture.exchanges()) == exchanges
    assert capture.count == 6
