"""mitmproxy in our process: real listening sockets, clean ends, errors of one line."""

from __future__ import annotations

import asyncio
import http.client
import logging
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from mitmproxy import dns
from mitmproxy.addons.dns_resolver import DnsResolver
from mitmproxy.http import HTTPFlow
from mitmproxy.io import FlowReader
from mitmproxy.net.dns import response_codes

from mdmcore.errors import ConfigError
from mdmcore.mitm.annotate import METADATA_KEY
from mdmcore.mitm.direct import DirectAddresses, DirectPorts
from mdmcore.mitm.engine import Engine
from mdmcore.mitm.runner import ProxySettings, _drain
from tests.support.dns import NOERROR, NXDOMAIN, DnsAnswer, ask, query
from tests.support.messages import discover
from tests.support.proxy import flows_in
from tests.support.runner import run_with_client

BOTH = ("mdm_emulate", "mdm_inspect")
DISCOVERY = "https://enterpriseenrollment.example.test/EnrollmentServer/Discovery.svc"


@pytest.fixture
def confdir(tmp_path: Path) -> Path:
    """mitmproxy's own CA, made anew: its keys are the only ones made here."""
    return tmp_path / "mitmproxy"


def post_discover(confdir: Path) -> Any:
    def client(proxy: str) -> None:
        context = ssl.create_default_context(cafile=str(confdir / "mitmproxy-ca-cert.pem"))
        with httpx.Client(proxy=proxy, verify=context, trust_env=False) as session:
            headers = {"Content-Type": "application/soap+xml; charset=utf-8"}
            answer = session.post(DISCOVERY, content=discover(), headers=headers)
            assert answer.status_code == 200
            assert b"DiscoverResponse" in answer.content

    return client


async def test_a_device_is_answered_judged_and_recorded(tmp_path: Path, confdir: Path) -> None:
    record = tmp_path / "out.mitm"
    lines: list[str] = []
    settings = ProxySettings(
        scripts=BOTH,
        port=0,
        confdir=confdir,
        options={"mdm_state": str(tmp_path / "state"), "mdm_record": str(record)},
        on_log=lambda level, line: lines.append(line),
    )
    outcome = await run_with_client(settings, post_discover(confdir))
    assert outcome.host == "127.0.0.1"
    assert outcome.port > 0
    with record.open("rb") as file:
        [flow] = FlowReader(file).stream()
    assert flow.metadata[METADATA_KEY]["kind"] == "discover"
    assert flow.comment.startswith("[mdm] ")
    assert [line for line in lines if "Discovery.svc -> 200" in line]


async def test_the_order_of_the_recording_is_that_of_judging(tmp_path: Path, confdir: Path) -> None:
    """Large messages are judged in a thread, small ones that come meanwhile wait for them."""
    record = tmp_path / "out.mitm"
    judged: list[str] = []

    def client(proxy: str) -> None:
        context = ssl.create_default_context(cafile=str(confdir / "mitmproxy-ca-cert.pem"))

        def post(number: int) -> None:
            body = discover() + b" " * (400_000 if number % 2 else 0)
            headers = {"Content-Type": "application/soap+xml; charset=utf-8"}
            with httpx.Client(proxy=proxy, verify=context, trust_env=False, timeout=60) as session:
                session.post(f"{DISCOVERY}?{number}", content=body, headers=headers)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(post, range(16)))

    settings = ProxySettings(
        scripts=BOTH,
        port=0,
        confdir=confdir,
        record=record,
        options={"mdm_state": str(tmp_path / "state")},
        on_inspected=lambda exchange, _: judged.append(exchange.request.url),
    )
    await run_with_client(settings, client)
    recorded = [flow.request.url for flow in flows_in(record) if isinstance(flow, HTTPFlow)]
    assert recorded == judged
    assert len(judged) == 16


async def test_it_can_run_again_on_the_same_state(tmp_path: Path, confdir: Path) -> None:
    for _ in range(2):
        settings = ProxySettings(
            scripts=BOTH,
            port=0,
            confdir=confdir,
            options={"mdm_state": str(tmp_path / "state")},
        )
        await run_with_client(settings, post_discover(confdir))


