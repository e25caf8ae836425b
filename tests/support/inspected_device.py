"""``mdmproxy inspect`` as a process, curl as a device with a certificate, the recording read."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import jsonschema
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from mitmproxy import http, io

from mdmcore.cli.main import run as run_command
from mdmcore.pki.authority import certificate_pem
from mdmcore.report.schema import analysis_schema
from tests.support.keys import load_key
from tests.support.processes import Process, run
from tests.support.requirements import require_program
from tests.support.tls_server import HOST, lasting_authority, lasting_certificate

LISTENING = r"^mdmproxy: listening on 127\.0\.0\.1:(\d+)$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """curl with the key and certificate of a device; ``root`` is the CA that it trusts."""

    key: Path
    root: Path

    def get(
        self,
        proxy: int,
        port: int,
        *arguments: str | Path,
        by_connect: bool = True,
        has_key: bool = True,
        host: str = HOST,
    ) -> CompletedProcess[bytes]:
        """Ask the server for something, by CONNECT or at the proxy's own port."""
        target = port if by_connect else proxy
        way = ("-x", f"http://127.0.0.1:{proxy}") if by_connect else ()
        shown = ("--cert", self.key) if has_key else ()
        return run(
            [
                *(require_program("curl"), "-q", "-sS", "--max-time", "50", *way),
                *("--noproxy", "" if by_connect else "*", "--cacert", self.root, *shown),
                *("--resolve", f"{host}:{target}:127.0.0.1"),
                *(*arguments, f"https://{host}:{target}/x"),
            ]
        )


def device_in(folder: Path, *, root: Path | None = None) -> Device:
    """A device with its files in that folder; without ``root`` it trusts the servers' CA."""
    key = load_key("device").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path, own = folder / "device.pem", folder / "root.pem"
    path.write_bytes(key + certificate_pem(lasting_certificate()))
    own.write_bytes(certificate_pem(lasting_authority().certificate))
    return Device(key=path, root=root or own)


def proxy_root(folder: Path) -> Path:
    """Where ``inspecting`` has the proxy's own CA."""
    return folder / "conf" / "mitmproxy-ca-cert.pem"


@contextmanager
def inspecting(folder: Path, *arguments: str | Path) -> Iterator[tuple[int, Path, Process]]:
    """``mdmproxy inspect`` on a free port: that port, its recording and the process."""
    record = folder / "live.mitm"
    command: list[str | Path] = [
        *(sys.executable, "-m", "mdmcore", "inspect", "--listen-port", "0"),
        *("--confdir", folder / "conf", "--record", record, *arguments),
    ]
    with Process(command) as process:
        yield int(process.wait_for(LISTENING)[1]), record, process
        assert process.interrupt() == 0
    assert "Traceback" not in process.output


def listed(record: Path) -> list[dict[str, Any]]:
    """What ``analyze`` lists of the recording, as it is told to machines."""
    target = record.with_suffix(".json")
    told = ["--format", "json", "--fail-on", "never", "-o", str(target)]
    assert run_command(["analyze", str(record), *told]) == 0
    document = json.loads(target.read_bytes())
    jsonschema.validate(document, analysis_schema())
    found: list[dict[str, Any]] = document["exchanges"]
    return found


def flows(record: Path) -> list[http.HTTPFlow]:
    """The HTTP flows of a recording."""
    with record.open("rb") as file:
        return [one for one in io.FlowReader(file).stream() if isinstance(one, http.HTTPFlow)]
