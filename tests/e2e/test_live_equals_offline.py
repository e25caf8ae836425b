"""What live inspection found, ``analyze`` finds in the recording: every exchange, life and finding.
And in what ``convert`` makes of the recording, in each format.

Each scenario is one real ``mdmproxy inspect`` in front of a server of its own, with devices that do
what they do. A further one is a row in ``SCENARIOS``: a server, options, what the devices do, and
the rules that must be among the findings, so that equal is not empty.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest

from mdmcore.mitm.state import open_state
from mdmcore.report.schema import analysis_schema
from tests.support.converting import check_every_format
from tests.support.front import (
    DISCOVERY_HOST,
    DISCOVERY_PATH,
    MDM_HOST,
    MDMPROXY,
    Front,
    both_analyses,
    inspecting,
    now,
)
from tests.support.processes import Process, free_port
from tests.support.proxy import write_hub
from tests.support.raw_origin import raw_origin
from tests.support.tls_server import tls_server

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

FAULTS = (
    ("discovery-get-not-200", "probe"),
    ("auth-policy-not-offered", "discover"),
    ("policy-oid-dangling", "policy"),
    ("cert-subject-not-printable", "enroll"),
    ("wap-thumbprint-mismatch", "enroll"),
    ("criteria-unescaped", "enroll"),
    ("digest-missing-colon", "manage"),
    ("missing-212", "manage"),
    ("content-length-wrong", "manage"),
    ("hub-206-no-content-range", "hub"),
)
"""Mistakes that the emulator behind the inspector makes, one for each life, in different steps."""

type Upstream = Callable[[Path], AbstractContextManager[str]]


@contextmanager
def elsewhere(folder: Path) -> Iterator[str]:
    """A server to which a forward proxy leads."""
    with tls_server(folder) as server:
        yield server.url


@contextmanager
def emulator(folder: Path) -> Iterator[str]:
    """The emulated server, for devices without a proxy setting."""
    package, aetx = write_hub(folder)
    command: list[str | Path] = [
        *(*MDMPROXY, "emulate", "--listen-port", "0", "--domain", "example.test"),
        *("--state", folder / "server", "--confdir", folder / "server-conf"),
        *("--hub", package, "--aetx", aetx),
        *("--dns", "--dns-port", "0", "--https-port", "0", "--http-port", "0"),
    ]
    with Process(command) as process:
        process.wait_for(r"^mdmproxy: listening on ")
        port = process.wait_for(r"HTTPS on 127\.0\.0\.1:(\d+),")[1]
        yield f"https://127.0.0.1:{port}"
        assert process.interrupt() == 0
    assert "Traceback" not in process.output


@contextmanager
def expired(folder: Path) -> Iterator[str]:
    """A server whose certificate is for another name, and over since the year 2000."""
    with tls_server(folder, names=("www.other.test",), lifetime=timedelta(days=1)) as server:
        yield f"https://localhost:{server.port}"


@contextmanager
def closed(folder: Path) -> Iterator[str]:
    """A port on which nobody listens."""
    yield f"https://127.0.0.1:{free_port()}"


@contextmanager
def broken_off(folder: Path) -> Iterator[str]:
    """A server that announces more than it sends."""
    with raw_origin() as origin:
        origin.answers[DISCOVERY_PATH.encode()] = (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml; charset=utf-8\r\n"
            b"Content-Length: 1000\r\n\r\n<short/>"
        )
        yield f"http://127.0.0.1:{origin.port}"


def good_life(front: Front, url: str) -> None:
    front.mark("before the life")
    assert front.life() == ""
    front.mark("after the life, größer & <more>")


def lives_with_faults(front: Front, url: str) -> None:
    state = open_state(front.folder / "server", clock=now, random=os.urandom)
    try:
        for number, (fault, step) in enumerate(FAULTS, 1):
            state.database.order_fault(fault, now(), step=step)
            front.life(number)
            state.database.clear_faults()
        assert front.life(len(FAULTS) + 1) == ""
    finally:
        state.database.close()


def without_http(front: Front, url: str) -> None:
    """What leaves no flow of mitmproxy's, all of it in the way of one good life."""
    front.handshake(DISCOVERY_HOST, "-verify_return_error")
    front.handshake(MDM_HOST, "-tls1", "-cipher", "ALL:@SECLEVEL=0")
    front.silent()
    assert front.life() == ""
    front.mark("enrolled")
    front.handshake(MDM_HOST, "-CAfile", front.authority)
    front.silent()


