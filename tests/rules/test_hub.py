"""Rules on the hub download."""

from __future__ import annotations

import pytest

from mdmcore.http import Headers, Request, Response
from mdmcore.inspector import Inspection
from tests.support.story import STORE_URL, Story, rules_of


def download(*fields: tuple[str, str], status: int = 206, url: str = STORE_URL) -> Inspection:
    request = Request(method="GET", url=url, headers=Headers([("Range", "bytes=0-99")]))
    response = Response(status=status, headers=Headers(fields), body=b"x" * 100)
    return Story("wp8").tell(request, response)


def test_206_with_content_range() -> None:
    assert download(("content-range", "bytes 0-99/300")).findings == ()


@pytest.mark.parametrize("url", [STORE_URL, "https://h.test/other", "https://h.test/"])
def test_206_without_content_range(url: str) -> None:
    found = download(("Content-Type", "application/octet-stream"), url=url)
    assert rules_of(found.findings) == {"hub-206-no-content-range"}
    assert found.findings[0].severity == "error"
    assert found.findings[0].places[0].where == {"part": "response", "header": "Content-Range"}
    assert found.findings[0].places[0].evidence == "bytes=0-99"


def test_206_of_several_ranges_has_them_inside() -> None:
    assert download(("Content-Type", "multipart/byteranges; boundary=x")).findings == ()


def test_a_whole_answer() -> None:
    assert download(status=200).findings == ()
