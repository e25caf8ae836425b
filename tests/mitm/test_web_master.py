"""mitmweb in our process: reached under the URL we are told, closed at the end."""

from __future__ import annotations

import socket
from pathlib import Path

import httpx
import pytest

from mdmcore.errors import ConfigError
from mdmcore.mitm.runner import ProxySettings
from tests.support.runner import run_with_client


async def test_the_web_interface_can_be_had(tmp_path: Path) -> None:
    urls: list[str] = []
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        web_port = free.getsockname()[1]

    def client(proxy: str) -> None:
        answer = httpx.get(urls[0], trust_env=False, follow_redirects=True)
        assert answer.status_code == 200
        assert "mitmproxy" in answer.text

    settings = ProxySettings(
        scripts=("mdm_inspect",),
        port=0,
        confdir=tmp_path,
        web=True,
        web_port=web_port,
        on_web=urls.append,
    )
    await run_with_client(settings, client)
    assert f":{web_port}/" in urls[0]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", web_port), timeout=20)


async def test_a_taken_port_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings = ProxySettings(
            scripts=("mdm_inspect",),
            port=0,
            confdir=tmp_path,
            web=True,
            web_port=server.getsockname()[1],
        )
        with pytest.raises(ConfigError, match=r"^cannot listen on .* for the web view"):
            await run_with_client(settings)
