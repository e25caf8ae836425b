"""A package in ranges, kept or not; how a download ends stands in ``test_hub``."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from mdmcore.http import Headers, Request, Response
from mdmcore.phone.download import Bounds, Download, download
from mdmcore.phone.drive import run
from mdmcore.phone.refusal import Refusal, Step

PACKAGE = bytes(range(256)) * 10
URL = "https://apps.example.test/expenses.xap"


def ranges(request: Request) -> Response:
    first, last = (request.headers.get("Range") or "").removeprefix("bytes=").split("-")
    data = PACKAGE[int(first) : int(last) + 1]
    text = f"bytes {first}-{int(first) + len(data) - 1}/{len(PACKAGE)}"
    return Response(status=206, headers=Headers([("Content-Range", text)]), body=data)


def whole(_request: Request) -> Response:
    return Response(status=200, body=PACKAGE)


def fetched(answer: Any, *, max_bytes: int = 10_000, **options: Any) -> Download:
    bounds = Bounds(chunk_bytes=1000, max_bytes=max_bytes)
    return run(download(URL, user_agent="Agent", step=Step.APP, bounds=bounds, **options), answer)


@pytest.mark.parametrize(("answer", "requests"), [(ranges, 3), (whole, 1)])
def test_a_kept_package_is_what_was_served(answer: Any, requests: int) -> None:
    done = fetched(answer, keeps=True)
    assert done.data == PACKAGE
    assert (done.total, done.requests) == (len(PACKAGE), requests)
    assert done.sha256 == hashlib.sha256(PACKAGE).hexdigest()


def test_it_is_not_kept_unless_asked_for() -> None:
    assert fetched(ranges).data == b""


def test_the_refusal_is_that_of_the_step() -> None:
    with pytest.raises(Refusal) as caught:
        fetched(whole, max_bytes=100)
    assert caught.value.step is Step.APP
    assert "more than 100 bytes" in caught.value.reason
