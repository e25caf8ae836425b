"""The other two ways to a server that wants a client certificate: a header, and a key of our own.

The servers are Python's; what they read from the header goes through ``openssl``.
"""

from __future__ import annotations

import base64
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

import pytest

from mdmcore.cli.main import run as run_command
from mdmcore.http import Headers, Request, Response
from tests.support.https_server import https_server
from tests.support.inspected_device import Device, device_in, flows, inspecting, listed, proxy_root
from tests.support.openssl import openssl, openssl_output
from tests.support.processes import start_mitmdump
from tests.support.requirements import CHECKOUT
from tests.support.tls_server import HOST, lasting_certificate, tls_server

pytestmark = pytest.mark.e2e

HEADER = "X-SSL-Client-Cert"


@pytest.fixture
def device(tmp_path: Path) -> Device:
    """One that trusts the proxy."""
    return device_in(tmp_path, root=proxy_root(tmp_path))


@contextmanager
def server(folder: Path) -> Iterator[tuple[int, list[Headers]]]:
    """A server's port, and the headers of what it was asked."""
    seen: list[Headers] = []

    def answer(request: Request) -> Response:
        seen.append(request.headers)
        return Response(status=200, body=b"ok")

    with https_server(folder, (HOST,), answer) as port:
        yield port, seen


def test_a_server_checks_the_certificate_from_the_header(tmp_path: Path, device: Device) -> None:
    trust = ("--upstream-ca", tmp_path / "root.pem", "--forward-client-cert", HEADER)
    with (
        server(tmp_path) as (port, seen),
        inspecting(
            tmp_path,
            "--upstream",
            f"https://{HOST}:{port}",
            "--forward-client-cert",
            HEADER,
            *trust,
        ) as (proxy, record, process),
    ):
        claimed = ("-H", f"{HEADER}: claimed", "-H", "X_SSL_Client_Cert: claimed")
        with_key = device.get(proxy, port, *claimed, by_connect=False)
        assert with_key.stdout == b"ok", with_key.stderr
        assert device.get(proxy, port, *claimed, by_connect=False, has_key=False).stdout == b"ok"
        assert "taken away" in process.output
    first, second = seen
    pem = unquote(first.get(HEADER) or "").encode()
    verified = openssl("verify", "-CAfile", str(tmp_path / "root.pem"), data=pem)
    assert verified.stdout == b"stdin: OK\n", verified.stderr
    assert openssl_output("x509", "-outform", "DER", data=pem) == lasting_certificate()
    assert second.get(HEADER) is None
    assert "claimed" not in repr(seen)
    assert len(first.get_all(HEADER)) == 1
    # The device did not send it, so that nobody judges it; the recording says whose it was.
    notes = [one.metadata["mdmproxy"].get("forwarded_certificate") for one in flows(record)]
    requests = [note for note in notes if note is not None]
    assert requests == [
        {"header": HEADER, "is_sent": True, "removed": 2},
        {"header": HEADER, "is_sent": False, "removed": 2},
    ]
    assert {row["kind"] for row in listed(record)} <= {"other", "tls"}


def test_a_forward_proxy_hands_it_to_that_domain_only(tmp_path: Path, device: Device) -> None:
    """``localhost`` is the domain here; the same server by its address is somebody else's."""
    arguments = ("--forward-client-cert", "X-ARR-ClientCert", "--insecure")
    with (
        server(tmp_path) as (port, seen),
        inspecting(tmp_path, *arguments, "--domain", HOST) as (proxy, _, _),
    ):
        assert device.get(proxy, port, "--insecure").stdout == b"ok"
        other = device.get(proxy, port, "--insecure", host="127.0.0.1")
        assert other.stdout == b"ok", other.stderr
    first, second = seen
    assert base64.b64decode(first.get("X-ARR-ClientCert") or "") == lasting_certificate()
    assert second.get("X-ARR-ClientCert") is None


def test_without_it_no_byte_is_added(tmp_path: Path, device: Device) -> None:
    with (
        server(tmp_path) as (port, seen),
        inspecting(tmp_path, "--upstream", f"https://{HOST}:{port}", "--insecure") as (proxy, _, _),
    ):
        sent = ("-H", f"{HEADER}: the device's own")
        assert device.get(proxy, port, *sent, by_connect=False).stdout == b"ok"
    assert seen[0].get(HEADER) == "the device's own"


def test_in_plain_mitmproxy(tmp_path: Path, device: Device) -> None:
    with server(tmp_path) as (port, seen):
        process, proxy = start_mitmdump(
            CHECKOUT / "addons" / "mdm_inspect.py",
            confdir=tmp_path / "conf",
            options={"mdm_forward_client_cert": "Client-Cert", "ssl_insecure": "true"},
            arguments=["--mode", f"reverse:https://{HOST}:{port}"],
        )
        with process:
            assert device.get(proxy, port, by_connect=False).stdout == b"ok"
            assert process.interrupt() == 0
    assert seen[0].get("Client-Cert") == f":{base64.b64encode(lasting_certificate()).decode()}:"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("is_folder", [True, False])
def test_a_certificate_of_the_proxys_own(
    tmp_path: Path, device: Device, version: ssl.TLSVersion, is_folder: bool
) -> None:
    if is_folder:
        folder = tmp_path / "own"
        folder.mkdir()
        (folder / f"{HOST}.pem").write_bytes(device.key.read_bytes())
    own = folder if is_folder else device.key
    with (
        tls_server(tmp_path, versions=(version, version), client=ssl.CERT_REQUIRED) as behind,
        inspecting(
            *(tmp_path, "--upstream", f"https://{HOST}:{behind.port}", "--client-certs", own),
            *("--upstream-ca", tmp_path / "root.pem"),
        ) as (proxy, record, _),
    ):
        done = device.get(proxy, behind.port, by_connect=False, has_key=False)
        assert done.stdout == b"ok", done.stderr
        assert behind.certificates == [lasting_certificate()]
    rules = [one["rule"] for flow in flows(record) for one in flow.metadata["mdmproxy"]["findings"]]
    assert "proxy-breaks-client-tls" not in rules


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--forward-client-cert", HEADER], "needs --upstream or --domain"),
        (["--forward-client-cert", "a b", "--domain", "acme.test"], "give a header's name"),
        (["--forward-client-cert", "X=hex", "--domain", "acme.test"], "the form is one of"),
        (["--client-certs", "no-such-file.pem"], "no such file"),
        (["--console", "--web"], "exclude each other"),
        (["--console"], "--console needs a terminal"),
        (["--mode", "transparent", "--upstream", "https://a.test"], "exclude each other"),
        (["--mode", "nonsense"], "unknown mode"),
        (["--advertise", "192.0.2.7"], "--advertise goes with --dns"),
    ],
)
def test_what_cannot_be_is_one_line(
    arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    where = ["--confdir", str(tmp_path), "--listen-port", "0"]
    assert run_command(["inspect", *where, *arguments]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith("mdmproxy: error: ")
    assert reason in said