def behind_connect(front: Front, url: str) -> None:
    """The same for a phone whose proxy this is."""
    place = urlsplit(url).netloc
    front.silent()
    front.silent_behind_connect(place)
    for arguments in (("-verify_return_error",), ("-CAfile", str(front.authority))):
        front.handshake("localhost", *arguments, place=place)
    front.handshake("localhost", place=f"localhost:{free_port()}")
    front.mark("nothing was asked")


def past_the_proxy(front: Front, url: str) -> None:
    """One leg passes untouched: the device does not trust the server's CA, then does not ask."""
    front.curl(DISCOVERY_PATH, host=DISCOVERY_HOST)
    front.handshake(MDM_HOST, "-tls1_2", "-verify_return_error")
    front.handshake(MDM_HOST, "-tls1_2")
    front.handshake(MDM_HOST, "-tls1_3")
    front.mark("passed")


def one_request(front: Front, url: str) -> None:
    front.curl(DISCOVERY_PATH, host=DISCOVERY_HOST)
    front.mark("asked once")
    front.curl(DISCOVERY_PATH, host=DISCOVERY_HOST)


def left_while_answered(front: Front, url: str) -> None:
    """A device that is gone before its answer is there, and one that is there to the end."""
    address = ("127.0.0.1", front.port)
    request = f"GET {DISCOVERY_PATH} HTTP/1.1\r\nHost: {DISCOVERY_HOST}\r\n\r\n".encode()
    for _ in range(3):
        with socket.create_connection(address, timeout=20) as stream:
            stream.sendall(request)
    one_request(front, url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A server, how the proxy stands before it, and what devices do there."""

    name: str
    upstream: Upstream
    options: tuple[str, ...] = ()
    devices: Callable[[Front, str], None]
    is_forward: bool = False
    rules: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    said: str = ""


SCENARIOS = (
    Scenario(
        name="good-life",
        upstream=emulator,
        options=("--insecure",),
        devices=good_life,
        kinds=frozenset({"probe", "discover", "getpolicies", "rst", "syncml", "hub", "mark"}),
    ),
    Scenario(
        name="faults",
        upstream=emulator,
        options=("--insecure",),
        devices=lives_with_faults,
        # mitmproxy makes an error of its own of a wrong length.
        rules=frozenset(fault for fault, _ in FAULTS if fault != "content-length-wrong")
        | {"answer-truncated"},
    ),
    Scenario(
        name="without-http",
        upstream=emulator,
        options=("--insecure", "--no-legacy-tls"),
        devices=without_http,
        rules=frozenset({"tls-root-not-on-device", "tls-too-modern"}),
        kinds=frozenset({"tls", "mark"}),
    ),
    Scenario(
        name="past-the-proxy",
        upstream=emulator,
        options=("--insecure", "--pass-client-tls", MDM_HOST),
        devices=past_the_proxy,
        said="passed through untouched: TLS 1.2",
        kinds=frozenset({"tls", "mark"}),
    ),
    Scenario(
        name="behind-connect",
        upstream=elsewhere,
        is_forward=True,
        options=("--insecure",),
        devices=behind_connect,
        said="Connection to localhost: the proxy cannot connect to the server",
        kinds=frozenset({"tls", "mark"}),
    ),
    Scenario(
        name="tls-faults-of-the-server",
        upstream=expired,
        options=("--insecure",),
        devices=one_request,
        rules=frozenset({"tls-certificate-expired", "tls-name-mismatch"}),
    ),
    Scenario(
        name="a-certificate-that-is-refused",
        upstream=expired,
        devices=one_request,
        kinds=frozenset({"probe"}),
    ),
    Scenario(
        name="nobody-listens",
        upstream=closed,
        devices=one_request,
        kinds=frozenset({"tls"}),
        said="the proxy cannot connect to the server ([Errno ",
    ),
    Scenario(
        name="answers-that-break-off",
        upstream=broken_off,
        devices=one_request,
        rules=frozenset({"answer-truncated"}),
    ),
    Scenario(
        name="devices-that-leave",
        upstream=broken_off,
        devices=left_while_answered,
        rules=frozenset({"answer-truncated"}),
    ),
)


@pytest.mark.parametrize("scenario", [pytest.param(one, id=one.name) for one in SCENARIOS])
def test_the_recording_gives_what_was_found_live(tmp_path: Path, scenario: Scenario) -> None:
    with scenario.upstream(tmp_path) as url:
        where = () if scenario.is_forward else ("--upstream", url)
        with inspecting(tmp_path, *where, *scenario.options) as front:
            scenario.devices(front, url)
    live, again = both_analyses(tmp_path)
    jsonschema.validate(live, analysis_schema())
    for part in ("exchanges", "lives", "findings"):
        assert _lines(again[part]) == _lines(live[part])
    assert again["captures"] == live["captures"]
    assert {one["rule"] for one in live["findings"]} >= scenario.rules
    assert {one["kind"] for one in live["exchanges"]} >= scenario.kinds
    assert any(scenario.said in one["summary"] for one in live["exchanges"])
    check_every_format(tmp_path / "live.mitm", tmp_path)


def test_a_recording_of_an_emulator_gives_what_was_found_live(tmp_path: Path) -> None:
    """Mistakes in HTTP and below it, a hub that streams, phones that know TLS 1.0 alone."""
    package, aetx = write_hub(tmp_path)
    seen = ("cert-subject-not-printable@enroll*1", "digest-missing-colon@manage*1")
    # The phone leaves in that handshake, in which the proxy has no part.
    options = [f"--fault={fault}" for fault in (*seen, "tls-certificate-expired@probe*1")]
    hub = ("--hub", package, "--aetx", aetx)
    with inspecting(tmp_path, *options, *hub, command="emulate") as front:
        said = [front.life(number, "wp8", by_proxy=True) for number in range(1, 5)]
        front.mark("in the emulator, too")
        front.silent_behind_connect(f"{MDM_HOST}:443")
        front.handshake(DISCOVERY_HOST, "-verify_return_error", place=f"{DISCOVERY_HOST}:443")
    assert said[-1] == ""
    live, again = both_analyses(tmp_path)
    for part in ("exchanges", "lives", "findings"):
        assert _lines(again[part]) == _lines(live[part])
    found = {one["rule"] for one in live["findings"]}
    assert found >= {fault.partition("@")[0] for fault in seen} | {"tls-root-not-on-device"}
    assert {one["kind"] for one in live["exchanges"]} >= {"tls", "mark", "hub", "syncml"}
    check_every_format(tmp_path / "live.mitm", tmp_path)


def _lines(rows: list[dict[str, Any]]) -> list[str]:
    # One line each: what differs is then seen at once.
    return [repr(row) for row in rows]


def test_marks_stand_at_their_place_with_their_time(tmp_path: Path) -> None:
    with emulator(tmp_path) as url, inspecting(tmp_path, "--upstream", url, "--insecure") as front:
        before = now()
        front.mark("pressed   refresh")
        front.curl(DISCOVERY_PATH, host=DISCOVERY_HOST)
        front.mark("saw it")
        between = now()
        front.curl(DISCOVERY_PATH, host=DISCOVERY_HOST)
        front.mark("the end")
    live, _ = both_analyses(tmp_path)
    # Beside what is asked: that the server's certificate was not checked.
    rows = [
        (one["kind"], one["summary"], one["life"])
        for one in live["exchanges"]
        if one["kind"] != "tls"
    ]
    assert [kind for kind, _, _ in rows] == ["mark", "probe", "mark", "probe", "mark"]
    assert [said for kind, said, _ in rows if kind == "mark"] == [
        "Mark: pressed refresh",
        "Mark: saw it",
        "Mark: the end",
    ]
    assert [life for kind, _, life in rows if kind == "mark"] == [None] * 3
    times = [one["started"] for one in live["exchanges"] if one["kind"] != "tls"]
    assert before.isoformat() < times[0] < times[1] < times[2] < between.isoformat() < times[3]
