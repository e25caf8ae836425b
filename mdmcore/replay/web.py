"""The sign-in of a Federated enrolment, page after page: what the captured user typed, anew.

enrollment.md 5.2. A field that the captured page had filled in itself takes what the new page has
in it; what was typed is typed again. The new server's cookies go with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl, urlencode, urljoin

from mdmcore.enrollment.html_form import HtmlForm, html_forms
from mdmcore.http import Headers, Request
from mdmcore.inspector.wab_part import TOKEN_FIELD
from mdmcore.phone.cookies import Cookies
from mdmcore.replay.soap import User
from mdmcore.replay.urls import UrlMap
from mdmcore.rules.scene import Scene

_FORM_TYPE = "application/x-www-form-urlencoded"
_MAX_FIELDS = 256
_NAME_TYPES = frozenset({"text", "email", "tel"})


@dataclass(slots=True)
class SignIn:
    """One sign-in under way; ``token`` is what the new server's page has handed out."""

    cookies: Cookies = field(default_factory=Cookies)
    token: str | None = field(default=None, repr=False)
    captured_token: str | None = field(default=None, repr=False)
    _pages: list[tuple[Scene, Scene]] = field(default_factory=list)

    def take(self, captured: Scene, new: Scene, url: str, urls: UrlMap, now: datetime) -> None:
        """Look at both answers of a step; ``url`` is where the new request was sent."""
        self._pages.append((captured, new))
        if new.exchange.response is not None:
            self.cookies.take(url, new.exchange.response, now)
        self.token = _token(new) or self.token
        self.captured_token = _token(captured) or self.captured_token
        theirs, ours = _forms(captured), _forms(new)
        for form, other in zip(theirs, [*ours, *[None] * len(theirs)], strict=False):
            urls.learn(
                "form that goes on with the sign-in",
                _target(captured.exchange.request.url, form),
                None if other is None else _target(new.exchange.request.url, other),
            )

    def fields(self, request: Request, user: User | None) -> bytes | None:
        """The body of the next step: the captured form, filled in for the new page."""
        body = request.body
        if request.media_type != _FORM_TYPE or not body:
            return body
        pairs = parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MAX_FIELDS
        )
        theirs, ours = self._last_fields(0), self._last_fields(1)
        sent = [
            (name, self._value(name, value, theirs, ours, user))
            for name, value in pairs
            if name in ours or name not in theirs
        ]
        known = {name for name, _ in pairs}
        sent += [
            (name, value)
            for name, (kind, value) in ours.items()
            if kind == "hidden" and name not in known
        ]
        return urlencode(sent).encode("ascii")

    def _last_fields(self, side: int) -> Mapping[str, tuple[str, str]]:
        if not self._pages:
            return {}
        return {
            one.name: (one.type, one.value)
            for form in _forms(self._pages[-1][side])
            for one in form.inputs
        }

    @staticmethod
    def _value(
        name: str,
        value: str,
        theirs: Mapping[str, tuple[str, str]],
        ours: Mapping[str, tuple[str, str]],
        user: User | None,
    ) -> str:
        kind, filled_in = theirs.get(name, ("", None))
        now_kind, now_filled_in = ours.get(name, (kind, value))
        if filled_in == value and (filled_in or now_kind == "hidden"):
            return now_filled_in
        if user is not None and now_kind == "password":
            return user.password
        return user.name if user is not None and now_kind in _NAME_TYPES else value

    def headers(self, headers: Headers, url: str) -> Headers:
        """The captured headers with the new server's cookies."""
        cookie = self.cookies.header(url)
        plain = headers.without("Cookie")
        return plain if cookie is None else plain.replaced("Cookie", cookie)


def _forms(scene: Scene) -> tuple[HtmlForm, ...]:
    answer = scene.exchange.response
    return html_forms(answer.body) if answer is not None and answer.body else ()


def _target(url: str, form: HtmlForm) -> str:
    try:
        return urljoin(url, form.action.strip())
    except ValueError:
        return ""


def _token(scene: Scene) -> str | None:
    page = scene.decoded.wab
    if page is None or not page.is_end or page.form is None:
        return None
    return page.form.value(TOKEN_FIELD)
