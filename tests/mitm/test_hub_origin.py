"""The loopback origin over real sockets, asked by the standard library's client and by hand."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mdmcore.mitm.hub_file import HubFile
from mdmcore.mitm.hub_origin import HubOrigin
from tests.support.proxy import HUB_BYTES, write_hub

type Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture
async def origin(tmp_path: Path) -> AsyncIterator[HubOrigin]:
    package, _ = write_hub(tmp_path)
    found = HubOrigin(HubFile(package), token="secret-token")
    await found.start()
    yield found
    found.close()
    await asyncio.sleep(0)


async def ask(origin: HubOrigin, *requests: tuple[str, str, dict[str, str]]) -> list[Answer]:
    """Several requests over one connection of http.client."""

    def run() -> list[Answer]:
        connection = http.client.HTTPConnection(origin.host, origin.port, timeout=20)
        try:
            answers = []
            for method, path, headers in requests:
                connection.request(method, path, headers=headers)
                response = connection.getresponse()
                answers.append((response.status, dict(response.getheaders()), response.read()))
            return answers
        finally:
            connection.close()

    return await asyncio.to_thread(run)


async def raw(origin: HubOrigin, data: bytes) -> bytes:
    """Everything the origin says to these bytes until it hangs up."""
    reader, writer = await asyncio.open_connection(origin.host, origin.port)
    writer.write(data)
    writer.write_eof()
    try:
        return await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()


async def test_the_whole_package(origin: HubOrigin) -> None:
    [(status, headers, body)] = await ask(origin, ("GET", "/secret-token", {}))
    assert (status, body) == (200, HUB_BYTES)
    assert headers["Content-Type"] == "application/x-silverlight-app"
    assert headers["Content-Length"] == str(len(HUB_BYTES))


async def test_a_part_of_it(origin: HubOrigin) -> None:
    [(status, headers, body)] = await ask(
        origin, ("GET", "/secret-token", {"Range": "bytes=1000-300999"})
    )
    assert (status, body) == (206, HUB_BYTES[1000:301000])
    assert headers["Content-Range"] == f"bytes 1000-300999/{len(HUB_BYTES)}"


async def test_a_part_beyond_its_end(origin: HubOrigin) -> None:
    [(status, headers, body)] = await ask(
        origin, ("GET", "/secret-token", {"Range": "bytes=9999999-"})
    )
    assert (status, body) == (416, b"")
    assert headers["Content-Range"] == f"bytes */{len(HUB_BYTES)}"


async def test_one_connection_serves_many_requests(origin: HubOrigin) -> None:
    answers = await ask(
        origin,
        ("HEAD", "/secret-token", {}),
        ("GET", "/secret-token", {"Range": "bytes=-5"}),
        ("GET", "/wrong", {}),
        ("POST", "/secret-token", {"Content-Length": "0"}),
        ("GET", "/secret-token", {"Range": "bytes=0-0", "Connection": "close"}),
    )
    assert [answer[0] for answer in answers] == [200, 206, 404, 405, 206]
    assert answers[0][2] == b""
    assert answers[1][2] == HUB_BYTES[-5:]
    assert answers[4][1]["Connection"] == "close"


async def test_without_the_token_nothing_is_served(origin: HubOrigin) -> None:
    for path in ("/", "/secret-toke", "/secret-token/", "/secret-token?x", "/CompanyHub/hub.xap"):
        [(status, _, body)] = await ask(origin, ("GET", path, {}))
        assert (status, body) == (404, b"")


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET / HTTP/3.0\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nName : blank before colon\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nContent-Length: 999999999999999999\r\n\r\n", b"413"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 200_000 + b"\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\n", b"400"),
    ],
)
async def test_a_bad_request_is_refused_and_the_connection_ends(
    origin: HubOrigin, data: bytes, status: bytes
) -> None:
    try:
        answer = await raw(origin, data)
    except ConnectionResetError:
        assert status == b"431"  # it hung up while we were still sending
    else:
        assert answer.startswith(b"HTTP/1.1 " + status)
        assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("cut", [b"", b"GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab"])
async def test_a_request_that_ends_early_gets_no_answer(origin: HubOrigin, cut: bytes) -> None:
    try:
        assert await raw(origin, cut) == b""
    except ConnectionResetError:
        assert cut


async def test_a_package_that_shrank_ends_the_connection(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    package, _ = write_hub(tmp_path)
    origin = HubOrigin(HubFile(package), token="t")
    await origin.start()
    package.write_bytes(b"short")
    try:
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            await ask(origin, ("GET", "/t", {}))
    finally:
        origin.close()
    assert "became shorter" in caplog.text


async def test_it_reads_in_chunks(tmp_path: Path) -> None:
    package, _ = write_hub(tmp_path)
    file = HubFile(package)
    asked: list[int] = []

    class Counting:
        size, etag, media_type = file.size, file.etag, file.media_type

        def read(self, start: int, length: int) -> bytes:
            asked.append(length)
            return file.read(start, length)

    origin = HubOrigin(Counting(), token="t")
    await origin.start()
    [(_, _, body)] = await ask(origin, ("GET", "/t", {}))
    origin.close()
    assert body == HUB_BYTES
    assert asked == [256 * 1024] * 4


async def test_after_closing_nobody_answers(tmp_path: Path) -> None:
    package, _ = write_hub(tmp_path)
    origin = HubOrigin(HubFile(package), token="t")
    await origin.start()
    port = origin.port
    await origin.start()
    assert origin.port == port
    reader, writer = await asyncio.open_connection(origin.host, port)
    await ask(origin, ("GET", "/t", {}))
    origin.close()
    with contextlib.suppress(ConnectionError):  # being cut at once is as good as an end
        assert await reader.read() == b""
    writer.close()
    with pytest.raises(OSError, match=r"."):
        await asyncio.open_connection(origin.host, port)
