"""Devices that do not come to terms with the proxy: what ``mdmproxy inspect`` finds of each, and
what the recording shows of it. The server behind is right.

Real openssls, curls and Python's ssl; where a device must behave as none of these, its bytes.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.e2e.test_inspect_tls import MDMPROXY, analyze, by_exchange, read_live
from tests.support.client_hello import client_hello
from tests.support.https_server import serving
from tests.support.processes import Process, run
from tests.support.requirements import require_program
from tests.support.server import make_server
from tests.support.tls_chains import leaf, root, write_chain, write_root
from tests.support.tls_server import server_context

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a device finds proxy and server, and a CA that is neither's; each device asks for a
    host of its own, by which it is known."""

    host: str
    proxy: int
    server: int
    ours: Path
    foreign: Path

    @property
    def where(self) -> str:
        return f"127.0.0.1:{self.server}"


def s_client(place: Place, *arguments: str | Path) -> None:
    run(
        [
            *(require_program("openssl"), "s_client", "-proxy", f"127.0.0.1:{place.proxy}"),
            *("-connect", place.where, "-servername", place.host, *arguments),
        ],
        input=b"",
    )


def tunnelled(place: Place) -> socket.socket:
    """A connection through the proxy to the server, still without TLS."""
    stream = socket.create_connection(("127.0.0.1", place.proxy), timeout=20)
    stream.sendall(f"CONNECT {place.where} HTTP/1.1\r\nHost: {place.where}\r\n\r\n".encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += stream.recv(1)
    assert b" 200 " in head.partition(b"\r\n")[0]
    return stream


def openssl_without_our_root(place: Place) -> None:
    s_client(place, "-CAfile", place.foreign, "-verify_return_error")


def curl_without_our_root(place: Place) -> None:
    done = run(
        [
            *(require_program("curl"), "-q", "-sS", "--noproxy", "", "--cacert", place.foreign),
            *("-x", f"http://127.0.0.1:{place.proxy}", "--connect-to", f"::{place.where}"),
            f"https://{place.host}/",
        ]
    )
    assert done.returncode == 60  # CURLE_PEER_FAILED_VERIFICATION


def python_without_our_root(place: Place) -> None:
    context = ssl.create_default_context(cafile=str(place.foreign))
    with tunnelled(place) as stream, pytest.raises(ssl.SSLCertVerificationError):
        context.wrap_socket(stream, server_hostname=place.host)


def left_at_the_certificate(place: Place) -> None:
    """A device that sees the certificate in TLS 1.2, and closes without an alert."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    heard, said = ssl.MemoryBIO(), ssl.MemoryBIO()
    device = context.wrap_bio(heard, said, server_hostname=place.host)
    with tunnelled(place) as stream:
        with contextlib.suppress(ssl.SSLWantReadError):
            device.do_handshake()
        stream.sendall(said.read())
        assert stream.recv(65536)


def old_version(place: Place) -> None:
    s_client(place, "-CAfile", place.ours, "-tls1", "-cipher", "ALL:@SECLEVEL=0")


def old_suites(place: Place) -> None:
    """RC4 and 3DES alone, which no build of today has."""
    with tunnelled(place) as stream:
        stream.sendall(client_hello((0x0004, 0x000A), host=place.host))
        stream.recv(65536)


def left_after_the_handshake(place: Place) -> None:
    s_client(place, "-CAfile", place.ours, "-verify_return_error")


def stranger_without_our_root(place: Place) -> None:
    s_client(place, "-CAfile", place.foreign, "-verify_return_error")


def host_of(device: Device) -> str:
    """A discovery host, but for the stranger, who has to do with no management."""
    name = device.__name__.replace("_", "-")
    return (
        f"{'store' if device is stranger_without_our_root else 'enterpriseenrollment'}.{name}.test"
    )


type Device = Callable[[Place], None]
ROOT = "tls-root-not-on-device"
DEVICES: dict[Device, tuple[str | None, str]] = {
    openssl_without_our_root: (ROOT, "the device refuses the certificate that this proxy showed"),
    curl_without_our_root: (ROOT, "the device refuses the certificate that this proxy showed"),
    python_without_our_root: (ROOT, "the device refuses the certificate that this proxy showed"),
    left_at_the_certificate: (ROOT, "is likely, not certain"),
    old_suites: ("tls-too-modern", "TLS_RSA_WITH_RC4_128_MD5"),
    left_after_the_handshake: (None, ""),
    stranger_without_our_root: (None, ""),
}
"""Each device with the rule that speaks of it, alone, and a part of its words."""
STRICT: dict[Device, tuple[str | None, str]] = {
    **DEVICES,
    old_version: ("tls-too-modern", "the device offers TLS 1.0"),
}
LENIENT: dict[Device, tuple[str | None, str]] = {**DEVICES, old_version: (None, "")}


@dataclass
class Told:
    """One run: which devices came; for each connection by its host what was found of it, live and
    in the analysis."""

    expected: dict[Device, tuple[str | None, str]]
    live: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    analysis: list[dict[str, str]] = field(default_factory=list)
    output: str = ""


@pytest.fixture(scope="module", params=["--no-legacy-tls", "--legacy-tls"])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """All devices, one after another, through one proxy."""
    folder = tmp_path_factory.mktemp("devices")
    record, conf = folder / "live.mitm", folder / "conf"
    command: list[str | Path] = [
        *(*MDMPROXY, "inspect", "--listen-port", "0", "--confdir", conf, "--record", record),
        *("--upstream-ca", write_root(folder / "root.pem", root()), request.param),
    ]
    result = Told(expected=STRICT if request.param == "--no-legacy-tls" else LENIENT)
    server, database = make_server(folder)
    names = map(host_of, result.expected)
    chain = write_chain(folder / "server.pem", leaf(*names, issuer=root(), common_name="All"))
    context = server_context((ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_3), sends_chain=False)
    context.load_cert_chain(chain)
    with ExitStack() as stack:
        stack.callback(database.close)
        port = stack.enter_context(serving(context, server.answer))
        process = stack.enter_context(Process(command))
        proxy = process.wait_for(r"^mdmproxy: listening on 127\.0\.0\.1:(\d+)$")[1]
        foreign = write_root(folder / "foreign.pem", root("Foreign Root", "device"))
        for device in result.expected:
            place = Place(
                host=host_of(device),
                proxy=int(proxy),
                server=port,
                ours=conf / "mitmproxy-ca-cert.pem",
                foreign=foreign,
            )
            device(place)
        assert process.interrupt() == 0
    result.output = process.output
    result.live = [(host, found) for host, _, found in read_live(record)]
    result.analysis = by_exchange(analyze(record))
    return result


def test_each_device_is_told_once_with_its_rule_alone(told: Told) -> None:
    found = {host: set(rules) for host, rules in told.live}
    assert len(found) == len(told.live)
    assert found == {
        host_of(device): set() if rule is None else {rule}
        for device, (rule, _) in told.expected.items()
    }


def test_the_words_explain_it(told: Told) -> None:
    found = dict(told.live)
    for device, (rule, words) in told.expected.items():
        assert rule is None or words in found[host_of(device)][rule]


def test_the_recording_shows_the_same(told: Told) -> None:
    assert [set(found) for found in told.analysis] == [set(found) for _, found in told.live]


def test_nothing_failed_inside(told: Told) -> None:
    assert "Traceback" not in told.output
