"""The template engine escapes all, and the policy names what is inlined."""

import base64
import hashlib

import pytest

from mdmcore.report.html.environment import asset, environment


def test_values_are_escaped_and_shown() -> None:
    template = environment().from_string('<p title="{{ a }}">{{ a }}</p>{{ nothing }}')
    shown = template.render(a="<b>\"'&\u202e\0", nothing=None)
    text = "&lt;b&gt;&#34;&#39;&amp;\\u202e\\x00"
    assert shown == f'<p title="{text}">{text}</p>'


@pytest.mark.parametrize("name", ["page.css", "page.js", "early.js"])
def test_an_asset_is_named_by_its_digest_and_can_be_inlined(name: str) -> None:
    found = asset(name)
    digest = base64.b64encode(hashlib.sha256(found.text.encode()).digest()).decode()
    assert found.source == f"'sha256-{digest}'"
    assert found.text.isascii()  # the page is: references mean nothing in style and script
    assert "</" not in found.text
    assert "http:" not in found.text
    assert "https:" not in found.text