async def test_nobody_listens_after_the_end_and_open_connections_end(confdir: Path) -> None:
    kept: list[socket.socket] = []

    def client(proxy: str) -> None:
        address = httpx.URL(proxy)
        kept.append(socket.create_connection((address.host, address.port or 0), timeout=20))

    outcome = await run_with_client(
        ProxySettings(scripts=("mdm_inspect",), port=0, confdir=confdir), client
    )
    assert kept[0].recv(1) == b""
    kept[0].close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((outcome.host, outcome.port), timeout=20)


async def test_upstream_makes_it_a_reverse_proxy(confdir: Path) -> None:
    seen: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        seen.extend(line for line in head.decode().split("\r\n") if line.startswith("Host"))
        writer.write(b"HTTP/1.1 206 Partial Content\r\nContent-Length: 2\r\n\r\nok")
        await writer.drain()
        writer.close()

    upstream = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = upstream.sockets[0].getsockname()[1]

    def client(proxy: str) -> None:
        address = httpx.URL(proxy)
        connection = http.client.HTTPConnection(address.host, address.port, timeout=20)
        connection.request("GET", "/hub.xap", headers={"Host": "phone.test", "Range": "bytes=0-1"})
        assert connection.getresponse().read() == b"ok"
        connection.close()

    settings = ProxySettings(
        scripts=("mdm_inspect",), port=0, confdir=confdir, upstream=f"http://127.0.0.1:{port}"
    )
    async with upstream:
        outcome = await run_with_client(settings, client)
    assert seen == ["Host: phone.test"]
    assert "hub-206-no-content-range" in {finding.rule for finding in outcome.findings}


