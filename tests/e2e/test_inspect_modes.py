"""Where ``inspect`` can stand: led to by DNS, before another proxy, and as mitmproxy itself can."""

from __future__ import annotations

import re
import socket
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mdmcore.http import Request, Response
from tests.support.dns import AAAA, NOERROR, DnsAnswer, ask, query
from tests.support.https_server import https_server
from tests.support.inspected_device import (
    Device,
    device_in,
    flows,
    inspecting,
    listed,
    proxy_root,
)
from tests.support.messages import discover
from tests.support.processes import run, start_mitmdump
from tests.support.requirements import require_program
from tests.support.tls_server import HOST, lasting_certificate, tls_server

pytestmark = pytest.mark.e2e

DISCOVERY_HOST = "enterpriseenrollment.acme.test"
DISCOVERY = f"https://{DISCOVERY_HOST}/EnrollmentServer/Discovery.svc"


@pytest.fixture
def device(tmp_path: Path) -> Device:
    """One that trusts the proxy."""
    return device_in(tmp_path, root=proxy_root(tmp_path))


@contextmanager
def server(folder: Path) -> Iterator[tuple[int, list[Request]]]:
    """A server's port, and what it was asked."""
    seen: list[Request] = []

    def answer(request: Request) -> Response:
        seen.append(request)
        return Response(status=200, body=b"ok")

    with https_server(folder, (HOST, DISCOVERY_HOST), answer) as port:
        yield port, seen


def test_dns_leads_devices_to_the_real_server(tmp_path: Path, device: Device) -> None:
    """A real query, a real POST to what it says, and the server gets it under the device's name."""
    with (
        server(tmp_path) as (port, seen),
        inspecting(
            *(tmp_path, "--upstream", f"https://{HOST}:{port}", "--domain", "acme.test"),
            *("--upstream-ca", tmp_path / "root.pem"),
            *("--dns", "--dns-port", "0", "--https-port", "0", "--http-port", "0"),
            *("--advertise", "127.0.0.1"),
        ) as (proxy, record, process),
    ):
        dns = int(process.wait_for(r"DNS on 127\.0\.0\.1:(\d+): enterpriseenrollment\.acme")[1])
        https = int(process.wait_for(r"HTTPS on 127\.0\.0\.1:(\d+)")[1])
        here = DnsAnswer(code=NOERROR, addresses=("127.0.0.1",))
        for name in (DISCOVERY_HOST, DISCOVERY_HOST.title()):
            assert ask(dns, query(name)) == here
            assert ask(dns, query(name), tcp=True) == here
        assert ask(dns, query(DISCOVERY_HOST, AAAA)) == DnsAnswer(code=NOERROR, addresses=())
        assert ask(dns, query("localhost")).addresses == ("127.0.0.1",)
        done = run(
            [
                *(require_program("curl"), "-q", "-sS", "--max-time", "50", "--noproxy", "*"),
                *("--connect-to", f":443:{here.addresses[0]}:{https}", "--cacert", device.root),
                *("-H", "Content-Type: application/soap+xml; charset=utf-8"),
                *("--data-binary", "@-", DISCOVERY),
            ],
            input=discover(),
        )
        assert done.stdout == b"ok", done.stderr
        # Those who use the proxy still can.
        assert device.get(proxy, port).stdout == b"ok"
    assert [request.host for request in seen] == [DISCOVERY_HOST, HOST]
    assert seen[0].body == discover()
    (row,) = (one for one in listed(record) if one["method"] == "POST")
    assert row["kind"] == "discover"


def test_a_leg_led_here_by_dns_can_pass(tmp_path: Path) -> None:
    trusting = device_in(tmp_path)
    with (
        tls_server(tmp_path, names=(HOST, DISCOVERY_HOST)) as behind,
        inspecting(
            *(tmp_path, "--upstream", f"https://{HOST}:{behind.port}", "--domain", "acme.test"),
            *("--dns", "--dns-port", "0", "--https-port", "0", "--http-port", "0"),
            *("--advertise", "127.0.0.1", "--pass-client-tls", "*.acme.test"),
        ) as (_, record, process),
    ):
        https = int(process.wait_for(r"HTTPS on 127\.0\.0\.1:(\d+)")[1])
        done = trusting.get(https, https, by_connect=False, host=DISCOVERY_HOST)
        assert done.stdout == b"ok", done.stderr
    assert [row["kind"] for row in listed(record)] == ["tls"]


