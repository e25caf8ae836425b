"""A real ``mdmproxy inspect`` in front of a server (or ``emulate``), and devices that talk to it.

Its analysis of what passed (``--report``) stands beside that of the recording (``analyze``).
"""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mdmcore.cli.life import LivePhone
from mdmcore.cli.probe.plan import Way
from mdmcore.cli.transport import Address, HttpTransport, Whereabouts
from mdmcore.phone import PhoneSettings, Refusal
from mdmcore.phone.keyring import Keyring
from tests.support.analysing import analysis_of
from tests.support.curl import CurlAnswer
from tests.support.keys import load_key
from tests.support.processes import Process, run
from tests.support.requirements import require_program

MDMPROXY = (sys.executable, "-m", "mdmcore")
HOSTS = DISCOVERY_HOST, MDM_HOST = "enterpriseenrollment.example.test", "mdm.example.test"
DISCOVERY_PATH = "/EnrollmentServer/Discovery.svc"
_TIMEOUT_S = 30.0


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """A running inspector: its port, and the folder with its files."""

    process: Process
    port: int
    folder: Path

    @property
    def authority(self) -> Path:
        """The CA that its devices have to trust."""
        return self.folder / "conf" / "mitmproxy-ca-cert.pem"

    @property
    def record(self) -> Path:
        return self.folder / "live.mitm"

    def curl(self, path: str, *arguments: str, host: str = MDM_HOST) -> CurlAnswer:
        """A request of a device that takes this proxy for its server."""
        body = self.folder / "body"
        body.unlink(missing_ok=True)
        command: list[str | Path] = [
            *(require_program("curl"), "-q", "-sS", "--max-time", "30", "-o", body),
            *("-w", "%{http_code}", *arguments),
            *("--cacert", self.authority),
            *("--resolve", f"{host}:{self.port}:127.0.0.1"),
            f"https://{host}:{self.port}{path}",
        ]
        done = run(command)
        return CurlAnswer(
            code=done.returncode,
            status=int(done.stdout or b"0"),
            headers={},
            body=body.read_bytes() if body.exists() else b"",
            said=done.stdout.decode(),
            error=done.stderr.decode(errors="replace"),
        )

    def handshake(self, host: str, *arguments: str | Path, place: str = "") -> None:
        """A device that leaves in its handshake, or after it; ``place``: HOST:PORT for which it
        takes this as its proxy."""
        me = f"127.0.0.1:{self.port}"
        way = ("-proxy", me, "-connect", place) if place else ("-connect", me)
        openssl: list[str | Path] = [require_program("openssl"), "s_client", "-servername", host]
        run([*openssl, *way, *arguments], input=b"")

    def silent(self) -> None:
        """A device that connects, sends nothing, and leaves."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=_TIMEOUT_S):
            pass

    def silent_behind_connect(self, place: str) -> None:
        """A device that asks the proxy for a way to HOST:PORT, and leaves it unused."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=_TIMEOUT_S) as stream:
            stream.sendall(f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n\r\n".encode())
            assert b" 200 " in stream.recv(4096)

    def mark(self, words: str) -> None:
        """``mdmproxy mark`` beside the running proxy."""
        done = run([*MDMPROXY, "mark", words, "--state", self.folder / "state"])
        assert done.returncode == 0, done.stderr

    def life(self, number: int = 1, profile: str = "wp81", *, by_proxy: bool = False) -> str:
        """A phone enrols, speaks twice and fetches its hub; what it says when it gives up. It takes
        this for its server, or for its proxy."""
        user = f"user{number}@example.test"
        settings = PhoneSettings(
            email=user,
            username=user,
            password="any",
            profile=profile,
            device_id=f"urn:uuid:00000000-0000-4000-8000-{number:012d}",
        )
        trust = Way(authority_pem=self.authority.read_text("ascii")).tls_side(settings, now)
        place = Address(ip="127.0.0.1", port=self.port)
        keys = Keyring(lambda *_: load_key("device"))
        with HttpTransport(
            proxy=f"http://127.0.0.1:{self.port}" if by_proxy else None,
            trust=replace(trust, trusts_system=False),
            keys=keys,
            whereabouts=Whereabouts({} if by_proxy else dict.fromkeys(HOSTS, place)),
        ) as carrier:
            phone = LivePhone(settings, carrier, keys=keys, clock=now)
            try:
                phone.enroll()
                phone.sync()
                phone.sync()
                phone.download_hub()
            except Refusal as refusal:
                return str(refusal)
        return ""


@contextmanager
def inspecting(folder: Path, *arguments: str | Path, command: str = "inspect") -> Iterator[Front]:
    """One that runs until the block ends; it must have ended well."""
    line: list[str | Path] = [
        *(*MDMPROXY, command, "--listen-port", "0", "--confdir", folder / "conf"),
        *("--record", folder / "live.mitm", "--report", folder / "live.json"),
        *("--state", folder / "state", *arguments),
    ]
    with Process(line) as process:
        port = process.wait_for(r"^mdmproxy: listening on 127\.0\.0\.1:(\d+)$")[1]
        yield Front(process=process, port=int(port), folder=folder)
        assert process.interrupt() == 0, process.output
    assert "Traceback" not in process.output
    assert "error: mdmproxy" not in process.output, process.output


def both_analyses(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was found live, and what ``analyze`` makes of the recording, comparable."""
    record = folder / "live.mitm"
    # The only thing that may differ is what the capture is called.
    text = json.dumps(analysis_of(record)).replace(json.dumps(str(record))[1:-1], "live")
    live = json.loads((folder / "live.json").read_text("utf-8"))
    return live, json.loads(text)
