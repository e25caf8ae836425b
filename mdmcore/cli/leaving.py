"""Ending the process with its exit code, also where native threads of the proxy are left."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
from typing import NoReturn

_NATIVE = "mitmproxy_rs"


def leave(code: int) -> NoReturn:
    """End with ``code``, output written.

    mitmproxy's native part keeps threads that no Python code can join. When Python takes itself
    apart while one of them lets go of an object, the process dies of a segmentation fault (about
    one end in a hundred under load), after everything was done and with a wrong exit code. So
    where that part was loaded, what is due at exit is done here, and the rest is left to the
    operating system.
    """
    if _NATIVE not in sys.modules:
        sys.exit(code)
    # What others registered for the end: logging, temporary folders.
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            if stream is not None:
                stream.flush()
    os._exit(code)
