"""Federated enrolment's sign-in: pages until one hands over the token (enrollment.md 5.2).

The Web Authentication Broker opens AuthenticationServiceUrl with ``appru`` and ``login_hint``. The
user types name and password once; a page that asks again has refused them. The token is opaque.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from urllib.parse import quote, urldefrag, urlencode

from mdmcore.enrollment.html_form import FormField, HtmlForm
from mdmcore.http import Request, Response
from mdmcore.phone.browser import Browser, Page
from mdmcore.phone.discovery import Endpoint
from mdmcore.phone.refusal import Refusal, Step
from mdmcore.phone.settings import Clock, PhoneSettings

_TOKEN_FIELD = "wresult"
_FEDERATION_FIELD = "wa"
"""WS-Federation posts a ``wresult`` of its own between the servers of a sign-in."""
_TYPED = {"text", "email", "tel"}
_NOT_SENT = {"submit", "button", "reset", "image", "file"}
_USER_NAME = re.compile("user|login|mail|upn|account", re.IGNORECASE)


def sign_in(
    endpoint: Endpoint, settings: PhoneSettings, *, clock: Clock
) -> Generator[Request, Response, str]:
    """The token; Refusal when the user never gets to it."""
    browser = Browser(settings, clock)
    url = endpoint.checked(Step.SIGN_IN)
    page = yield from browser.open(_first_url(url, settings), endpoint.place)
    user = _User(settings)
    while True:
        token = _token(page, settings.device.appru)
        if token is not None:
            return token
        form, fields = user.fill_in(page)
        page = yield from browser.submit(page, form, fields)


def _first_url(url: str, settings: PhoneSettings) -> str:
    query = urlencode(
        {"appru": settings.device.appru, "login_hint": settings.email}, quote_via=quote, safe=""
    )
    # How a query of the URL's own is joined is unconfirmed (5.2).
    address = urldefrag(url).url
    return f"{address}{'&' if '?' in address else '?'}{query}"


def _token(page: Page, appru: str) -> str | None:
    """The token of an end page; ``None`` for any other page."""
    for form in page.forms:
        token = form.value(_TOKEN_FIELD)
        if form.action == appru:
            if form.method != "post":
                raise _refusal("the end page's form is not posted", "form/@method", form.method)
            if not token:
                there = ", ".join(name for name, _ in form.fields) or "nothing"
                raise _refusal(
                    f"the end page hands over no {_TOKEN_FIELD}",
                    f"form/input[@name='{_TOKEN_FIELD}']",
                    there,
                )
            return token
        if token is not None and form.value(_FEDERATION_FIELD) is None:
            raise _refusal(
                f"the form with the token does not go to the appru that was given, {appru}",
                "form/@action",
                form.action,
            )
    return None


class _User:
    """Who sits in front of the pages, and what was typed already."""

    def __init__(self, settings: PhoneSettings) -> None:
        self._settings = settings
        self._typed_name = False
        self._typed_password = False

    def fill_in(self, page: Page) -> tuple[HtmlForm, list[tuple[str, str]]]:
        """The form to go on with, and its fields as sent; Refusal where nobody could go on."""
        for form in page.forms:
            if _first(form, {"password"}) is not None:
                return form, self._with_password(form)
        for form in page.forms:
            if page.submits_itself and all(one.type == "hidden" for one in form.inputs):
                return form, _sent(form, {})
        for form in page.forms:
            name = _name_field(form)
            if name is not None and not self._typed_name:
                self._typed_name = True
                return form, _sent(form, {name.name: self._settings.username})
        raise _refusal(
            "the page neither signs the user in nor hands over a token",
            "form",
            f"{len(page.forms)} forms",
        )

    def _with_password(self, form: HtmlForm) -> list[tuple[str, str]]:
        password, name = _first(form, {"password"}), _name_field(form)
        assert password is not None
        if self._typed_password:
            raise _refusal(
                "the page asks for the password once more: user name or password is wrong",
                "form/input[@type='password']",
                password.name,
            )
        self._typed_name = self._typed_password = True
        typed = {password.name: self._settings.password}
        if name is not None:
            typed[name.name] = self._settings.username
        return _sent(form, typed)


def _sent(form: HtmlForm, typed: dict[str, str]) -> list[tuple[str, str]]:
    """The fields as a browser sends them: what was typed, what is hidden, the first button."""
    fields = []
    for one in form.inputs:
        if not one.name or one.type in _NOT_SENT:
            continue
        if one.type in {"checkbox", "radio"} and not one.is_checked:
            continue
        fields.append((one.name, typed.get(one.name, one.value)))
    button = _first(form, {"submit"})
    if button is not None and button.name:
        fields.append((button.name, button.value))
    return fields


def _name_field(form: HtmlForm) -> FormField | None:
    fields = [one for one in form.inputs if one.type in _TYPED and one.name]
    named = (one for one in fields if _USER_NAME.search(one.name))
    return next(named, fields[0] if fields else None)


def _first(form: HtmlForm, types: set[str]) -> FormField | None:
    return next((one for one in form.inputs if one.type in types), None)


def _refusal(reason: str, place: str, evidence: str) -> Refusal:
    return Refusal(reason, step=Step.SIGN_IN, place=place, evidence=evidence)
