"""Requests off a stream, in pieces of any size."""

from __future__ import annotations

from typing import Any

import pytest

from mdmcore.mitm.transport_faults.requests import BadRequestError, RequestReader

POST = b"POST /a?b=c HTTP/1.1\r\nHost: other.test\r\nContent-Length: 4\r\n\r\nbody"


class Stream:
    """What a device says, piece by piece."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = list(pieces)
        self.sent = b""

    async def read(self) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""

    async def write(self, data: bytes) -> None:
        self.sent += data


def reader(*pieces: bytes) -> RequestReader:
    stream: Any = Stream(*pieces)
    return RequestReader(stream, "mdm.example.test", 8443)


@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_requests_one_after_the_other(size: int) -> None:
    data = POST + b"\r\n" + POST
    found = reader(*(data[at : at + size] for at in range(0, len(data), size)))
    for _ in range(2):
        request = await found.next()
        assert request is not None
        assert (request.method, request.path, request.content) == ("POST", "/a?b=c", b"body")
        assert request.url == "https://mdm.example.test:8443/a?b=c"
        assert request.headers["Host"] == "other.test"
    assert await found.next() is None


async def test_a_device_that_waits_for_leave_to_send_gets_it() -> None:
    stream: Any = Stream(
        POST.replace(b"\r\n\r\nbody", b"\r\nExpect: 100-continue\r\n\r\n"), b"body"
    )
    request = await RequestReader(stream, "mdm.example.test", 443).next()
    assert request is not None
    assert request.content == b"body"
    assert stream.sent == b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.mark.parametrize("cut", [0, 10, len(POST) - 1])
async def test_a_device_that_leaves_in_the_middle(cut: int) -> None:
    assert await reader(POST[:cut]).next() is None


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
        (b"POST / HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n", 413),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 70000, 431),
    ],
)
async def test_what_is_not_read_on(data: bytes, status: int) -> None:
    with pytest.raises(BadRequestError) as caught:
        await reader(data).next()
    assert caught.value.status == status
