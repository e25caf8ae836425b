"""Rules on enrolling that several exchanges must be seen for: each speaks, and stays silent."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mdmcore.enrollment.discovery import DiscoverResponse, serialize_discover_response
from mdmcore.enrollment.fault import serialize_fault
from mdmcore.enrollment.policies import serialize_get_policies
from mdmcore.enrollment.security import user_token
from mdmcore.enrollment.wab import end_page
from mdmcore.http import Headers, Request, Response
from mdmcore.namespaces import SYNCML_WBXML_MEDIA_TYPE, SYNCML_XML_MEDIA_TYPE
from mdmcore.syncml.wbxml import encode_wbxml
from mdmcore.syncml.xml import serialize_syncml
from tests.support.story import (
    DM_URL,
    ENROLLMENT_URL,
    HOST,
    MESSAGE_ID,
    POLICY_URL,
    Story,
    certificate,
    device_cred,
    document,
    package1,
    rules_of,
)

SIGN_IN = f"{HOST}/EnrollmentServer/Authenticate"


# --- discover-version-allowlist


@pytest.mark.parametrize(
    ("reason", "speaks"),
    [
        ("RequestVersion 9.0 is not supported, only 1.0, 2.0 and 3.0", True),
        ("the RequestVersion is missing", True),
        ("this version of the device is not supported", False),
        ("the user may not enrol", False),
    ],
)
def test_a_version_that_is_not_on_the_list(reason: str, speaks: bool) -> None:
    fault = serialize_fault("MessageFormat", reason, relates_to=MESSAGE_ID)
    found = Story("win10").discover(version="9.0", response=fault, status=500)
    assert ("discover-version-allowlist" in rules_of(found.findings)) is speaks


def test_a_lower_version_was_taken() -> None:
    fault = serialize_fault("MessageFormat", "no", relates_to=MESSAGE_ID)
    for first, speaks in (("3.0", True), ("9.0", False)):
        story = Story("win10")
        story.discover(version=first)
        found = story.discover(version="4.0", response=fault, status=500)
        assert ("discover-version-allowlist" in rules_of(found.findings)) is speaks


# --- auth-policy-unimplemented


def refused_token(page: bytes, token: str) -> set[str]:
    """The rules that speak when that token is refused behind a sign-in that ended with the page."""
    story = Story("win10")
    answered = DiscoverResponse(
        auth_policy="Federated",
        policy_url=POLICY_URL,
        enrollment_url=ENROLLMENT_URL,
        authentication_url=SIGN_IN,
    )
    story.discover(response=serialize_discover_response(answered, relates_to=MESSAGE_ID))
    shown = Response(status=200, headers=Headers([("Content-Type", "text/html")]), body=page)
    form = b"appru=ms-app%3A%2F%2Fwindows.immersivecontrolpanel&login_hint=anna%40example.test"
    headers = Headers([("Content-Type", "application/x-www-form-urlencoded")])
    story.tell(Request(method="POST", url=SIGN_IN, headers=headers, body=form), shown)
    asked = serialize_get_policies(
        security=user_token(token),
        message_id=MESSAGE_ID,
        to=POLICY_URL,
    )
    fault = serialize_fault("Authentication", "no user name", relates_to=MESSAGE_ID)
    return rules_of(story.post(POLICY_URL, asked, fault, status=500).findings)


@pytest.mark.parametrize(("token", "speaks"), [("handed-out", True), ("another", False)])
def test_the_own_token_is_refused(token: str, speaks: bool) -> None:
    page = end_page("ms-app://windows.immersivecontrolpanel", "handed-out")
    assert ("auth-policy-unimplemented" in refused_token(page, token)) is speaks


def test_a_token_cut_by_the_page_is_not_the_policy_services_mistake() -> None:
    page = end_page("ms-app://windows.immersivecontrolpanel", "handed-out")
    cut = page.replace(b"handed-out", b'handed"-out')
    assert "auth-policy-unimplemented" not in refused_token(cut, "handed")


# --- enroll-attempt-loop


@pytest.mark.parametrize(("minutes", "speaks"), [(10, True), (30, False)])
def test_a_device_that_begins_again_and_again(minutes: int, speaks: bool) -> None:
    story = Story("wp8")
    found = [rules_of(story.discover().findings)]
    for _ in range(4):
        story.now += timedelta(minutes=minutes)
        found.append(rules_of(story.discover().findings))
    assert ["enroll-attempt-loop" in rules for rules in found] == [*([False] * 4), speaks]


# --- cert-subject-not-unique


@pytest.mark.parametrize(("name", "speaks"), [(b"SHARED", True), (b"OTHER", False)])
def test_two_devices_with_one_subject(name: bytes, speaks: bool) -> None:
    story = Story("wp8")
    story.enrolled(document(client=certificate(b"SHARED")))
    story.peer = "192.0.2.8"
    story.discover(email="bob@example.test")
    story.policies(username="bob@example.test")
    found = story.enroll(document(client=certificate(name)), username="bob@example.test")
    assert ("cert-subject-not-unique" in rules_of(found.findings)) is speaks


# --- w7-encoding-unsupported


@pytest.mark.parametrize(("status", "speaks"), [(415, True), (404, False)])
def test_the_ordered_encoding_is_refused(status: int, speaks: bool) -> None:
    ordered = document().replace(
        SYNCML_XML_MEDIA_TYPE.encode(), SYNCML_WBXML_MEDIA_TYPE.encode(), 1
    )
    story = Story("wp8").enrolled(ordered)
    body = encode_wbxml(package1(cred=device_cred()))
    found = story.post(DM_URL, body, b"", media_type=SYNCML_WBXML_MEDIA_TYPE, status=status)
    assert ("w7-encoding-unsupported" in rules_of(found.findings)) is speaks


def test_xml_that_is_refused_is_another_matter() -> None:
    story = Story("wp8").enrolled()
    body = serialize_syncml(package1(cred=device_cred()))
    found = story.post(DM_URL, body, b"", media_type=SYNCML_XML_MEDIA_TYPE, status=415)
    assert "w7-encoding-unsupported" not in rules_of(found.findings)


# --- host-name-unresolved


@pytest.mark.parametrize(
    ("error", "speaks"),
    [
        ("[Errno -2] Name or service not known", True),
        ("[Errno 11001] getaddrinfo failed", True),
        ("connection refused", False),
    ],
)
def test_a_name_that_nobody_knows(error: str, speaks: bool) -> None:
    found = Story("wp8").tell(Request(method="POST", url=DM_URL), None, error=error)
    assert ("host-name-unresolved" in rules_of(found.findings)) is speaks
