"""The browser of a sign-in: opens pages, follows redirects over HTTPS, keeps cookies.

It shows forms and posts them; which form means what is known to ``sign_in``. No scripts run here,
but for the one every such dance has: a page that submits its hidden fields by itself.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from urllib.parse import urldefrag, urlencode

from mdmcore.enrollment.html_form import HtmlForm, html_forms
from mdmcore.http import Headers, Request, Response, charset
from mdmcore.phone.cookies import Cookies
from mdmcore.phone.refusal import NoAnswer, Refusal, Step
from mdmcore.phone.settings import Clock, PhoneSettings
from mdmcore.phone.web import (
    announced_body,
    joined,
    redirect_target,
    url_problem,
)

MAX_REQUESTS = 40
MAX_PAGE_BYTES = 512 * 1024

_KEEPS_METHOD = {307, 308}
_FORM_TYPE = "application/x-www-form-urlencoded"
_HTML = {"text/html", "application/xhtml+xml"}
_INTEGRATED = ("negotiate", "ntlm", "kerberos")
_CHARSETS = {"iso-8859-1": "cp1252", "windows-1252": "cp1252", "latin-1": "cp1252"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page that is shown: its own address, its forms, and whether a script submits one."""

    url: str
    forms: tuple[HtmlForm, ...]
    submits_itself: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """What is asked for next."""

    url: str
    place: str
    form: str | None = field(default=None, repr=False)
    """The urlencoded body of a POST."""


class Browser:
    """One window. Every refusal is of the sign-in step."""

    def __init__(self, settings: PhoneSettings, clock: Clock) -> None:
        self._user_agent = settings.device.browser_user_agent
        self._clock = clock
        self._cookies = Cookies()
        self._requests = 0

    def open(self, url: str, place: str) -> Generator[Request, Response, Page]:
        """The page behind ``url``, which stood at ``place``."""
        return (yield from self._go(_Step(url=url, place=place)))

    def submit(
        self, page: Page, form: HtmlForm, fields: list[tuple[str, str]]
    ) -> Generator[Request, Response, Page]:
        """Send a form of that page; one without action goes to the page's own address."""
        target = joined(page.url, form.action) if form.action.strip() else page.url
        text = urlencode(fields)
        if form.method == "post":
            step = _Step(url=target, place="form/@action", form=text)
        else:
            url = f"{target.partition('#')[0].partition('?')[0]}?{text}"
            step = _Step(url=url, place="form/@action")
        return (yield from self._go(step))

    def _go(self, step: _Step) -> Generator[Request, Response, Page]:
        while True:
            self._requests += 1
            if self._requests > MAX_REQUESTS:
                raise _refusal(f"no end after {MAX_REQUESTS} requests", "url", _shown(step.url))
            problem = url_problem(step.url)
            if problem is not None:
                raise _refusal(problem, step.place, _shown(step.url))
            try:
                response = yield self._request(step)
            except NoAnswer as error:
                raise _refusal(f"no answer: {error.reason}", "url", _shown(step.url)) from None
            self._cookies.take(step.url, response, self._clock())
            following = _redirect(response, step)
            if following is None:
                return _page(response, step.url)
            step = following

    def _request(self, step: _Step) -> Request:
        headers = [("User-Agent", self._user_agent), ("Accept", "text/html, application/xhtml+xml")]
        cookie = self._cookies.header(step.url)
        if cookie is not None:
            headers.append(("Cookie", cookie))
        url = urldefrag(step.url).url
        if step.form is None:
            return Request(method="GET", url=url, headers=Headers(headers))
        headers.append(("Content-Type", _FORM_TYPE))
        return Request(method="POST", url=url, headers=Headers(headers), body=step.form.encode())


def _redirect(response: Response, step: _Step) -> _Step | None:
    url = redirect_target(response, step.url)
    if url is None:
        return None
    form = step.form if response.status in _KEEPS_METHOD else None
    return _Step(url=url, place="header Location", form=form)


def _page(response: Response, url: str) -> Page:
    _check_status(response)
    if response.media_type not in _HTML:
        raise _refusal(
            "not an HTML page",
            "header Content-Type",
            response.headers.get("Content-Type") or "(none)",
        )
    body = announced_body(response, Step.SIGN_IN)
    if len(body) > MAX_PAGE_BYTES:
        raise _refusal(f"a page of more than {MAX_PAGE_BYTES} bytes", "body", str(len(body)))
    text = body.decode(_CHARSETS.get(charset(response.headers) or "", "utf-8"), "replace")
    return Page(url=url, forms=html_forms(text), submits_itself=".submit(" in text)


def _check_status(response: Response) -> None:
    if response.status == 401:
        asked = ", ".join(response.headers.get_all("WWW-Authenticate"))
        if any(scheme in asked.lower() for scheme in _INTEGRATED):
            raise _refusal(
                "the page asks for Windows Integrated Authentication, which is not done here",
                "header WWW-Authenticate",
                asked,
            )
    if response.status != 200:
        raise _refusal(
            f"HTTP {response.status} instead of a page",
            "status",
            f"{response.status} {_shown(response.headers.get('Location') or '')}".strip(),
        )


def _shown(url: str) -> str:
    """A URL as evidence: a query may hold what the user typed, or the token."""
    base = url.partition("#")[0].partition("?")[0]
    return f"{base}?..." if "?" in url else base


def _refusal(reason: str, place: str, evidence: str) -> Refusal:
    return Refusal(reason, step=Step.SIGN_IN, place=place, evidence=evidence)
