"""Reading a page of the sign-in (enrollment.md 5.2): what was asked for, and the page's form."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from mdmcore.enrollment.html_form import HtmlForm, html_forms, is_html
from mdmcore.http import Exchange, Request
from mdmcore.rules.decoded import WabPart

TOKEN_FIELD = "wresult"
_FEDERATION_FIELD = "wa"
_FORM_TYPE = "application/x-www-form-urlencoded"
_PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_APP_SCHEME = "ms-app:"
_MAX_FIELDS = 64
_MAX_TEXT = 64 * 1024


def read_wab(exchange: Exchange) -> WabPart:
    """The parts of a page. Never raises: of what cannot be read nothing is told."""
    given = _given(exchange.request)
    appru = given.get("appru", "")
    forms = _forms(exchange)
    ends = [form for form in forms if _hands_over(form, appru)]
    return WabPart(
        appru=appru,
        login_hint=given.get("login_hint", ""),
        form=next(iter([*ends, *forms]), None),
        is_end=bool(ends),
    )


def _given(request: Request) -> Mapping[str, str]:
    """The fields of query and posted form, those of the query first."""
    texts = [request.query]
    if request.media_type == _FORM_TYPE and request.body:
        texts.append(request.body[:_MAX_TEXT].decode("utf-8", "replace"))
    given: dict[str, str] = {}
    for text in texts:
        try:
            pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MAX_FIELDS)
        except ValueError:
            continue
        for name, value in pairs:
            given.setdefault(name, value)
    return given


def _forms(exchange: Exchange) -> tuple[HtmlForm, ...]:
    response = exchange.response
    if response is None or not response.body:
        return ()
    if response.media_type not in _PAGE_TYPES and not is_html(response.body):
        return ()
    return html_forms(response.body)


def _hands_over(form: HtmlForm, appru: str) -> bool:
    """Whether a form is that of the last page: it has the token, or goes back to the client.

    Pages of WS-Federation, which may stand between, hand a wresult of their own to a server.
    """
    action = form.action.lower()
    if action.startswith(_APP_SCHEME):
        return True
    if form.field(TOKEN_FIELD) is not None and form.field(_FEDERATION_FIELD) is None:
        return True
    return bool(appru) and action == appru.lower()
