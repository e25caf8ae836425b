"""Sees to it that the pure rooms touch nothing: no file, no socket, no process.

An audit hook is on for the whole test run. An event counts when the innermost frame of mdmcore in
the stack belongs to a pure room. Reading the package's own data and importing modules is allowed.
"""

from __future__ import annotations

import sys
import sysconfig
from types import FrameType

from tests.support.requirements import CHECKOUT

PURE_ROOMS = (
    "codes",
    "xml",
    "enrollment",
    "pki",
    "syncml",
    "rules",
    "server",
    "phone",
    "inspector",
    "replay",
    "tls_wire",
)
"""Rooms below mdmcore that take clock, randomness, keys and files by parameter (design 3)."""

_PACKAGE = str(CHECKOUT / "mdmcore")
_TESTS = str(CHECKOUT / "tests")
_ROOMS = tuple(f"{_PACKAGE}/{room}/" for room in PURE_ROOMS)
_READABLE = (_PACKAGE, sysconfig.get_paths()["stdlib"], sysconfig.get_paths()["purelib"])
_EVENTS = frozenset({"open", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn"})

violations: list[str] = []
"""What was seen since somebody last looked."""


def watch() -> None:
    """Switch the hook on; it cannot be switched off again."""
    sys.addaudithook(_hook)


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if event not in _EVENTS and not event.startswith("socket."):
        return
    caller = sys._getframe(1)
    if event == "open" and (
        str(arguments[0]).startswith(_READABLE)
        # What an import compiles, it keeps: that file has a descriptor and no name.
        or caller.f_code.co_filename.startswith("<frozen importlib")
    ):
        return
    room = _room_of(caller)
    if room is not None:
        violations.append(f"{event} {arguments[:1]} from {room}")


def _room_of(frame: FrameType | None) -> str | None:
    """The file of the innermost frame inside mdmcore, when that is a pure room's.

    A test's own function that a pure room calls (a transport, say) is the test's doing.
    """
    while frame is not None:
        name = frame.f_code.co_filename.replace("\\", "/")
        if name.startswith(_TESTS):
            return None
        if name.startswith(_PACKAGE):
            return name if name.startswith(_ROOMS) else None
        frame = frame.f_back
    return None
