"""The browser: redirects, cookies, forms, and pages it does not show."""

from __future__ import annotations

from collections.abc import Callable, Generator
from urllib.parse import parse_qs

import pytest

from mdmcore.enrollment.html_form import html_forms
from mdmcore.http import Headers, Request, Response
from mdmcore.phone import Refusal, run
from mdmcore.phone.browser import MAX_PAGE_BYTES, MAX_REQUESTS, Browser, Page
from tests.phone.generations import page, phone_of, redirect
from tests.phone.scripted import answer, assert_refusal, with_header
from tests.support.server import FixedClock

START = "https://sts.example.test/a/start?x=1"


class Server:
    """Answers in turn, the last one for ever; keeps the requests."""

    def __init__(self, *answers: Response) -> None:
        self.answers = list(answers)
        self.requests: list[Request] = []

    def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def browse(
    server: Callable[[Request], Response],
    leg: Callable[[Browser], Generator[Request, Response, Page]] | None = None,
) -> Page:
    browser = Browser(phone_of("wp81"), FixedClock())
    return run(leg(browser) if leg else browser.open(START, "here"), server)


def test_a_page_is_asked_for_as_a_browser_does() -> None:
    server = Server(page("<form></form>"))
    shown = browse(server)
    (request,) = server.requests
    assert (request.method, request.url) == ("GET", START)
    assert "Windows Phone 8.1" in (request.headers.get("User-Agent") or "")
    assert request.headers.get("Cookie") is None
    assert (shown.url, len(shown.forms), shown.submits_itself) == (START, 1, False)


def test_redirects_are_followed_with_their_cookies() -> None:
    server = Server(
        redirect("/b/second?y=2", 302, ("Set-Cookie", "s=1; Path=/b")),
        redirect("https://other.example.test/third#top", 307, ("Set-Cookie", "t=2")),
        page("done"),
    )
    assert browse(server).url == "https://other.example.test/third#top"
    _, second, third = server.requests
    assert second.url == "https://sts.example.test/b/second?y=2"
    assert second.headers.get("Cookie") == "s=1"
    assert third.url == "https://other.example.test/third"
    assert third.headers.get("Cookie") is None


@pytest.mark.parametrize(
    ("status", "method"), [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")]
)
def test_a_form_that_is_redirected(status: int, method: str) -> None:
    server = Server(redirect("/next", status), page("done"))
    form = html_forms('<form method="post" action="send"></form>')[0]
    origin = Page(url=START, forms=(form,))
    browse(server, lambda browser: browser.submit(origin, form, [("a", "ä&")]))
    first, second = server.requests
    assert (first.method, first.url) == ("POST", "https://sts.example.test/a/send")
    assert first.headers.get("Content-Type") == "application/x-www-form-urlencoded"
    assert parse_qs((first.body or b"").decode()) == {"a": ["ä&"]}
    assert (second.method, second.url) == (method, "https://sts.example.test/next")
    assert (second.body == first.body) == (method == "POST")


@pytest.mark.parametrize(
    ("form", "method", "url"),
    [
        ('<form method="post">', "POST", START),
        ('<form method="POST" action="">', "POST", START),
        ('<form action="?z=9">', "GET", "https://sts.example.test/a/start?a=1"),
        ('<form action="/g#h" method="get">', "GET", "https://sts.example.test/g?a=1"),
        ('<form method="dialog" action="/g">', "GET", "https://sts.example.test/g?a=1"),
    ],
)
def test_where_a_form_goes(form: str, method: str, url: str) -> None:
    server = Server(page("done"))
    parsed = html_forms(form)[0]
    origin = Page(url=START, forms=(parsed,))
    browse(server, lambda browser: browser.submit(origin, parsed, [("a", "1")]))
    assert (server.requests[0].method, server.requests[0].url) == (method, url)


REFUSED = [
    (redirect("http://sts.example.test/x"), "header Location", "not https"),
    (redirect("ms-app://windows.immersivecontrolpanel?wresult=x"), "Location", "'ms-app'"),
    (redirect("https://192.0.2.1/x"), "header Location", "IP address"),
    (redirect("https://[x/"), "header Location", "not a URL"),
    (page("x", 404), "status", "HTTP 404"),
    (page("x", 302), "status", "HTTP 302"),
    (page("x", 401), "status", "HTTP 401"),
    (page("x", 401, ("WWW-Authenticate", "Negotiate")), "WWW-Authenticate", "Integrated"),
    (
        page("x", 401, ("WWW-Authenticate", "Basic"), ("WWW-Authenticate", "NTLM")),
        "WWW-Authenticate",
        "Integrated",
    ),
    (answer("{}", "application/json"), "Content-Type", "not an HTML page"),
    (with_header("Content-Encoding", "gzip")(page("x")), "Content-Encoding", "compressed"),
    (page("x" * MAX_PAGE_BYTES), "body", "a page of more than"),
]


@pytest.mark.parametrize(("response", "place", "reason"), REFUSED)
def test_pages_that_are_not_shown(response: Response, place: str, reason: str) -> None:
    with pytest.raises(Refusal) as caught:
        browse(Server(response))
    assert_refusal(caught.value, "sign-in", place, reason)


def test_a_chunked_page_is_shown() -> None:
    """Only the SOAP answers must come in one piece."""
    chunked = with_header("Transfer-Encoding", "chunked")(page("x"))
    assert browse(Server(with_header("Content-Length", None)(chunked))).url == START


def test_a_dance_without_end_is_ended() -> None:
    server = Server(redirect(START))
    with pytest.raises(Refusal) as caught:
        browse(server)
    assert_refusal(caught.value, "sign-in", "url", "no end after")
    assert len(server.requests) == MAX_REQUESTS


def test_the_first_address_is_checked_where_it_stood() -> None:
    with pytest.raises(Refusal) as caught:
        run(Browser(phone_of("wp81"), FixedClock()).open("http://a.test/", "here"), Server())
    assert_refusal(caught.value, "sign-in", "here", "not https")


@pytest.mark.parametrize(
    ("charset", "text"), [("utf-8", "ä"), ("ISO-8859-1", "ä"), ("windows-1252", "€")]
)
def test_the_charset_of_a_page(charset: str, text: str) -> None:
    body = f'<form><input name="a" value="{text}"></form>'.encode(
        "cp1252" if charset != "utf-8" else charset
    )
    headers = Headers([("Content-Type", f"text/html; charset={charset}")])
    shown = browse(Server(Response(status=200, headers=headers, body=body)))
    assert shown.forms[0].value("a") == text
