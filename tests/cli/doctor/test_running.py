"""What listens on a port: real proxies, and programs that are none."""

from __future__ import annotations

import asyncio
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mdmcore.cli.doctor.network import check_port
from mdmcore.cli.doctor.result import Level, Result
from mdmcore.mitm.runner import ProxySettings
from tests.cli.doctor.setups import authority, setup, write_proxy_ca
from tests.support.runner import run_with_client

BOTH = ("mdm_emulate", "mdm_inspect")


async def seen(folder: Path, *, domains: tuple[str, ...] = (), **changes: object) -> Result:
    """What the check says of an emulator that runs."""
    conf = folder / "conf"
    settings = ProxySettings(
        scripts=BOTH, port=0, confdir=conf, options={"mdm_state": str(folder / "state")}
    )
    results: list[Result | None] = []

    def client(proxy: str) -> None:
        port = int(proxy.rsplit(":", 1)[1])
        made = setup(folder, port=port, domains=domains, **changes)
        results.append(check_port(made))

    await run_with_client(settings, client)
    (result,) = results
    assert result is not None
    return result


async def test_a_running_emulator_is_known_by_its_ca(tmp_path: Path) -> None:
    result = await seen(tmp_path)
    assert result.level is Level.OK
    assert "with the CA of" in result.message
    assert result.facts["running"] is True


async def test_it_is_asked_as_a_phone_would(tmp_path: Path) -> None:
    result = await seen(tmp_path, domains=("example.test",), host="0.0.0.0")
    assert result.level is Level.OK
    assert result.message.endswith("and answers discovery for example.test")


async def test_a_domain_that_it_does_not_answer_for(tmp_path: Path) -> None:
    result = await seen(tmp_path, domains=("other.invalid",))
    assert result.level is Level.WARNING
    assert "other.invalid: status 502" in result.message
    assert "--domain" in result.fix


async def test_another_ca_is_warned_of(tmp_path: Path) -> None:
    other = tmp_path / "other"
    write_proxy_ca(other, authority())
    result = await seen(tmp_path, confdir=other)
    assert result.level is Level.WARNING
    assert "with another CA" in result.message


@contextmanager
def answering(status: int, body: bytes) -> Iterator[int]:
    """A web server that gives the same answer to everything."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (407, b"", "asks for a password"),
        (200, b"<html/>", "no mitmproxy"),
        (404, b"-----BEGIN CERTIFICATE-----", "no mitmproxy"),
    ],
)
def test_other_programs(status: int, body: bytes, words: str, tmp_path: Path) -> None:
    with answering(status, body) as port:
        result = check_port(setup(tmp_path, port=port))
    assert result is not None
    assert result.level is Level.PROBLEM
    assert words in result.message
    assert (result.rule == "proxy-auth-challenge") == (status == 407)


async def test_what_speaks_no_http(tmp_path: Path) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail\r\n")
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        result = await asyncio.to_thread(check_port, setup(tmp_path, port=port))
    assert result is not None
    assert "by a program that is no proxy" in result.message
