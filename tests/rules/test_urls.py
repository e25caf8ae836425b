"""URLs compared as endpoints."""

from __future__ import annotations

import pytest

from mdmcore.rules.urls import endpoint


@pytest.mark.parametrize(
    "other", ["HTTPS://H.test:443/A", "https://h.test/a?mode=x", " https://h.test/a\n"]
)
def test_the_same_endpoint(other: str) -> None:
    assert endpoint("https://h.test/a") == endpoint(other)


@pytest.mark.parametrize(
    "other", ["https://i.test/a", "https://h.test/b", "https://h.test:444/a", "http://h.test/a"]
)
def test_another_endpoint(other: str) -> None:
    assert endpoint("https://h.test/a") != endpoint(other)


@pytest.mark.parametrize("text", ["", "no url", "https://h:port/", "http://[::1", "/path"])
def test_what_is_no_url_is_no_endpoint(text: str) -> None:
    assert endpoint(text) == ""
