"""The hand-written capture, as tshark reads it."""

from __future__ import annotations

from pathlib import Path

from tests.support.pcap import http_posts
from tests.support.processes import run
from tests.support.requirements import require_program


def test_each_body_is_one_request(tmp_path: Path) -> None:
    capture = tmp_path / "posts.pcap"
    capture.write_bytes(http_posts([b"one", b"two\x00"], "text/plain"))
    fields = ("http.request.method", "http.content_type", "http.content_length", "tcp.stream")
    done = run(
        [
            *(require_program("tshark"), "-r", capture, "-T", "fields", "-E", "separator=|"),
            *(part for field in fields for part in ("-e", field)),
        ]
    )
    assert done.stdout.decode().split() == ["POST|text/plain|3|0", "POST|text/plain|4|1"]
