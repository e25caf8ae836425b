"""Rules on the sign-in pages, told from a page to its end."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from mdmcore.enrollment.discovery import DiscoverResponse, serialize_discover_response
from mdmcore.enrollment.wab import WabRequest, end_page, sign_in_page
from mdmcore.http import Headers, Request, Response
from mdmcore.inspector import Inspection
from mdmcore.rules import Finding
from tests.support.story import EMAIL, ENROLLMENT_URL, MESSAGE_ID, POLICY_URL, Story, rules_of

APPRU = "ms-app://windows.immersivecontrolpanel"
PAGE = "https://login.example.test/authenticate"
START = f"{PAGE}?appru={quote(APPRU, safe='')}&login_hint={quote(EMAIL)}"
TOKEN = "tok-en.secret&<'\">"
PROFILES = ["wp81", "win81", "win10"]


def begun(profile: str = "wp81") -> Story:
    """A story up to the sign-in page."""
    story = Story(profile)
    answer = DiscoverResponse(
        auth_policy="Federated",
        policy_url=POLICY_URL,
        enrollment_url=ENROLLMENT_URL,
        authentication_url=PAGE,
    )
    story.discover(response=serialize_discover_response(answer, relates_to=MESSAGE_ID))
    return story


def shown(
    story: Story,
    page: bytes,
    *,
    url: str = START,
    method: str = "GET",
    status: int = 200,
    fields: tuple[tuple[str, str], ...] = (("Content-Type", "text/html; charset=utf-8"),),
) -> Inspection:
    request = Request(method=method, url=url)
    return story.tell(request, Response(status=status, headers=Headers(fields), body=page))


def ended(story: Story, page: bytes) -> Inspection:
    """The last page, in answer to a POST whose URL has no query."""
    shown(story, sign_in_page(WabRequest(appru=APPRU, login_hint=EMAIL)))
    return shown(story, page, url=PAGE, method="POST")


def only(found: Inspection, rule: str) -> Finding:
    assert [finding.rule for finding in found.findings] == [rule]
    return found.findings[0]


@pytest.mark.parametrize("profile", PROFILES)
def test_a_right_sign_in_has_no_finding(profile: str) -> None:
    story = begun(profile)
    first = shown(story, sign_in_page(WabRequest(appru=APPRU, login_hint=EMAIL)))
    last = shown(story, end_page(APPRU, TOKEN), url=PAGE, method="POST")
    assert [first.kind, last.kind] == ["wab", "wab"]
    assert first.findings == last.findings == ()
    assert first.life == last.life == "life-1"
    assert first.summary == (f"Sign-in page {EMAIL} -> 200 form with appru, username, password")
    assert last.summary == f"Sign-in page -> 200 token for {APPRU}"


# --- wab-action-not-appru


@pytest.mark.parametrize("action", ["https://mdm.example.test/done", "ms-app://other", ""])
def test_the_form_goes_elsewhere(action: str) -> None:
    finding = only(ended(begun(), end_page(action, TOKEN)), "wab-action-not-appru")
    assert finding.severity == "error"
    assert finding.places[0].where == {"part": "response", "xpath": "/html/body/form/@action"}
    assert finding.places[0].evidence == action


def test_an_address_in_another_case_is_the_same() -> None:
    assert ended(begun(), end_page(APPRU.upper() + "/", TOKEN)).findings == ()


def test_what_the_client_asked_with_must_be_known() -> None:
    story = begun()
    found = shown(story, end_page("ms-app://other", TOKEN), url=PAGE, method="POST")
    assert found.findings == ()


def test_a_page_of_ws_federation_between_is_not_the_last_one() -> None:
    page = (
        b'<html><form method="POST" action="https://mdm.example.test/wsfed">'
        b'<input type="hidden" name="wa" value="wsignin1.0" />'
        b'<input type="hidden" name="wresult" value="&lt;t:RequestSecurityTokenResponse" />'
        b"</form></html>"
    )
    assert ended(begun(), page).findings == ()


# --- wab-wresult-missing


@pytest.mark.parametrize(
    ("field", "xpath", "evidence"),
    [
        ("", "/html/body/form", "fields: none"),
        ('<input name="wResult" value="t">', "/html/body/form", "fields: wResult"),
        (
            '<input name="wresult" value="">',
            "/html/body/form/input[@name='wresult']/@value",
            "fields: wresult",
        ),
    ],
)
def test_no_token_in_the_last_page(field: str, xpath: str, evidence: str) -> None:
    page = f'<form method="post" action="{APPRU}">{field}</form>'.encode()
    finding = only(ended(begun(), page), "wab-wresult-missing")
    assert finding.severity == "error"
    assert finding.places[0].where == {"part": "response", "xpath": xpath}
    assert finding.places[0].evidence == evidence


# --- wab-token-not-escaped


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ('"<t a="1">x</t>"', "a quote and a <"),
        ('"{"a": 1}"', "a quote"),
        ("'<t/>'", "a <"),
        ('"a=1&b=2"', "a bare &"),
    ],
)
def test_a_token_that_is_not_escaped(value: str, what: str) -> None:
    page = f'<form method="post" action="{APPRU}"><input name="wresult" value={value}></form>'
    finding = only(ended(begun(), page.encode()), "wab-token-not-escaped")
    assert finding.severity == "warning"
    assert finding.message == f"the value of wresult has {what} that is not escaped"
    where = {"part": "response", "xpath": "/html/body/form/input[@name='wresult']/@value"}
    assert finding.places[0].where == where
    assert finding.places[0].evidence.endswith(" characters arrive")


# --- wab-integrated-auth


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("offered", ["Negotiate", "NTLM TlRMTVNTUAAC", 'Basic realm="x", NTLM'])
def test_windows_authentication_on_the_sign_in_host(profile: str, offered: str) -> None:
    fields = (("WWW-Authenticate", offered), ("WWW-Authenticate", "Digest x=1"))
    finding = only(shown(begun(profile), b"", status=401, fields=fields), "wab-integrated-auth")
    assert finding.severity == ("warning" if profile == "wp81" else "info")
    assert finding.places[0].where == {"part": "response", "header": "WWW-Authenticate"}
    assert finding.places[0].evidence in ("Negotiate", "NTLM")


def test_a_host_that_the_sign_in_redirects_to() -> None:
    story = begun()
    target = "https://adfs.example.test/adfs/ls/wia?x=1"
    shown(story, b"", status=302, fields=(("Location", target),))
    found = shown(story, b"", url=target, status=401, fields=(("WWW-Authenticate", "NTLM"),))
    assert found.life == "life-1"
    only(found, "wab-integrated-auth")


def test_a_login_that_asks_otherwise() -> None:
    fields = (("WWW-Authenticate", 'Basic realm="Negotiated"'),)
    assert shown(begun(), b"", status=401, fields=fields).findings == ()
    assert shown(begun(), b"", fields=(("WWW-Authenticate", "NTLM"),)).findings == ()


def test_windows_phone_8_has_no_sign_in_page() -> None:
    page = f'<form method="post" action="{APPRU}"></form>'.encode()
    assert rules_of(ended(begun("wp8"), page).findings) == set()
