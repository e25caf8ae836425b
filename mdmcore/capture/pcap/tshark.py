"""tshark, the program that takes packets and TLS apart: found, asked for its version, and run.

The only place that starts it. Each reading has a room of its own: a temporary folder that stands
in for the user's home and settings, taken away at the end. A program that runs too long, or whose
reader is interrupted, is killed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

from mdmcore.errors import CaptureError

OLDEST = (4, 0)
_INSTALL = (
    "install Wireshark's command line tools (Debian and Ubuntu: apt install tshark; macOS: brew "
    "install wireshark; Windows: Wireshark's installer)"
)
_VERSION = re.compile(rb"TShark[^\n]*?(\d+)\.(\d+)\.\d+")
_VERSION_SECONDS = 60.0
_MOST_SAID = 64 * 1024
_NOISE = re.compile(r"^(Running as user |\*\* |$)")
# Where installers put it without telling PATH.
_FOLDERS = {
    "win32": r"C:\Program Files\Wireshark",
    "darwin": "/Applications/Wireshark.app/Contents/MacOS",
}


def find_tshark() -> Path:
    """The program. Raises CaptureError, saying what to install, where there is none, or an old
    one."""
    found = where_is("tshark")
    if found is None:
        raise CaptureError(f"packet captures are read by tshark, which is not here: {_INSTALL}")
    version = _version_of(found)
    if version < OLDEST:
        have, need = (".".join(map(str, one)) for one in (version, OLDEST))
        raise CaptureError(f"{found} is version {have}, and {need} is needed: {_INSTALL}")
    return Path(found)


def where_is(name: str) -> str | None:
    """The path of one of Wireshark's programs, also where installers put it without PATH."""
    folders = [os.environ.get("PATH", os.defpath), _FOLDERS.get(sys.platform, "")]
    return shutil.which(name, path=os.pathsep.join(folders))


@cache
def _version_of(program: str) -> tuple[int, int]:
    try:
        done = subprocess.run(
            [program, "--version"],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_VERSION_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CaptureError(f"{program} does not run: {error}") from error
    told = _VERSION.search(done.stdout)
    if told is None:
        raise CaptureError(f"{program} does not say its version: {_INSTALL}")
    return int(told[1]), int(told[2])


@dataclass(slots=True, kw_only=True)
class Run:
    """A run of tshark: the lines that it writes, and, once they are over, how it ended."""

    lines: Iterator[bytes]
    code: int = 0
    said: tuple[str, ...] = ()
    was_stopped: bool = False


class Room:
    """A temporary folder for the runs over one capture; a context manager."""

    def __init__(self, program: Path, *, seconds: float) -> None:
        self._program = program
        self._seconds = seconds
        self._folder = tempfile.TemporaryDirectory(prefix="mdmproxy-tshark-")
        self._links = 0

    def __enter__(self) -> Room:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def linked(self, path: Path) -> str:
        """A name for a file that may stand in tshark's options: without quotes and commas."""
        self._links += 1
        link = Path(self._folder.name) / f"key{self._links}"
        try:
            link.symlink_to(path.absolute())
        except OSError:  # Windows keeps links to administrators
            return str(path.absolute()).replace("\\", "\\x5c").replace('"', "\\x22")
        return str(link).replace("\\", "\\x5c")

    @contextmanager
    def run(self, arguments: Sequence[str]) -> Iterator[Run]:
        """tshark with these arguments; read its lines inside. It is killed where they are not read
        to the end, or take more than the room's seconds."""
        with (
            tempfile.TemporaryFile(dir=self._folder.name) as errors,
            subprocess.Popen(
                [str(self._program), "-n", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=self._environment(),
                cwd=self._folder.name,
            ) as process,
        ):
            assert process.stdout is not None
            run = Run(lines=iter(process.stdout))

            def stop() -> None:
                run.was_stopped = True
                process.kill()

            timer = threading.Timer(self._seconds, stop)
            timer.daemon = True
            timer.start()
            try:
                yield run
                run.code = process.wait()
                run.said = _said(errors)
            finally:
                timer.cancel()
                process.kill()

    def _environment(self) -> dict[str, str]:
        """The user's, but for what would bring in the user's settings."""
        kept = {name: value for name, value in os.environ.items() if "WIRESHARK" not in name}
        home = self._folder.name
        return kept | {
            "WIRESHARK_CONFIG_DIR": home,
            "HOME": home,
            "XDG_CONFIG_HOME": home,
            "APPDATA": home,
            "LC_ALL": "C",
            "TZ": "UTC",
        }


def _said(errors: IO[bytes]) -> tuple[str, ...]:
    errors.seek(0)
    text = errors.read(_MOST_SAID).decode("utf-8", "replace")
    lines = (" ".join(line.split()) for line in text.splitlines())
    return tuple(line.removeprefix("tshark: ") for line in lines if not _NOISE.match(line))
