"""``--pass-client-tls``: device and server speak TLS with each other, and the leg is still listed.

Real servers that want a client certificate (Python's ssl, ``openssl s_server``), curl and ``openssl
s_client`` as the device that has one; ``openssl x509`` says what the listing must show.
"""

from __future__ import annotations

import re
import socket
import ssl
from datetime import timedelta
from pathlib import Path

import pytest

from mdmcore.cli.main import run as run_command
from tests.support.client_hello import client_hello
from tests.support.inspected_device import Device, device_in, flows, inspecting, listed, proxy_root
from tests.support.openssl import openssl_output
from tests.support.processes import Process, free_port, run, start_mitmdump
from tests.support.requirements import CHECKOUT, require_program
from tests.support.tls_server import HOST, lasting_certificate, server_certificate, tls_server

pytestmark = pytest.mark.e2e

TLS12, TLS13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return device_in(tmp_path)


@pytest.mark.parametrize("by_connect", [True, False])
@pytest.mark.parametrize("version", [TLS12, TLS13])
def test_the_device_shows_its_certificate_to_the_server(
    tmp_path: Path, device: Device, version: ssl.TLSVersion, by_connect: bool
) -> None:
    with tls_server(tmp_path, versions=(version, version), client=ssl.CERT_REQUIRED) as server:
        upstream = () if by_connect else ("--upstream", f"https://{HOST}:{server.port}")
        with inspecting(tmp_path, "--pass-client-tls", HOST, *upstream) as (port, record, process):
            done = device.get(port, server.port, by_connect=by_connect)
        assert done.stdout == b"ok", done.stderr
        assert server.certificates == [lasting_certificate()]
    assert "mdm: CONNECT localhost" in process.output
    (row,) = listed(record)
    assert (row["kind"], row["method"], row["status"]) == ("tls", "CONNECT", None)
    seen = row["decoded"]["connection"]
    assert (seen["sni"], seen["is_passed_through"], seen["end"]) == (HOST, True, "ok")
    assert seen["server_version"] == ("TLS 1.2" if version is TLS12 else "TLS 1.3")
    assert seen["server_suite"].startswith("TLS_")
    assert seen["versions"]
    assert seen["sent"] > 500
    assert seen["received"] > 500
    if version is TLS12:
        assert (seen["is_asked_by_server"], seen["is_given_to_server"]) == (True, True)
    else:
        assert "is_asked_by_server" not in seen
        assert "server_certificates" not in row["decoded"]
        assert "its certificates are encrypted" in row["summary"]


def test_the_listing_shows_the_chain_as_openssl_reads_it(tmp_path: Path, device: Device) -> None:
    with (
        tls_server(tmp_path, versions=(TLS12, TLS12), client=ssl.CERT_REQUIRED) as server,
        inspecting(tmp_path, "--pass-client-tls", HOST) as (port, record, _),
    ):
        assert device.get(port, server.port, by_connect=True).stdout == b"ok"
    (row,) = listed(record)
    leaf, root = row["decoded"]["server_certificates"]
    said = openssl_output(
        *("x509", "-in", str(tmp_path / "server.pem"), "-noout", "-subject", "-issuer", "-dates"),
        *("-ext", "subjectAltName", "-nameopt", "RFC2253", "-dateopt", "iso_8601"),
    ).decode()
    assert f"subject={leaf['subject']}\n" in said
    assert f"issuer={leaf['issuer']}\n" in said
    assert f"notBefore={leaf['not_before'].replace('T', ' ')}" in said
    assert f"notAfter={leaf['not_after'].replace('T', ' ')}" in said
    assert re.findall(r"DNS:(\S+)", said) == leaf["dns_names"] == [HOST]
    assert root["subject"] == leaf["issuer"] == "CN=Lasting CA"
    # mitmproxy's own views show them, too.
    (flow,) = flows(record)
    assert [one.cn for one in flow.server_conn.certificate_list] == [HOST, "Lasting CA"]
    assert flow.client_conn.certificate_list[0].cn == "DEVICE-0001"
    assert f"; certificate of {HOST} by CN=Lasting CA, until 20" in row["summary"]
    assert flow.server_conn.tls_version == "TLSv1.2"


@pytest.mark.parametrize("version", [TLS12, TLS13])
def test_a_device_without_certificate_is_refused_by_the_server(
    tmp_path: Path, device: Device, version: ssl.TLSVersion
) -> None:
    with (
        tls_server(tmp_path, versions=(version, version), client=ssl.CERT_REQUIRED) as server,
        inspecting(tmp_path, "--pass-client-tls", HOST) as (port, record, _),
    ):
        assert device.get(port, server.port, by_connect=True, has_key=False).returncode != 0
    (row,) = listed(record)
    seen = row["decoded"]["connection"]
    if version is TLS12:
        assert (seen["end"], seen["alert"]) == ("server-alert", "handshake_failure")
        assert seen["is_asked_by_server"]
        assert "is_given_to_server" not in seen
    else:
        assert seen["end"] == "server-closed"
        assert seen["detail"] == "the last record of the server has the length of an alert"


