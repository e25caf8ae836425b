"""The real curl as the device's HTTP client, through the proxy, trusting only the proxy's CA."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.support.processes import run
from tests.support.requirements import require_program


@dataclass(frozen=True, slots=True, kw_only=True)
class CurlAnswer:
    """Of the last answer status, header fields (lower-case names) and body; ``said`` is stdout."""

    code: int
    status: int
    headers: dict[str, str]
    body: bytes
    said: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Curl:
    """curl behind the proxy on a port of 127.0.0.1; ``folder`` is for its output."""

    port: int
    confdir: Path
    folder: Path

    def __call__(self, url: str, *arguments: str | Path, output: Path | None = None) -> CurlAnswer:
        """Fetch one URL to ``output`` (what is there stays for ``-C -``) or a file of our own."""
        heads, body = self.folder / "curl-heads", output or self.folder / "curl-body"
        if output is None:
            body.unlink(missing_ok=True)
        done = run(
            [
                *(require_program("curl"), "-q", "-sS", "--max-time", "50", "--noproxy", ""),
                *("-x", f"http://127.0.0.1:{self.port}"),
                *("--cacert", self.confdir / "mitmproxy-ca-cert.pem"),
                *("-D", heads, "-o", body, url, *arguments),
            ]
        )
        blocks = heads.read_text("latin-1").strip().split("\n\n") if heads.exists() else [""]
        first, *lines = [line.strip() for line in blocks[-1].splitlines()] or [""]
        fields = [line.partition(":") for line in lines]
        return CurlAnswer(
            code=done.returncode,
            status=int(first.split(" ")[1]) if " " in first else 0,
            headers={name.lower(): value.strip() for name, _, value in fields},
            body=body.read_bytes() if body.exists() else b"",
            said=done.stdout.decode(),
            error=done.stderr.decode(errors="replace"),
        )
