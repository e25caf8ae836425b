"""A page of the sign-in as plain JSON values; of its fields the names, not what they carry."""

from __future__ import annotations

from typing import Any

from mdmcore.enrollment.html_form import HtmlForm
from mdmcore.inspector.masking import Mask
from mdmcore.inspector.shown import shown
from mdmcore.rules.decoded import WabPart

_OPEN_FIELDS = frozenset({"appru", "login_hint", "username"})
_MAX_FIELDS = 50


def describe_wab_request(part: WabPart) -> dict[str, Any]:
    """What the client asked with; empty parts are left out."""
    found = {"appru": shown(part.appru), "login_hint": shown(part.login_hint)}
    return {name: value for name, value in found.items() if value}


def describe_wab_page(part: WabPart, mask: Mask) -> dict[str, Any]:
    """The page's form; nothing without one. ``is_end``: it hands over the token."""
    form = part.form
    if form is None:
        return {}
    return {
        "action": shown(form.action),
        "method": form.method,
        "is_end": part.is_end,
        "fields": _fields(form, mask),
    }


def _fields(form: HtmlForm, mask: Mask) -> list[dict[str, Any]]:
    return [
        {
            "name": shown(name),
            "value": shown(value) if name in _OPEN_FIELDS else mask.secret(value),
        }
        for name, value in form.fields[:_MAX_FIELDS]
    ]