def test_a_server_says_whose_certificates_it_takes(tmp_path: Path, device: Device) -> None:
    port = free_port()
    chain = server_certificate(tmp_path, (HOST,))
    command: list[str | Path] = [
        *(require_program("openssl"), "s_server", "-accept", f"127.0.0.1:{port}", "-tls1_2"),
        *("-cert", chain, "-key", chain, "-CAfile", device.root, "-Verify", "1", "-www"),
    ]
    with Process(command) as server:
        server.wait_for("ACCEPT")
        with inspecting(tmp_path, "--pass-client-tls", HOST) as (proxy, record, _):
            done = device.get(proxy, port, by_connect=True)
    assert b"Verify return code: 0 (ok)" in done.stdout or b"TLSv1.2" in done.stdout
    (row,) = listed(record)
    assert row["decoded"]["connection"]["accepted"] == ["CN=Lasting CA"]


def test_other_hosts_are_still_intercepted(tmp_path: Path, device: Device) -> None:
    with (
        tls_server(tmp_path) as server,
        inspecting(
            tmp_path, "--pass-client-tls", "mdm.other.test", "--upstream-ca", device.root
        ) as (port, record, _),
    ):
        refused = device.get(port, server.port, by_connect=True)
        assert b"certificate" in refused.stderr
        trusting = device_in(tmp_path, root=proxy_root(tmp_path))
        assert trusting.get(port, server.port, by_connect=True).stdout == b"ok"
    kinds = [row["kind"] for row in listed(record)]
    assert sorted(kinds) == ["other", "tls"]


def test_an_alert_of_the_device_is_seen(tmp_path: Path) -> None:
    with (
        tls_server(tmp_path, versions=(TLS12, TLS12)) as server,
        inspecting(
            tmp_path, *("--pass-client-tls", HOST, "--upstream", f"https://{HOST}:{server.port}")
        ) as (port, record, _),
    ):
        run(
            [
                *(require_program("openssl"), "s_client", "-connect", f"127.0.0.1:{port}"),
                *("-servername", HOST, "-verify_return_error"),
            ],
            input=b"",
        )
    (flow,) = flows(record)
    ours = flow.metadata["mdmproxy"]
    assert (ours["connection"]["end"], ours["connection"]["alert"]) == ("alert", "unknown_ca")
    assert [one["rule"] for one in ours["findings"]] == ["tls-root-not-on-device"]
    assert "the certificate that the server showed it" in ours["findings"][0]["message"]


def test_the_servers_certificate_is_judged(tmp_path: Path, device: Device) -> None:
    names, lifetime = ("www.other.test",), timedelta(days=1)
    with (
        tls_server(tmp_path, versions=(TLS12, TLS12), names=names, lifetime=lifetime) as server,
        inspecting(tmp_path, "--pass-client-tls", HOST) as (port, record, _),
    ):
        device.get(port, server.port, by_connect=True)
    (flow,) = flows(record)
    rules = {one["rule"] for one in flow.metadata["mdmproxy"]["findings"]}
    assert rules == {"tls-name-mismatch", "tls-certificate-expired"}


def test_a_hello_in_pieces_passes_too(tmp_path: Path) -> None:
    hello = client_hello((0x002F,), version=0x0303, host=HOST)
    with (
        tls_server(tmp_path, versions=(TLS12, TLS12)) as server,
        inspecting(
            tmp_path, *("--pass-client-tls", HOST, "--upstream", f"https://{HOST}:{server.port}")
        ) as (port, record, _),
        socket.create_connection(("127.0.0.1", port), timeout=20) as stream,
    ):
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(0, len(hello), 16):
            stream.sendall(hello[at : at + 16])
        answer = stream.recv(65536)
        assert answer[0] in (0x15, 0x16)
        stream.shutdown(socket.SHUT_WR)
        while stream.recv(65536):
            pass
    (row,) = listed(record)
    assert row["decoded"]["connection"]["sni"] == HOST
    assert row["decoded"]["connection"]["is_passed_through"]


def test_a_server_that_cannot_be_reached_is_said(tmp_path: Path, device: Device) -> None:
    record = tmp_path / "plain.mitm"
    process, port = start_mitmdump(
        CHECKOUT / "addons" / "mdm_inspect.py",
        confdir=tmp_path / "conf",
        options={"mdm_pass_client_tls": [HOST], "connection_strategy": "lazy"},
        arguments=["-w", record],
    )
    with process:
        assert device.get(port, free_port()).returncode != 0
        assert process.interrupt() == 0
    (flow,) = (one for one in flows(record) if "mdmproxy" in one.metadata)
    seen = flow.metadata["mdmproxy"]["connection"]
    assert seen["end"] == "failed"
    assert seen["detail"].startswith("the server cannot be reached: ")


def test_in_plain_mitmproxy(tmp_path: Path, device: Device) -> None:
    record = tmp_path / "plain.mitm"
    process, port = start_mitmdump(
        CHECKOUT / "addons" / "mdm_inspect.py",
        confdir=tmp_path / "conf",
        options={"mdm_pass_client_tls": [HOST, "*.acme.test"]},
        arguments=["-w", record],
    )
    with process, tls_server(tmp_path, client=ssl.CERT_REQUIRED) as server:
        assert device.get(port, server.port, by_connect=True).stdout == b"ok"
        assert process.interrupt() == 0
    (flow,) = flows(record)
    assert flow.comment.startswith("[mdm] Connection to localhost: passed through untouched: ")


@pytest.mark.parametrize("host", ["https://mdm.acme.test", "mdm.acme.test:443", "a b", "*x.test"])
def test_what_is_no_host_is_refused(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["inspect", "--pass-client-tls", host]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "--pass-client-tls" in said
