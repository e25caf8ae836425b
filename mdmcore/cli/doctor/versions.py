"""Checks of what runs: Python, mitmproxy, OpenSSL, and programs beside it."""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from functools import partial

from mitmproxy.version import VERSION as MITMPROXY_VERSION

from mdmcore import __version__
from mdmcore.capture.pcap.tshark import OLDEST, where_is
from mdmcore.cli.doctor.result import Check, Facts, Result, Setup, ok, warning
from mdmcore.mitm.tls_build import tls_build

_PYTHON = (3, 12)
_MITMPROXY = 12
_RUN_S = 10.0
_VERSION = re.compile(r" (\d+)\.(\d+)\.")

PROGRAMS = {
    "openssl": "trying handshakes and looking at certificates by hand",
    "tshark": "reading packet captures",
    "editcap": "putting TLS keys into packet captures",
}
"""Programs that people use beside mdmproxy, and what for."""

_INSTALL = {
    "openssl": "install OpenSSL's command line tool",
    "tshark": "install Wireshark's command line tools",
    "editcap": "install Wireshark's command line tools",
}


def check_python(_setup: Setup) -> Result:
    """Python and mdmproxy themselves."""
    text = f"mdmproxy {__version__} on Python {platform.python_version()}, {platform.system()}"
    facts: Facts = {"mdmproxy": __version__, "python": platform.python_version()}
    if sys.version_info < _PYTHON:
        return warning(text, f"use Python {_PYTHON[0]}.{_PYTHON[1]} or later", facts)
    return ok(text, facts)


def check_mitmproxy(_setup: Setup, *, version: str = MITMPROXY_VERSION) -> Result:
    """The proxy that does the work."""
    major = version.split(".", 1)[0]
    if major != str(_MITMPROXY):
        return warning(
            f"version {version}; this mdmproxy was made for version {_MITMPROXY}",
            f"install mitmproxy {_MITMPROXY} into the same environment",
            {"version": version},
        )
    return ok(f"version {version}", {"version": version})


def check_openssl_library(_setup: Setup) -> Result:
    """The library that speaks TLS with phones."""
    library = tls_build().library
    return ok(f"{library} speaks TLS with the devices", {"library": library})


def check_program(_setup: Setup, *, name: str) -> Result:
    """One program; nothing of mdmproxy stops without it."""
    path = where_is(name)
    if path is None:
        text = f"not installed; it serves for {PROGRAMS[name]}"
        return warning(text, f"{_INSTALL[name]}, if you need that", {"path": None})
    line = _version_line(path, name)
    told = _VERSION.search(line) if name == "tshark" else None
    if told is not None and (int(told[1]), int(told[2])) < OLDEST:
        need = ".".join(map(str, OLDEST))
        text = f"{line} is too old for {PROGRAMS[name]}: {need} is needed"
        return warning(text, f"{_INSTALL[name]}, a later version", {"path": path})
    return ok(f"{line}; for {PROGRAMS[name]}", {"path": path})


def _version_line(path: str, name: str) -> str:
    argument = "version" if name == "openssl" else "--version"
    try:
        done = subprocess.run(
            [path, argument],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_RUN_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{path} does not run: {error}"
    first = done.stdout.decode("utf-8", "replace").strip().split("\n", 1)[0]
    # What is behind it says how it was packed.
    return re.split(r" \((?:Git|Library)|\.$", first)[0][:80] or path


CHECKS = (
    Check(name="python", group="software", function=check_python),
    Check(name="mitmproxy", group="software", function=check_mitmproxy),
    Check(name="openssl-library", group="software", function=check_openssl_library),
    *(
        Check(name=name, group="software", function=partial(check_program, name=name))
        for name in PROGRAMS
    ),
)
