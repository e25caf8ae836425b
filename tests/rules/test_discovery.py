"""Rules on discovery and on the SOAP headers."""

from __future__ import annotations

import pytest

from mdmcore.enrollment.fault import serialize_fault
from mdmcore.http import Headers, Request, Response
from tests.support.story import DISCOVERY_URL, MESSAGE_ID, Story, rules_of


def test_the_message_id_comes_back() -> None:
    assert Story().discover().findings == ()


@pytest.mark.parametrize("relates_to", ["urn:uuid:other", f"{MESSAGE_ID} ", None])
def test_relates_to_is_not_the_message_id(relates_to: str | None) -> None:
    found = Story().discover(relates_to=relates_to)
    assert rules_of(found.findings) == {"relates-to-mismatch"}
    assert found.findings[0].severity == "warning"


def test_blanks_around_it_may_be_those_of_a_log() -> None:
    story = Story()
    story.verbatim = False
    assert story.discover(relates_to=f"\n {MESSAGE_ID}\n ").findings == ()


# --- discovery-get-not-200


@pytest.mark.parametrize("status", [204, 304, 401, 403, 404, 500])
def test_a_get_that_is_not_answered_with_200(status: int) -> None:
    found = Story("wp8").tell(Request(method="GET", url=DISCOVERY_URL), Response(status=status))
    (finding,) = found.findings
    assert (finding.rule, finding.severity) == ("discovery-get-not-200", "error")
    assert finding.places[0].where == {"part": "response", "field": "status"}
    assert finding.places[0].evidence == str(status)


def test_gets_that_are_answered_well() -> None:
    location = Headers([("Location", "https://mdm.example.test/EnrollmentServer/Discovery.svc")])
    request = Request(method="GET", url=DISCOVERY_URL)
    assert Story("wp8").probe().findings == ()
    assert Story("wp8").tell(request, Response(status=302, headers=location)).findings == ()
    assert Story("wp8").tell(request, None, error="TLS failed").findings == ()
    head = Request(method="HEAD", url=DISCOVERY_URL)
    assert Story("wp8").tell(head, Response(status=405)).findings == ()


# --- discovery-post-not-routed


@pytest.mark.parametrize("status", [404, 405])
def test_a_post_to_where_only_the_get_is_known(status: int) -> None:
    story = Story("wp8")
    story.probe()
    found = story.discover(response=b"<!DOCTYPE html>", status=status)
    (finding,) = found.findings
    assert (finding.rule, finding.severity) == ("discovery-post-not-routed", "error")
    assert finding.places[0].where == {"part": "response", "field": "status"}
    assert finding.places[0].evidence == str(status)


def test_a_post_that_is_refused_otherwise() -> None:
    story = Story("wp8")
    assert rules_of(story.discover(response=b"<html>", status=404).findings) == {
        "enroll-http-error"  # no good GET was seen
    }
    story.probe()
    assert rules_of(story.discover(response=b"<html>", status=500).findings) == {
        "enroll-http-error"
    }
    fault = serialize_fault("Authorization", "no", MESSAGE_ID)
    assert rules_of(story.discover(response=fault, status=404).findings) == {"enrollment-refused"}


def test_the_get_of_another_device_says_nothing() -> None:
    story = Story("wp8")
    story.probe()
    story.peer = "192.0.2.99"
    found = story.discover(response=b"<html>", status=404)
    assert rules_of(found.findings) == {"enroll-http-error"}
