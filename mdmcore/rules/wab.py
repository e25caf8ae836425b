"""Rules on the sign-in pages of a Federated enrolment (enrollment.md 5.2).

They belong to the phase discovery-wab-policy. Only the last page, which hands the token to the
client, has rules to keep; how the user proves himself before it is the server's matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mdmcore.enrollment.html_form import HtmlForm
from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene

_WAB = frozenset({Kind.WAB})
_TOKEN = "wresult"
_FORM = "/html/body/form"
_INPUT = f"{_FORM}/input[@name='{_TOKEN}']"
_INTEGRATED = re.compile(r"(?:^|,)\s*(Negotiate|NTLM)(?![^\s,])", re.IGNORECASE)


@rule("wab-action-not-appru", kinds=_WAB)
def action_not_appru(scene: Scene) -> Iterator[Hit]:
    """The form of the last sign-in page does not go to the address that the client gave as appru,
    so the page never closes. Use the received appru value as action, whatever it is."""
    form = _last_form(scene)
    if form is None or not scene.life.appru:
        return
    if _comparable(form.action) != _comparable(scene.life.appru):
        yield scene.hit(
            f"the form goes to {form.action or 'the page itself'}, "
            f"the client's appru is {scene.life.appru}",
            part="response",
            xpath=f"{_FORM}/@action",
            evidence=form.action,
        )


@rule("wab-wresult-missing", kinds=_WAB)
def wresult_missing(scene: Scene) -> Iterator[Hit]:
    """The last sign-in page hands over no token: its form has no field wresult, or an empty one, so
    the device stops. Send the token in a hidden field named wresult."""
    form = _last_form(scene)
    if form is None or form.value(_TOKEN):
        return
    names = ", ".join(name for name, _ in form.fields if name) or "none"
    has_field = form.field(_TOKEN) is not None
    yield scene.hit(
        f"the field {_TOKEN} is {'empty' if has_field else 'missing'}",
        part="response",
        xpath=f"{_INPUT}/@value" if has_field else _FORM,
        evidence=f"fields: {names}",
    )


@rule("wab-token-not-escaped", kinds=_WAB)
def token_not_escaped(scene: Scene) -> Iterator[Hit]:
    """The token in the last sign-in page is not escaped for HTML, so it arrives cut at its first
    quote, or changed, and the next step fails. Escape quotes, < and & in the attribute."""
    form = _last_form(scene)
    field = form.field(_TOKEN) if form is not None else None
    if field is not None and field.unescaped:
        yield scene.hit(
            f"the value of {_TOKEN} has {' and '.join(field.unescaped)} that is not escaped",
            part="response",
            xpath=f"{_INPUT}/@value",
            evidence=f"{len(field.value)} characters arrive",
        )


@rule("wab-integrated-auth", kinds=_WAB)
def integrated_authentication(scene: Scene) -> Iterator[Hit]:
    """The sign-in host asks for Windows authentication, which a phone cannot give in the sign-in
    page: it fails without a prompt. Use a login form on that host."""
    response = scene.exchange.response
    if response is None or response.status != 401:
        return
    offered = ", ".join(response.headers.get_all("WWW-Authenticate"))
    schemes = ", ".join(_INTEGRATED.findall(offered))
    if schemes:
        yield scene.hit(
            f"the sign-in is answered with HTTP 401 and {schemes}",
            part="response",
            header="WWW-Authenticate",
            evidence=schemes,
        )


def _last_form(scene: Scene) -> HtmlForm | None:
    """The form of the last page, where this is it."""
    page = scene.decoded.wab
    return page.form if page is not None and page.is_end else None


def _comparable(address: str) -> str:
    # Case of the host and a slash at the end make no other address.
    return address.strip().rstrip("/").lower()
