"""The sign-in of a Federated enrolment: pages by hand, tokens handed over or not."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest

from mdmcore.http import Request, Response
from mdmcore.phone import NoAnswer, Refusal, run
from mdmcore.phone.discovery import Endpoint
from mdmcore.phone.sign_in import sign_in
from tests.phone.generations import (
    LOGIN_FORM,
    SIGN_IN_URL,
    TOKEN,
    SignInScript,
    end_page,
    page,
    phone_of,
    redirect,
)
from tests.phone.scripted import answer, assert_refusal
from tests.support.server import FixedClock

APPRU = "ms-app://windows.immersivecontrolpanel"


def token_of(
    script: Callable[[Request], Response], url: str = SIGN_IN_URL, profile: str = "wp81"
) -> str:
    endpoint = Endpoint(url=url, place="AuthenticationServiceUrl")
    return run(sign_in(endpoint, phone_of(profile), clock=FixedClock()), script)


def refused(*shown: Response) -> Refusal:
    left = list(shown)
    with pytest.raises(Refusal) as caught:
        token_of(lambda _request: left.pop(0))
    return caught.value


@pytest.mark.parametrize("profile", ["wp81", "win81", "win10"])
def test_name_and_password_get_the_token(profile: str) -> None:
    script = SignInScript()
    assert token_of(script, profile=profile) == TOKEN
    first, second = script.requests
    assert first.url == (
        f"{SIGN_IN_URL}?appru=ms-app%3A%2F%2Fwindows.immersivecontrolpanel"
        "&login_hint=user%40example.test"
    )
    # A form without action goes to the page's own address, its query included.
    assert (second.method, second.url) == ("POST", first.url)


def test_a_query_of_the_address_is_kept() -> None:
    script = SignInScript()
    assert token_of(script, f"{SIGN_IN_URL}?osver=8.10#top") == TOKEN
    asked = parse_qs(urlsplit(script.requests[0].url).query)
    assert asked == {
        "osver": ["8.10"],
        "appru": [APPRU],
        "login_hint": ["user@example.test"],
    }


def test_a_dance_over_several_pages_with_cookies() -> None:
    """Name first, password on the next page, then a form that submits itself, then the end."""

    def first(_request: Request) -> Response:
        return page(
            '<form method="post" action="/name"><input type="email" name="loginfmt"></form>'
        )

    def name(request: Request) -> Response:
        assert request.body == b"loginfmt=user%40example.test"
        form = (
            '<form action="/password" method="post"><input name="loginfmt" type="hidden" value="u">'
            '<input type="checkbox" name="keep" value="1"><input type="radio" name="r" value="a">'
            '<input type="radio" name="r" value="b" checked><button name="b" value="no" '
            'type="button"></button><input type="password" name="passwd"></form>'
        )
        return page(form, 200, ("Set-Cookie", "flow=7; Path=/"))

    def password(request: Request) -> Response:
        assert request.headers.get("Cookie") == "flow=7"
        assert request.body == b"loginfmt=u&r=b&passwd=pass+%26+word"
        return page(
            '<form method="post" action="https://sts.example.test/hop">'
            '<input type="hidden" name="wa" value="wsignin1.0">'
            '<input type="hidden" name="wresult" value="&lt;saml/&gt;"></form>'
            "<script>document.forms[0].submit();</script>"
        )

    def hop(request: Request) -> Response:
        assert request.body == b"wa=wsignin1.0&wresult=%3Csaml%2F%3E"
        return redirect("/end")

    script = SignInScript(
        pages={
            "/login": first,
            "/name": name,
            "/password": password,
            "/hop": hop,
            "/end": lambda _request: end_page(APPRU),
        }
    )
    assert token_of(script) == TOKEN
    assert [request.path for request in script.requests] == [
        "/login",
        "/name",
        "/password",
        "/hop",
        "/end",
    ]


@pytest.mark.parametrize(
    ("attribute", "token"),
    [
        ('value="to&quot;k&amp;n"', 'to"k&n'),
        ('value="to"ken"', "to"),
        ("value='to\"ken'", 'to"ken'),
        ("value='to'ken'", "to"),
        ("value=<a>&lt;b", "<a"),
        ('value="<a>&lt;b&gt;"', "<a><b>"),
    ],
)
def test_a_token_that_is_not_escaped_is_cut_as_a_browser_cuts_it(
    attribute: str, token: str
) -> None:
    form = f'<form method="post" action="{APPRU}"><input name="wresult" {attribute}></form>'
    assert token_of(lambda _request: page(form)) == token


def _end(form: str) -> Response:
    return page(form + "<script>document.forms[0].submit()</script>")


_WRESULT = '<input type="hidden" name="wresult" value="t">'
REFUSED = [
    (_end(f'<form method="post" action="{APPRU}/">{_WRESULT}</form>'), "@action", "appru"),
    (_end(f'<form method="post" action="{APPRU.upper()}">{_WRESULT}</form>'), "@action", "appru"),
    (_end(f'<form method="post" action=" {APPRU}">{_WRESULT}</form>'), "@action", "appru"),
    (_end(f'<form method="post" action="/end">{_WRESULT}</form>'), "@action", "appru"),
    (_end(f'<form method="post">{_WRESULT}</form>'), "@action", "appru"),
    (_end(f'<form action="{APPRU}">{_WRESULT}</form>'), "form/@method", "not posted"),
    (_end(f'<form method="post" action="{APPRU}"></form>'), "wresult", "no wresult"),
    (
        _end(f'<form method="post" action="{APPRU}"><input name="token" value="t"></form>'),
        "wresult",
        "no wresult",
    ),
    (
        _end(f'<form method="post" action="{APPRU}"><input name="wresult" value=""></form>'),
        "wresult",
        "no wresult",
    ),
    (page("<p>Welcome</p>"), "form", "neither signs"),
    (page('<form><input type="checkbox" name="agree"></form>'), "form", "neither signs"),
    (
        page('<form method="post"><input type="hidden" name="a" value="1"></form>'),
        "form",
        "neither signs",
    ),
]


@pytest.mark.parametrize(("shown", "place", "reason"), REFUSED)
def test_pages_that_lead_nowhere(shown: Response, place: str, reason: str) -> None:
    assert_refusal(refused(shown), "sign-in", place, reason)


def test_a_wrong_password_is_typed_once() -> None:
    again = refused(page(LOGIN_FORM), page(LOGIN_FORM))
    assert_refusal(again, "sign-in", "password", "once more")
    assert "pass & word" not in str(again) + again.evidence


@pytest.mark.parametrize("action", ["http://sts.example.test/", "https://sts.example.test/gone"])
def test_what_was_typed_stands_in_no_refusal(action: str) -> None:
    """A form that is sent by GET puts the password into the address."""
    form = f'<form action="{action}"><input name="u"><input name="p" type="password"></form>'
    left: list[Response] = [page(form)]

    def server(_request: Request) -> Response:
        if not left:
            raise NoAnswer("reset")
        return left.pop()

    with pytest.raises(Refusal) as caught:
        token_of(server)
    assert caught.value.evidence == f"{action}?..."
    assert "word" not in str(caught.value) + caught.value.evidence


def test_a_token_in_a_redirect_stands_in_no_refusal() -> None:
    leak = refused(redirect(f"{APPRU}?wresult=t0ken"))
    assert "t0ken" not in str(leak) + leak.evidence


def test_a_name_is_typed_once() -> None:
    form = '<form method="post"><input name="user"></form>'
    assert_refusal(refused(page(form), page(form)), "sign-in", "form", "neither signs")


@pytest.mark.parametrize("url", ["http://sts.example.test/", "https://192.0.2.1/", "sts"])
def test_the_address_must_be_https_and_a_name(url: str) -> None:
    with pytest.raises(Refusal) as caught:
        token_of(SignInScript(), url)
    assert caught.value.step == "sign-in"
    assert caught.value.place == "AuthenticationServiceUrl"


def test_a_page_cut_anywhere_is_no_worse_than_a_refusal() -> None:
    whole = end_page(APPRU).body or b""
    tokens = set()
    for end in range(len(whole)):
        cut = answer(whole[:end], "text/html")
        try:
            tokens.add(token_of(lambda _request, cut=cut: cut))  # type: ignore[misc]
        except Refusal:
            continue
    assert tokens == {TOKEN}