@pytest.mark.parametrize("login", ["", "me:p%40ss@"])
def test_through_another_proxy(tmp_path: Path, device: Device, login: str) -> None:
    corporate = tmp_path / "corporate.mitm"
    arguments: list[str | Path] = ["-w", corporate, "--set", "ssl_insecure=true"]
    if login:
        arguments += ["--proxyauth", "me:p@ss"]
    behind, port = start_mitmdump(confdir=tmp_path / "behind", arguments=arguments)
    with (
        server(tmp_path) as (origin, seen),
        behind,
        inspecting(
            *(tmp_path, "--upstream-proxy", f"http://{login}127.0.0.1:{port}"),
            *("--upstream-ca", tmp_path / "behind" / "mitmproxy-ca-cert.pem"),
        ) as (proxy, record, process),
    ):
        done = device.get(proxy, origin)
        assert done.stdout == b"ok", done.stderr
        assert behind.interrupt() == 0
        assert "p@ss" not in process.output
        assert "p%40ss" not in process.output
    assert len(seen) == 1
    assert [one.request.path for one in flows(record)] == ["/x"]
    assert [one.request.path for one in flows(corporate)] == ["/x"]


def test_a_leg_passes_through_another_proxy(tmp_path: Path) -> None:
    trusting = device_in(tmp_path)
    behind, port = start_mitmdump(
        confdir=tmp_path / "behind", arguments=["--ignore-hosts", "localhost"]
    )
    with (
        tls_server(tmp_path) as origin,
        behind,
        inspecting(
            *(tmp_path, "--upstream-proxy", f"http://127.0.0.1:{port}"),
            *("--pass-client-tls", HOST),
        ) as (proxy, record, _),
    ):
        done = trusting.get(proxy, origin.port)
        assert done.stdout == b"ok", done.stderr
        assert origin.versions == ["TLSv1.3"]
    (row,) = listed(record)
    assert row["decoded"]["connection"]["end"] == "ok"


def test_socks(tmp_path: Path, device: Device) -> None:
    with (
        server(tmp_path) as (port, seen),
        inspecting(tmp_path, "--mode", "socks5", "--insecure") as (proxy, record, _),
    ):
        done = run(
            [
                *(require_program("curl"), "-q", "-sS", "--max-time", "50", "--noproxy", ""),
                *("--socks5-hostname", f"127.0.0.1:{proxy}", "--cacert", device.root),
                f"https://{HOST}:{port}/x",
            ]
        )
        assert done.stdout == b"ok", done.stderr
    assert len(seen) == 1
    assert [one.request.path for one in flows(record)] == ["/x"]


def test_a_reverse_mode_of_mitmproxy_keeps_the_devices_host(tmp_path: Path, device: Device) -> None:
    with (
        server(tmp_path) as (port, seen),
        inspecting(
            *(tmp_path, "--mode", f"reverse:https://{HOST}:{port}", "--insecure"),
            *("--forward-client-cert", "X-ARR-ClientCert"),
        ) as (proxy, _, _),
    ):
        assert device.get(proxy, port, by_connect=False).stdout == b"ok"
    assert seen[0].headers.get("Host") == f"{HOST}:{proxy}"
    assert seen[0].headers.get("X-ARR-ClientCert")


def test_transparent_starts(tmp_path: Path) -> None:
    """Its redirection needs the system's; that it listens is all that shows without."""
    with inspecting(tmp_path, "--mode", "transparent") as (port, _, process):
        socket.create_connection(("127.0.0.1", port), timeout=20).close()
        process.wait_for("mitmproxy's mode transparent")


def test_wireguard_listens(tmp_path: Path) -> None:
    with (
        inspecting(tmp_path, "--mode", "wireguard") as (port, _, process),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other,
    ):
        process.wait_for(r"\[Interface\]")
        key = process.wait_for(r"PublicKey = (\S+)")[1]
        assert re.fullmatch(r"[A-Za-z0-9+/]{43}=", key)
        with pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", port))


def test_two_modes_on_one_port_are_told_in_one_line(tmp_path: Path) -> None:
    command: list[str | Path] = [
        *(sys.executable, "-m", "mdmcore", "inspect", "--confdir", tmp_path / "conf"),
        *("--mode", "socks5@0", "--mode", "regular@0"),
    ]
    done = run(command)
    assert done.returncode == 2
    assert done.stderr.decode().count("\n") == 1


def test_a_certificate_is_never_forwarded_where_the_leg_passes(tmp_path: Path) -> None:
    """Both at once: the host that passes shows its own, the proxy has nothing to forward."""
    trusting = device_in(tmp_path)
    with (
        tls_server(tmp_path, client=ssl.CERT_REQUIRED) as behind,
        inspecting(
            *(tmp_path, "--upstream", f"https://{HOST}:{behind.port}"),
            *("--pass-client-tls", HOST, "--forward-client-cert", "X-Cert"),
        ) as (proxy, _, _),
    ):
        assert trusting.get(proxy, behind.port, by_connect=False).stdout == b"ok"
        assert behind.certificates == [lasting_certificate()]
    assert b"X-Cert" not in behind.requests[0]
