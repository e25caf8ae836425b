"""Range arithmetic of the hub download against RFC 9110 section 14."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.http import Headers
from mdmcore.server.hub import DownloadPlan, plan_download


def plan(range_value: str | None = None, method: str = "GET", **more: str) -> DownloadPlan:
    fields = [] if range_value is None else [("Range", range_value)]
    fields += [(name.replace("_", "-"), value) for name, value in more.items()]
    return plan_download(method, Headers(fields), size=1000, etag='"abc"', media_type="x/y")


@pytest.mark.parametrize(
    ("value", "content_range", "start", "length"),
    [
        pytest.param("bytes=0-99", "bytes 0-99/1000", 0, 100, id="first-part"),
        pytest.param("bytes=900-", "bytes 900-999/1000", 900, 100, id="open-end"),
        pytest.param("bytes=-50", "bytes 950-999/1000", 950, 50, id="suffix"),
        pytest.param("bytes=-5000", "bytes 0-999/1000", 0, 1000, id="long-suffix"),
        pytest.param("bytes=990-5000", "bytes 990-999/1000", 990, 10, id="past-the-end"),
        pytest.param("BYTES = 1 - 1", "bytes 1-1/1000", 1, 1, id="blanks-and-case"),
    ],
)
def test_a_range_is_answered_with_206_and_content_range(
    value: str, content_range: str, start: int, length: int
) -> None:
    answer = plan(value)
    assert answer.status == 206
    assert answer.headers.get("Content-Range") == content_range
    assert answer.headers.get("Content-Length") == str(length)
    assert (answer.start, answer.length) == (start, length)


@pytest.mark.parametrize("value", ["bytes=1000-", "bytes=2000-3000", "bytes=-0"])
def test_a_range_past_the_end_is_416_with_the_size(value: str) -> None:
    answer = plan(value)
    assert answer.status == 416
    assert answer.headers.get("Content-Range") == "bytes */1000"
    assert answer.length == 0


@pytest.mark.parametrize(
    "value", [None, "bytes=5-2", "bytes=-", "items=0-1", "bytes=0-1,5-6", "bytes=a-b", ""]
)
def test_what_is_not_one_byte_range_gets_the_whole(value: str | None) -> None:
    answer = plan(value)
    assert (answer.status, answer.start, answer.length) == (200, 0, 1000)
    assert answer.headers.get("Accept-Ranges") == "bytes"


def test_if_range_decides_between_part_and_whole() -> None:
    assert plan("bytes=0-9", If_Range='"abc"').status == 206
    assert plan("bytes=0-9", If_Range='"other"').status == 200


def test_head_has_the_length_but_no_body() -> None:
    answer = plan(method="HEAD")
    assert (answer.status, answer.length) == (200, 0)
    assert answer.headers.get("Content-Length") == "1000"


def test_other_methods_are_405() -> None:
    answer = plan(method="POST")
    assert answer.status == 405
    assert answer.headers.get("Allow") == "GET, HEAD"


@given(size=st.integers(0, 50), first=st.integers(0, 60), last=st.integers(0, 60))
def test_any_range_stays_inside_the_package(size: int, first: int, last: int) -> None:
    headers = Headers([("Range", f"bytes={first}-{last}")])
    answer = plan_download("GET", headers, size=size, etag='"e"', media_type="x/y")
    assert 0 <= answer.start <= answer.start + answer.length <= size
    assert answer.headers.get("Content-Length") == str(answer.length)
