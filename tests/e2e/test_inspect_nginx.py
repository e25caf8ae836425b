"""``mdmproxy inspect`` before a real nginx, asked by the real curl and wget.

Each is done with a small package, which the inspector keeps, and with one that streams through.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from mitmproxy import http

from tests.support.inspecting import check_recording, inspecting, read_flows, rules_on
from tests.support.nginx import nginx_with_hub
from tests.support.processes import run
from tests.support.requirements import require_program

pytestmark = pytest.mark.e2e

PACKAGE = b"".join(hashlib.sha256(str(n).encode()).digest() for n in range(120_000))
"""3.8 MB in which no two blocks are alike."""

KEPT, STREAMED = 262_144, len(PACKAGE)


@dataclass(kw_only=True)
class Downloads:
    """A package of ``length`` bytes on an nginx behind an inspector that is a forward proxy.

    ``part`` is the file for what is fetched; ``flows`` are there when the inspector has ended.
    """

    length: int
    server: str
    proxy: str
    part: Path
    record: Path
    flows: list[http.HTTPFlow] = field(default_factory=list)

    def curl(self, path: str, *arguments: str, has: int | None = None) -> int:
        """curl's exit code; the file had the first ``has`` bytes of the package."""
        self._begin(has)
        command = [require_program("curl"), "-q", "-sS", "--noproxy", "", "-x", self.proxy]
        return run([*command, "-o", self.part, *arguments, f"{self.server}{path}"]).returncode

    def wget(self, path: str, *, has: int) -> int:
        """The exit code of wget, which goes on behind those bytes."""
        self._begin(has)
        command = [require_program("wget"), "--no-config", "-nv", "-c", "--tries=1"]
        environment = {"http_proxy": self.proxy, "no_proxy": ""}
        url = f"{self.server}{path}"
        return run([*command, "-O", self.part, url], env=environment).returncode

    def has(self, first: int, last: int) -> bool:
        """Whether the file holds those bytes of the package, both ends included."""
        return self.part.read_bytes() == PACKAGE[: self.length][first : last + 1]

    @property
    def is_complete(self) -> bool:
        """Whether the file is the package."""
        return self.has(0, self.length - 1)

    def of(self, front: str) -> list[http.HTTPFlow]:
        """The flows to one front of the server."""
        return [flow for flow in self.flows if flow.request.path == f"{front}/hub.xap"]

    def _begin(self, length: int | None) -> None:
        self.part.unlink(missing_ok=True)
        if length is not None:
            self.part.write_bytes(PACKAGE[:length])


@pytest.fixture(scope="module", params=[KEPT, STREAMED], ids=["kept", "streamed"])
def downloads(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Downloads:
    """All downloads, done; the inspector has ended."""
    folder, length = tmp_path_factory.mktemp("nginx"), request.param
    with (
        nginx_with_hub(folder / "nginx", PACKAGE[:length]) as server,
        inspecting(folder) as proxy,
    ):
        found = Downloads(
            length=length,
            server=server,
            proxy=proxy.base,
            part=folder / "hub.xap",
            record=proxy.record,
        )
        _download_from_a_right_server(found)
        _download_without_ranges(found)
        _download_without_content_range(found)
    found.flows = read_flows(found.record)
    return found


def _download_from_a_right_server(to: Downloads) -> None:
    n = to.length
    for asked, first, last in (
        ("0-0", 0, 0),
        ("1-", 1, n - 1),
        (f"{n // 3}-", n // 3, n - 1),
        (f"-{n // 2 + 1}", n - n // 2 - 1, n - 1),
    ):
        assert to.curl("/hub.xap", "-r", asked) == 0
        assert to.has(first, last)
    assert to.curl("/hub.xap") == 0
    assert to.is_complete
    assert to.curl("/hub.xap", "-C", "-", has=n // 7) == 0
    assert to.is_complete
    assert to.wget("/hub.xap", has=n // 7) == 0
    assert to.is_complete
    to.curl("/hub.xap", "-C", "-", has=n)  # nothing is left: 416


def _download_without_ranges(to: Downloads) -> None:
    half = to.length // 2
    assert to.curl("/rangeless/hub.xap", "-C", "-", has=half) == 33  # no ranges: curl gives up
    assert to.wget("/rangeless/hub.xap", has=half) == 0  # wget takes the whole and skips
    assert to.is_complete
    assert to.curl("/rangeless/hub.xap") == 0
    assert to.is_complete


def _download_without_content_range(to: Downloads) -> None:
    assert to.curl("/stripped/hub.xap", "-r", "100-") == 0
    assert to.has(100, to.length - 1)
    assert to.wget("/stripped/hub.xap", has=to.length // 2) != 0  # it gives up
    assert to.curl("/stripped/hub.xap") == 0
    assert to.is_complete


def test_nothing_is_found_in_right_answers(downloads: Downloads) -> None:
    flows = downloads.of("")
    found = [flow.response.status_code for flow in flows if flow.response is not None]
    assert found == [206, 206, 206, 206, 200, 206, 206, 416]
    assert [rules_on(flow) for flow in flows] == [[]] * 8
    assert [flow.marked for flow in flows] == [""] * 8


def test_a_server_without_ranges(downloads: Downloads) -> None:
    flows = downloads.of("/rangeless")
    assert [flow.response.status_code for flow in flows if flow.response] == [200, 200, 200]
    ignored = ["hub-range-ignored"]
    assert [rules_on(flow) for flow in flows] == [ignored, ignored, []]


def test_a_206_without_content_range_is_marked(downloads: Downloads) -> None:
    part, continued, whole = downloads.of("/stripped")
    for flow in (part, continued):
        assert rules_on(flow) == ["hub-206-no-content-range"]
        assert flow.marked == ":red_circle:"
        assert flow.comment.startswith("[mdm] ")
        assert "1 error" in flow.comment
    assert rules_on(whole) == []


def test_only_what_is_large_was_not_kept(downloads: Downloads) -> None:
    for flow in downloads.of("")[1:7]:
        assert flow.response is not None
        body, passed = flow.response.raw_content, flow.metadata["mdmproxy"].get("passed")
        length = int(flow.response.headers["Content-Length"])
        if downloads.length == KEPT:
            assert body is not None
            assert len(body) == length
            assert passed is None
        else:
            assert body is None
            assert (passed["length"], passed["whole"]) == (length, True)


def test_the_recording_tells_the_same(downloads: Downloads) -> None:
    check_recording(downloads.record)


def test_the_exit_code_tells_only_when_asked(tmp_path: Path) -> None:
    curl = require_program("curl")
    with nginx_with_hub(tmp_path / "nginx", PACKAGE[:KEPT]) as upstream:
        arguments = ("--upstream", upstream, "--fail-on", "error")
        with inspecting(tmp_path, *arguments, code=1) as inspect:
            url = f"{inspect.base}/stripped/hub.xap"
            assert run([curl, "-sS", "-r", "5-9", url]).stdout == PACKAGE[5:10]
