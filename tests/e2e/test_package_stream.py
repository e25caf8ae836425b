"""Large packages pass ``mdmproxy inspect`` while they come: nothing holds them, nobody waits."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from mitmproxy import http

from tests.support.inspecting import (
    Inspecting,
    check_recording,
    inspecting,
    noted,
    read_flows,
    rules_on,
)
from tests.support.pouring_origin import (
    TIMEOUT_S,
    Pour,
    PouringOrigin,
    asking,
    head,
    pouring_origin,
    receive,
)
from tests.support.processes import run, start_mitmdump
from tests.support.requirements import require_program

pytestmark = pytest.mark.e2e

MEGABYTE = b"".join(hashlib.sha256(str(n).encode()).digest() for n in range(32768))
SCRIPT = "addons/mdm_inspect.py"
XAP = "application/x-silverlight-app"


@pytest.fixture
def origin() -> Iterator[PouringOrigin]:
    with pouring_origin() as found:
        yield found


@pytest.fixture
def proxy(origin: PouringOrigin, tmp_path: Path) -> Iterator[Inspecting]:
    with inspecting(tmp_path, "--upstream", origin.url) as found:
        yield found


@pytest.fixture
def started_proxy(origin: PouringOrigin, tmp_path: Path) -> Iterator[Inspecting]:
    """One that shares no memory with another process."""
    with inspecting(tmp_path, "--upstream", origin.url, fresh=True) as found:
        yield found


def announced(megabytes: int, sent: int | None = None) -> Pour:
    """A package of so many megabytes; of which so many come."""

    def pour() -> Iterator[bytes]:
        length = str(megabytes * len(MEGABYTE))
        yield head("200 OK", Content_Type=XAP, Content_Length=length)
        for _ in range(megabytes if sent is None else sent):
            yield MEGABYTE

    return pour


def recorded(proxy: Inspecting) -> list[http.HTTPFlow]:
    """What was recorded, the inspector having ended; read anew it tells the same."""
    assert proxy.process.interrupt() == 0
    check_recording(proxy.record)
    return read_flows(proxy.record)


def test_200_megabytes_are_not_held(origin: PouringOrigin, started_proxy: Inspecting) -> None:
    proxy = started_proxy
    origin.answers[b"/first.xap"] = announced(8)
    origin.answers[b"/hub.xap"] = announced(200)

    def pass_through(path: str) -> int:
        count = 0
        with asking(proxy.port, path) as connection:
            while data := connection.recv(1 << 20):
                count += len(data)
        return count

    assert pass_through("/first.xap") > 8 * len(MEGABYTE)
    before = proxy.process.resident_peak_kb()
    assert pass_through("/hub.xap") > 200 * len(MEGABYTE)
    assert proxy.process.resident_peak_kb() - before < 10_000
    _, flow = recorded(proxy)
    assert rules_on(flow) == []
    passed = flow.metadata["mdmproxy"]["passed"]
    assert (passed["length"], passed["whole"]) == (200 * len(MEGABYTE), True)
    assert proxy.record.stat().st_size < 1_000_000


@pytest.mark.parametrize("framing", ["announced", "chunked", "until the end"])
def test_the_first_byte_comes_before_the_last_was_sent(
    origin: PouringOrigin, proxy: Inspecting, framing: str
) -> None:
    came = threading.Event()
    last = b"the last of it"
    # Of what has no length the first megabyte is held back.
    begin = MEGABYTE[:1000] if framing == "announced" else MEGABYTE + MEGABYTE[:1000]

    def pour() -> Iterator[bytes]:
        size = str(2 * len(MEGABYTE))
        rest = (2 * MEGABYTE)[len(begin) : -len(last)] + last
        fields = {
            "announced": {"Content_Length": size},
            "chunked": {"Transfer_Encoding": "chunked"},
        }
        yield head("200 OK", Content_Type=XAP, **fields.get(framing, {}))
        for part in (begin, rest):
            yield b"%x\r\n%s\r\n" % (len(part), part) if framing == "chunked" else part
            assert came.wait(TIMEOUT_S)
        if framing == "chunked":
            yield b"0\r\n\r\n"

    origin.answers[b"/hub.xap"] = pour
    with asking(proxy.port, "/hub.xap") as connection:
        got = receive(connection, 1000)
        assert MEGABYTE[:100] in got
        came.set()
        got += receive(connection)
    assert last in got
    assert len(got) > 2 * len(MEGABYTE)
    [flow] = recorded(proxy)
    assert rules_on(flow) == []
    assert flow.metadata["mdmproxy"]["passed"]["length"] == 2 * len(MEGABYTE)


def test_what_is_broken_off_breaks_off_as_without_us(
    origin: PouringOrigin, proxy: Inspecting, tmp_path: Path
) -> None:
    origin.answers[b"/hub.xap"] = announced(3, sent=2)
    with asking(proxy.port, "/hub.xap") as connection:
        inspected = receive(connection)
    assert inspected.endswith(b"\r\n\r\n" + 2 * MEGABYTE)
    plain, port = start_mitmdump(
        confdir=tmp_path / "plain",
        options={"keep_host_header": "true", "stream_large_bodies": "1m"},
        arguments=("--mode", f"reverse:{origin.url}"),
    )
    with plain, asking(port, "/hub.xap") as connection:
        assert receive(connection) == inspected
    [flow] = recorded(proxy)
    assert rules_on(flow) == ["answer-truncated"]
    passed = flow.metadata["mdmproxy"]["passed"]
    assert (passed["length"], passed["whole"]) == (2 * len(MEGABYTE), False)


def test_a_device_that_leaves_is_no_mistake_of_the_server(
    origin: PouringOrigin, proxy: Inspecting
) -> None:
    origin.answers[b"/hub.xap"] = announced(64)
    origin.answers[b"/small.xap"] = announced(1)
    with asking(proxy.port, "/hub.xap") as connection:
        receive(connection, 500_000)
    with asking(proxy.port, "/small.xap") as connection:
        assert receive(connection).endswith(MEGABYTE)
    flows = {flow.request.path: flow for flow in recorded(proxy)}
    left = flows["/hub.xap"]
    assert left.error is not None
    assert noted(left) == []
    passed = left.metadata["mdmproxy"]["passed"]
    assert passed["whole"] is False
    assert 0 < passed["length"] < 64 * len(MEGABYTE)
    small = flows["/small.xap"]
    assert small.response is not None
    assert small.response.raw_content == MEGABYTE  # to the byte what is still kept


def test_over_http2(origin: PouringOrigin, tmp_path: Path) -> None:
    """Which is offered where old phones are not served."""
    origin.answers[b"/hub.xap"] = announced(3)
    with inspecting(tmp_path, "--upstream", origin.url, "--no-legacy-tls") as proxy:
        command: list[str | Path] = [
            *(require_program("curl"), "-q", "-sS", "--http2", "-w", "%{http_version}"),
            *("--cacert", tmp_path / "conf" / "mitmproxy-ca-cert.pem"),
            *("--resolve", f"hub.example.test:{proxy.port}:127.0.0.1"),
        ]
        url = f"https://hub.example.test:{proxy.port}/hub.xap"
        done = run([*command, "-o", tmp_path / "hub.xap", url])
        assert (done.returncode, done.stdout) == (0, b"2"), done.stderr
        assert (tmp_path / "hub.xap").read_bytes() == 3 * MEGABYTE
        [flow] = recorded(proxy)
        assert rules_on(flow) == []
        assert flow.metadata["mdmproxy"]["passed"]["length"] == 3 * len(MEGABYTE)


@pytest.mark.parametrize("stores", [False, True], ids=["streams", "stores"])
def test_with_the_plain_addon(origin: PouringOrigin, tmp_path: Path, stores: bool) -> None:
    """``store_streamed_bodies`` is mitmproxy's own way to keep them all the same."""
    origin.answers[b"/hub.xap"] = announced(2)
    record = tmp_path / "session.mitm"
    process, port = start_mitmdump(
        SCRIPT,
        confdir=tmp_path / "conf",
        options={"store_streamed_bodies": str(stores).lower()},
        arguments=("--mode", f"reverse:{origin.url}", "-w", record),
    )
    with process:
        with asking(port, "/hub.xap") as connection:
            assert receive(connection).endswith(2 * MEGABYTE)
        assert process.interrupt() == 0
    assert "Traceback" not in process.output
    check_recording(record)
    [flow] = read_flows(record)
    assert flow.response is not None
    assert flow.response.raw_content == (2 * MEGABYTE if stores else None)
    assert ("passed" in flow.metadata["mdmproxy"]) is not stores
