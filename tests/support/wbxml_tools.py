"""libwbxml's two programs as an independent encoder and decoder of WBXML."""

from __future__ import annotations

from pathlib import Path

from tests.support.processes import run
from tests.support.requirements import require_program


class WbxmlToolError(Exception):
    """What the program said when it refused its input."""


def wbxml_to_xml(data: bytes, folder: Path) -> bytes:
    """``wbxml2xml`` without indentation, blanks kept; WbxmlToolError with what it says."""
    return _convert(require_program("libwbxml"), data, folder, "-m", "0", "-k")


def xml_to_wbxml(data: bytes, folder: Path, *options: str) -> bytes:
    """``xml2wbxml`` (of the same package); ``-n``: no string table, ``-k``: blanks are kept."""
    program = Path(require_program("libwbxml")).with_name("xml2wbxml")
    return _convert(str(program), data, folder, *options)


def _convert(program: str, data: bytes, folder: Path, *options: str) -> bytes:
    source, target = folder / "source", folder / "target"
    source.write_bytes(data)
    target.unlink(missing_ok=True)
    done = run([program, *options, "-o", target, source])
    if done.returncode or not target.exists():
        raise WbxmlToolError(done.stderr.decode(errors="replace").strip())
    return target.read_bytes()
