"""The ``openssl`` command as an independent judge."""

from __future__ import annotations

import re
import subprocess
from datetime import datetime
from pathlib import Path

from tests.support.requirements import require_program

_ELEMENT = re.compile(
    r"\s*(\d+):d=(\d+)\s+hl=(\d+) l=\s*(\d+) (?:prim|cons):\s+"
    r"(cont \[ \d+ \]|[A-Z0-9 ]+?)\s*(?:[:\[].*)?$"
)


def openssl(*arguments: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run ``openssl`` with ``data`` on its standard input; skips where there is none."""
    command = [require_program("openssl"), *arguments]
    return subprocess.run(command, input=data, capture_output=True, check=False, timeout=60)


def openssl_output(*arguments: str, data: bytes = b"") -> bytes:
    """The standard output of a run that must succeed."""
    result = openssl(*arguments, data=data)
    assert result.returncode == 0, result.stderr.decode(errors="replace")
    return result.stdout


def request_verifies(der: bytes) -> bool:
    """Whether ``openssl req -verify`` finds the self-signature good; its exit code does not say."""
    result = openssl("req", "-verify", "-inform", "DER", "-noout", data=der)
    said = result.stdout + result.stderr
    assert (b"verify OK" in said) != (b"verify failure" in said), said
    return b"verify OK" in said


def asn1_elements(der: bytes) -> list[tuple[int, int, int, str]]:
    """Depth, header length, length and type of each element, as ``openssl asn1parse`` sees it."""
    lines = openssl_output("asn1parse", "-inform", "DER", data=der).decode("latin-1").split("\n")
    found = [match for line in lines if (match := _ELEMENT.match(line))]
    return [(int(one[2]), int(one[3]), int(one[4]), one[5]) for one in found]


def cms_verifies(der: bytes, folder: Path, *, root: bytes, at: datetime) -> bool:
    """Whether ``openssl cms -verify`` believes a SignedData at that time, trusting ``root`` (PEM).

    What was signed is then in the file ``cms-content`` of the folder.
    """
    (folder / "cms-root.pem").write_bytes(root)
    result = openssl(
        *("cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any"),
        *("-CAfile", str(folder / "cms-root.pem"), "-attime", str(int(at.timestamp()))),
        *("-out", str(folder / "cms-content")),
        data=der,
    )
    return result.returncode == 0
