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

from mdmcore.enrollment.html_tags import Tag, iter_tags
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


@dataclass(frozen=True, slots=True, kw_only=True)
class WabInput:
    """A field of a form. ``type`` is in lower case, ``text`` where none stands, ``submit`` for a
    button with a name; ``is_checked`` is for boxes."""

    name: str
    value: str = field(repr=False)
    type: str = "text"
    is_checked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WabForm:
    """A form of a page: where it goes, how, and its fields in order."""

    action: str
    method: str
    inputs: tuple[WabInput, ...]

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """Name and value of each field."""
        return tuple((one.name, one.value) for one in self.inputs)

    def value(self, name: str) -> str | None:
        """The value of the first field of that name."""
        return next((value for key, value in self.fields if key == name), None)


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


def parse_wab_page(page: bytes) -> WabForm | None:
    """The first form of a page, as a client sees it; ``None`` without one."""
    return next(iter(parse_wab_forms(page.decode("utf-8", "replace"))), None)


def parse_wab_forms(page: str) -> tuple[WabForm, ...]:
    """The forms of a page in order, at most 32 with 256 fields each, as a browser reads them."""
    forms: list[WabForm] = []
    inputs: list[WabInput] = []
    opened: Tag | None = None
    for tag in iter_tags(page):
        if tag.name == "form" and tag.is_end == (opened is not None):
            if opened is not None:
                forms.append(_form(opened, inputs))
            opened, inputs = (None if tag.is_end else tag), []
        elif opened is not None and not tag.is_end and len(inputs) < _MAX_INPUTS:
            inputs += _inputs(tag)
        if len(forms) == _MAX_FIELDS:
            break
    if opened is not None:
        forms.append(_form(opened, inputs))
    return tuple(forms)


def _form(tag: Tag, inputs: list[WabInput]) -> WabForm:
    return WabForm(
        action=tag.attributes.get("action", ""),
        method=(tag.attributes.get("method") or "get").strip().lower(),
        inputs=tuple(inputs),
    )


def _inputs(tag: Tag) -> tuple[WabInput, ...]:
    """The field that a tag makes; a button is one when it has a name."""
    given = tag.attributes
    if tag.name != "input" and not (tag.name == "button" and given.get("name")):
        return ()
    usual = "text" if tag.name == "input" else "submit"
    return (
        WabInput(
            name=given.get("name", ""),
            value=given.get("value", ""),
            type=(given.get("type") or usual).strip().lower(),
            is_checked="checked" in given,
        ),
    )


def _page(title: str, body: str) -> bytes:
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title></head><body>{body}</body></html>"
    ).encode()
