"""The pages of a Federated enrolment: sign-in, and the end page that hands over the token.

MS-MDE 3.2, enrollment.md 5.2 (Web Authentication Broker). The client opens
``AuthenticationServiceUrl?appru=ms-app://...&login_hint=USER``; how the user proves himself is
the server's matter; the last page posts ``wresult`` to the ``appru`` it was given. Everything
that came from outside is escaped. What a token means does not belong here.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from html import escape
from urllib.parse import parse_qsl, urlsplit

from mdmcore.enrollment.html_form import HtmlForm, html_forms
from mdmcore.errors import DeviceFault

SUBMIT_SCRIPT = "document.forms[0].submit()"
SUBMIT_SCRIPT_HASH = base64.b64encode(hashlib.sha256(SUBMIT_SCRIPT.encode()).digest()).decode()
"""For a Content-Security-Policy that lets this script run and no other."""

_RUNS_IN_PAGE = frozenset({"javascript", "vbscript", "data", "blob", "file"})
_MAX_FIELDS = 32
_MAX_INPUTS = 256
_MAX_APPRU = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class WabRequest:
    """What the client or the form says; texts as decoded, empty when absent."""

    appru: str
    login_hint: str = ""
    username: str = ""
    password: str = field(default="", repr=False)


def parse_wab_request(text: str) -> WabRequest:
    """A query or an urlencoded body. DeviceFault when appru is missing or no safe address.

    The value of ``appru`` differs between clients [U], so any scheme goes that cannot run script.
    """
    try:
        given = dict(reversed(parse_qsl(text, keep_blank_values=True, max_num_fields=_MAX_FIELDS)))
    except ValueError:
        raise DeviceFault(f"more than {_MAX_FIELDS} fields", place="query") from None
    appru = given.get("appru", "")
    if not is_safe_target(appru):
        raise DeviceFault("appru is missing or is no ms-app:// address", place="appru")
    return WabRequest(
        appru=appru,
        login_hint=given.get("login_hint", ""),
        username=given.get("username", ""),
        password=given.get("password", ""),
    )


def is_safe_target(appru: str) -> bool:
    """Whether a form may be posted there: absolute, printable, no scheme that runs in the page."""
    if len(appru) > _MAX_APPRU or not appru.isprintable() or appru != appru.strip():
        return False
    try:
        parts = urlsplit(appru)
    except ValueError:
        return False
    return bool(parts.scheme and parts.netloc) and parts.scheme.lower() not in _RUNS_IN_PAGE


def sign_in_page(request: WabRequest, *, problem: str = "") -> bytes:
    """The page that asks for user and password and posts them to the address it came from."""
    hint = escape(request.username or request.login_hint)
    complaint = f'<p role="alert">{escape(problem)}</p>' if problem else ""
    return _page(
        "Sign in",
        f'<h1>Workplace sign-in</h1>{complaint}<form method="post" action="">'
        f'<input type="hidden" name="appru" value="{escape(request.appru)}">'
        f'<p><label>User <input name="username" value="{hint}" autocomplete="username"></label></p>'
        '<p><label>Password <input type="password" name="password" '
        'autocomplete="current-password"></label></p>'
        '<p><button type="submit">Sign in</button></p></form>',
    )


def end_page(appru: str, token: str) -> bytes:
    """The last page: posts the token as ``wresult`` to the ``appru`` that the client gave."""
    return _page(
        "Working",
        f'<form method="post" action="{escape(appru)}">'
        f'<input type="hidden" name="wresult" value="{escape(token)}">'
        '<noscript><p><button type="submit">Continue</button></p></noscript></form>'
        f"<script>{SUBMIT_SCRIPT}</script>",
    )


def parse_wab_page(page: bytes) -> HtmlForm | None:
    """The first form of a page, as a client sees it; ``None`` without one."""
    return next(iter(html_forms(page)), None)


def _page(title: str, body: str) -> bytes:
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title></head><body>{body}</body></html>"
    ).encode()
