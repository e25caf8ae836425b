"""The Company Hub through the real proxy, fetched by curl: whole, in ranges, continued, cut."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from mitmproxy import http, io

from tests.support.curl import Curl
from tests.support.processes import Process, start_mitmdump
from tests.support.proxy import write_hub

pytestmark = pytest.mark.e2e

PACKAGE = b"".join(hashlib.sha256(str(n).encode()).digest() for n in range(100_000))
"""3.2 MB in which no two blocks are alike."""

HUB = "https://mdm.example.test/CompanyHub/hub.xap"
PLAIN = HUB.replace("https", "http")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hub-stream")


@pytest.fixture(scope="module")
def hub(folder: Path) -> dict[str, str]:
    """Options that offer the package."""
    package, aetx = write_hub(folder)
    package.write_bytes(PACKAGE)
    return {"mdm_hub": str(package), "mdm_aetx": str(aetx)}


def start(folder: Path, options: dict[str, str], *arguments: str | Path) -> tuple[Process, Curl]:
    """mitmdump with both scripts, and a curl that goes through it."""
    process, port = start_mitmdump(
        *("addons/mdm_emulate.py", "addons/mdm_inspect.py"),
        confdir=folder / "conf",
        options={"mdm_state": str(folder / "state"), **options},
        arguments=arguments,
    )
    return process, Curl(port=port, confdir=folder / "conf", folder=folder)


@pytest.fixture(scope="module")
def curl(folder: Path, hub: dict[str, str]) -> Iterator[Curl]:
    process, found = start(folder, hub)
    with process:
        yield found
    assert "Traceback" not in process.output


@pytest.mark.parametrize("version", ["--http1.0", "--http1.1", "--http2"])
@pytest.mark.parametrize("url", [HUB, HUB.upper().replace("HTTPS", "https") + "?v=1"])
def test_the_whole_package(curl: Curl, url: str, version: str) -> None:
    answer = curl(url, version)
    assert (answer.code, answer.status) == (0, 200)
    assert answer.body == PACKAGE
    assert answer.headers["content-length"] == str(len(PACKAGE))
    assert answer.headers["content-type"] == "application/x-silverlight-app"


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("0-0", 0, 0), ("1000-1999", 1000, 1999), ("-5", len(PACKAGE) - 5, len(PACKAGE) - 1)],
)
def test_a_range(curl: Curl, asked: str, first: int, last: int, version: str) -> None:
    answer = curl(HUB, version, "-r", asked)
    assert answer.status == 206
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(PACKAGE)}"
    assert answer.body == PACKAGE[first : last + 1]


def test_a_range_beyond_the_end(curl: Curl) -> None:
    answer = curl(HUB, "-r", "99999999-")
    assert answer.status == 416
    assert answer.headers["content-range"] == f"bytes */{len(PACKAGE)}"


def test_curl_continues_a_download(curl: Curl, folder: Path) -> None:
    part = folder / "part"
    part.write_bytes(PACKAGE[:1_000_000])
    answer = curl(HUB, "-C", "-", output=part)
    assert (answer.code, answer.status) == (0, 206)
    assert part.read_bytes() == PACKAGE


def test_head_tells_the_size(curl: Curl) -> None:
    answer = curl(HUB, "-I")
    assert (answer.code, answer.status) == (0, 200)
    assert answer.headers["content-length"] == str(len(PACKAGE))


def test_one_connection_gets_the_package_and_other_answers(curl: Curl, folder: Path) -> None:
    probe = "https://mdm.example.test/EnrollmentServer/Discovery.svc"
    first, second = folder / "first", folder / "second"
    also = ["-o", str(first), HUB, "-o", str(second), HUB]
    answer = curl(probe, "--http1.1", "-w", "%{num_connects}:%{http_code} ", *also)
    assert answer.said.split() == ["1:200", "0:200", "0:200"]
    assert first.read_bytes() == second.read_bytes() == PACKAGE


def test_the_recording_names_the_url_that_was_asked(folder: Path, hub: dict[str, str]) -> None:
    record = folder / "hub.mitm"
    process, curl = start(folder, hub, "-w", record)
    with process:
        assert curl(HUB, "--http1.1", "-r", "0-9").status == 206
        assert curl(HUB, "--http2").status == 200
        assert curl(PLAIN).status == 403
        assert process.interrupt() == 0
    with record.open("rb") as file:
        flows = [flow for flow in io.FlowReader(file).stream() if isinstance(flow, http.HTTPFlow)]
    assert [flow.request.url for flow in flows] == [HUB, HUB, PLAIN]
    for flow in flows[:2]:
        assert flow.request.path == "/CompanyHub/hub.xap"
        assert flow.request.headers.get("Host", "mdm.example.test") == "mdm.example.test"
        assert flow.response is not None
        assert flow.response.raw_content is None
        assert flow.metadata["mdmproxy"]["kind"] == "hub"
        assert flow.metadata["mdmproxy"]["findings"] == []
    passed = [flow.metadata["mdmproxy"]["passed"] for flow in flows[:2]]
    assert [(one["length"], one["whole"]) for one in passed] == [(10, True), (len(PACKAGE), True)]
    assert b"127.0.0.1" not in flows[1].request.authority.encode()
    # The token of the origin's path is nowhere, the package neither.
    data = record.read_bytes()
    assert PACKAGE[:100] not in data


def test_a_download_that_the_device_gives_up_harms_nobody(
    folder: Path, hub: dict[str, str]
) -> None:
    process, curl = start(folder, hub)
    with process:
        given_up = curl(HUB, "--http1.1", "--max-filesize", "1000000")
        assert given_up.code != 0
        assert curl(HUB).body == PACKAGE
    assert "Traceback" not in process.output
    assert "mdmproxy: " not in process.output


def test_a_package_that_shrank_is_a_broken_download_not_a_short_one(
    folder: Path, hub: dict[str, str]
) -> None:
    process, curl = start(folder, hub)
    package = Path(hub["mdm_hub"])
    with process:
        try:
            package.write_bytes(PACKAGE[:500_000])
            assert curl(HUB, "--http1.1").code != 0
        finally:
            package.write_bytes(PACKAGE)
        assert curl(HUB, "--http1.1").body == PACKAGE
        assert process.has_said("became shorter")
    assert "Traceback" not in process.output
