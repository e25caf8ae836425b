"""Sign-in pages for people: no token, no password, unless asked for."""

from __future__ import annotations

import json
from urllib.parse import quote

from mdmcore.http import Headers, Request, Response
from mdmcore.inspector import Inspection
from tests.support.story import EMAIL, Story

PAGE = (
    b'<html><form method="post" action="ms-app://x"><input type=hidden name=wresult value="t0k3n">'
    b'<input name=username value="anna"><input name=csrf value="c5rf">'
    b'<input type=password name=password value="pw0rd"></form></html>'
)


def shown(*, show_secrets: bool = False) -> Inspection:
    url = f"https://h.test/wab?appru=ms-app%3A%2F%2Fx&login_hint={quote(EMAIL)}"
    headers = Headers([("Content-Type", "text/html")])
    response = Response(status=200, headers=headers, body=PAGE)
    return Story(show_secrets=show_secrets).tell(Request(method="GET", url=url), response)


def test_names_are_shown_and_values_masked() -> None:
    found = shown()
    assert found.decoded["request"]["wab"] == {"appru": "ms-app://x", "login_hint": EMAIL}
    assert found.decoded["response"]["wab"] == {
        "action": "ms-app://x",
        "method": "post",
        "is_end": True,
        "fields": [
            {"name": "wresult", "value": "***"},
            {"name": "username", "value": "anna"},
            {"name": "csrf", "value": "***"},
            {"name": "password", "value": "***"},
        ],
    }
    text = json.dumps(found.decoded) + found.summary
    assert not any(secret in text for secret in ("t0k3n", "c5rf", "pw0rd"))


def test_values_are_shown_to_who_asks() -> None:
    fields = shown(show_secrets=True).decoded["response"]["wab"]["fields"]
    assert {field["name"]: field["value"] for field in fields}["wresult"] == "t0k3n"


def test_a_page_without_a_form_has_nothing_to_show() -> None:
    url = "https://h.test/wab?appru=ms-app%3A%2F%2Fx&login_hint=a"
    found = Story().tell(Request(method="GET", url=url), Response(status=200, body=b"x"))
    assert "response" not in found.decoded
    assert found.summary == "Sign-in page a -> 200"