@pytest.fixture
def taken_port() -> Any:
    """A loopback port on which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


async def failure(settings: ProxySettings) -> str:
    with pytest.raises(ConfigError) as caught:
        await run_with_client(settings)
    text = str(caught.value)
    assert "\n" not in text
    return text


async def test_a_taken_port(confdir: Path, taken_port: int) -> None:
    settings = ProxySettings(scripts=("mdm_inspect",), port=taken_port, confdir=confdir)
    assert f"cannot listen on 127.0.0.1:{taken_port}: " in await failure(settings)
    assert "in use" in await failure(settings)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"mdm_users": ["nocolon"]}, "NAME:PASSWORD"),
        ({"mdm_domains": ["a b"]}, "is no domain name"),
        ({"mdm_hub": "x.xap"}, "mdm_hub needs mdm_aetx"),
        ({"mdm_typo": "x"}, "no such option: mdm_typo"),
        ({"mdm_profile": "wp9"}, "wp9"),
        ({"body_size_limit": "many"}, "many"),
        ({"ssl_insecure": "yes"}, "ssl_insecure"),
    ],
)
async def test_a_bad_option(
    tmp_path: Path, confdir: Path, options: dict[str, Any], words: str
) -> None:
    settings = ProxySettings(
        scripts=BOTH,
        port=0,
        confdir=confdir,
        options={"mdm_state": str(tmp_path / "state"), **options},
    )
    assert words in await failure(settings)


async def test_a_state_that_cannot_be_used(tmp_path: Path, confdir: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    settings = ProxySettings(
        scripts=BOTH, port=0, confdir=confdir, options={"mdm_state": str(tmp_path / "file")}
    )
    assert "cannot keep state there" in await failure(settings)


async def test_a_record_that_cannot_be_written(tmp_path: Path, confdir: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    path = tmp_path / "file" / "out.mitm"
    for settings in (
        ProxySettings(scripts=("mdm_inspect",), port=0, confdir=confdir, record=path),
        ProxySettings(
            scripts=("mdm_inspect",), port=0, confdir=confdir, options={"mdm_record": str(path)}
        ),
    ):
        assert await failure(settings)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"upstream": "nonsense://x"}, "nonsense"),
        ({"upstream_ca": Path("no-such.pem")}, "no-such.pem"),
        ({"scripts": ("mdm_no_such",)}, "mdm_no_such"),
    ],
)
async def test_bad_settings(confdir: Path, changes: dict[str, Any], words: str) -> None:
    settings = {"scripts": ("mdm_inspect",), "port": 0, "confdir": confdir, **changes}
    assert words in await failure(ProxySettings(**settings))


async def test_loggers_are_as_before(confdir: Path) -> None:
    before = [
        (logging.getLogger(name).level, logging.getLogger(name).handlers[:])
        for name in ("", "mdmcore", "mitmproxy")
    ]
    await run_with_client(ProxySettings(scripts=("mdm_inspect",), port=0, confdir=confdir))
    after = [
        (logging.getLogger(name).level, logging.getLogger(name).handlers[:])
        for name in ("", "mdmcore", "mitmproxy")
    ]
    assert after == before


DIRECT = DirectPorts(host="example.test", dns=0, https=0, http=0)


async def test_phones_without_a_proxy_setting_are_served(
    tmp_path: Path, confdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up: list[str] = []

    async def resolve(self: DnsResolver, message: dns.DNSMessage) -> dns.DNSMessage:
        assert message.question is not None
        looked_up.append(message.question.name)
        return message.fail(response_codes.NXDOMAIN)

    monkeypatch.setattr(DnsResolver, "resolve", resolve)
    found: list[DirectAddresses] = []

    def client(_proxy: str) -> None:
        (addresses,) = found
        port = addresses.dns[1]
        for tcp in (False, True):
            answer = ask(port, query("enterpriseenrollment.example.test"), tcp=tcp)
            assert answer == DnsAnswer(code=NOERROR, addresses=("192.0.2.7",))
        assert ask(port, query("www.example.test")).code == NXDOMAIN
        context = ssl.create_default_context(cafile=str(confdir / "mitmproxy-ca-cert.pem"))
        with (
            socket.create_connection(addresses.https, timeout=20) as stream,
            context.wrap_socket(stream, server_hostname="mdm.example.test") as tls,
        ):
            tls.sendall(
                b"GET /EnrollmentServer/Discovery.svc HTTP/1.1\r\nHost: mdm.example.test\r\n\r\n"
            )
            assert tls.recv(4096).startswith(b"HTTP/1.1 200 ")

    record = tmp_path / "out.mitm"
    settings = ProxySettings(
        scripts=("mdm_legacy_tls", *BOTH),
        port=0,
        confdir=confdir,
        record=record,
        options={"mdm_state": str(tmp_path / "state"), "mdm_advertise": "192.0.2.7"},
        direct=DIRECT,
        on_direct=found.append,
    )
    outcome = await run_with_client(settings, client)
    assert outcome.port not in {found[0].dns[1], found[0].https[1], found[0].http[1]}
    assert looked_up == ["www.example.test"]
    with record.open("rb") as file:
        urls = [
            flow.request.url for flow in FlowReader(file).stream() if isinstance(flow, HTTPFlow)
        ]
    assert urls == ["https://mdm.example.test/EnrollmentServer/Discovery.svc"]


@pytest.mark.parametrize("which", ["dns", "https", "http"])
async def test_a_taken_direct_port_is_named(
    tmp_path: Path, confdir: Path, taken_port: int, which: str
) -> None:
    direct: dict[str, Any] = {"dns": 0, "https": 0, "http": 0, which: taken_port}
    settings = ProxySettings(
        scripts=BOTH,
        port=0,
        confdir=confdir,
        options={"mdm_state": str(tmp_path / "state")},
        direct=DirectPorts(host="example.test", **direct),
    )
    assert f"cannot listen on 127.0.0.1:{taken_port}: " in await failure(settings)


async def test_a_direct_port_that_is_the_proxys_own(confdir: Path) -> None:
    settings = ProxySettings(
        scripts=("mdm_inspect",), port=4443, confdir=confdir, direct=replace(DIRECT, https=4443)
    )
    assert "4443" in await failure(settings)


async def test_an_address_to_advertise_that_is_none(tmp_path: Path, confdir: Path) -> None:
    settings = ProxySettings(
        scripts=BOTH,
        port=0,
        confdir=confdir,
        options={"mdm_state": str(tmp_path / "state"), "mdm_advertise": "mine"},
    )
    assert "'mine' is no address to advertise" in await failure(settings)


async def test_it_does_not_end_while_an_exchange_is_judged() -> None:
    """A device may be gone before the package that streamed to it is judged."""
    engine = Engine(SimpleNamespace())
    servers = SimpleNamespace(update=lambda modes: asyncio.sleep(0))
    found = {"proxyserver": SimpleNamespace(servers=servers, connections={}), Engine.name: engine}
    master = SimpleNamespace(addons=SimpleNamespace(get=found.get))
    async with engine.judging._lock:
        ending = asyncio.create_task(_drain(master))
        done, _ = await asyncio.wait([ending], timeout=0.05)
        assert not done
    await ending
