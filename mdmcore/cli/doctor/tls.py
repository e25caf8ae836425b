"""Checks of what this build of OpenSSL can offer to old phones, and what it lacks.

Which generations need what is hardly documented: such sentences are marked [U].
"""

from __future__ import annotations

from mdmcore.cli.doctor.result import Check, Facts, Result, Setup, ok, warning
from mdmcore.mitm.tls_build import TlsBuild, tls_build
from mdmcore.tls_wire.names import VERSION_NAMES
from mdmcore.tls_wire.suites import SUITE_NAMES

_NEEDED_VERSIONS = {
    0x0301: "Windows Phone 8.0 is believed to speak nothing newer [U]",
    0x0302: "no generation is known to need it alone",
    0x0303: "Windows Phone 8.1 and Windows 8.1 and later [U]",
    0x0304: "Windows 11",
}
_FAMILIES = {
    "3DES": "_3DES_",
    "RC4": "_RC4_",
    "DES": "_DES_",
    "export": "_EXPORT",
}
"""Kinds of suites that builds of today leave out, by a part of their names."""

_BUILD = "use a Python whose cryptography was built against another OpenSSL"


def check_versions(_setup: Setup, *, build: TlsBuild | None = None) -> Result:
    """TLS versions from the device's side."""
    build = build or tls_build()
    names = {v: VERSION_NAMES[v] for v in VERSION_NAMES}
    has = [names[v] for v in names if v in build.versions]
    lacks = [names[v] for v in names if v not in build.versions]
    facts: Facts = {"offered": has, "lacking": lacks}
    text = f"{', '.join(has)} can be offered (1.0 and 1.1 with --legacy-tls, the default)"
    missed = [v for v in _NEEDED_VERSIONS if v not in build.versions]
    if missed:
        who = "; ".join(f"{names[v]}: {_NEEDED_VERSIONS[v]}" for v in missed)
        return warning(f"{text}; lacking: {who}", _BUILD, facts)
    if lacks:
        text += f"; not {', '.join(lacks)}, which only devices before Windows Phone 8 need [U]"
    return ok(text, facts)


def check_suites(_setup: Setup, *, build: TlsBuild | None = None) -> Result:
    """Cipher suites from the device's side."""
    build = build or tls_build()
    lacking = [name for number, name in SUITE_NAMES.items() if _is_lacking(number, name, build)]
    families = [family for family, part in _FAMILIES.items() if not _has(part, build)]
    text = f"{len(build.suites)} suites can be offered"
    facts: Facts = {"offered": [SUITE_NAMES[n] for n in sorted(build.suites)], "lacking": lacking}
    if not families:
        return ok(text, facts)
    return warning(
        f"{text}, but none with {', '.join(families)}: devices that offer nothing "
        "else cannot connect, such as Windows Mobile 6; Windows Phone 8 is believed to "
        "offer AES as well [U]",
        "nothing, unless a handshake fails with `no shared cipher`: the log then names the "
        f"device's suites, and the remedy is to {_BUILD}",
        facts,
        rule="tls-too-modern",
    )


def _is_lacking(number: int, name: str, build: TlsBuild) -> bool:
    return number not in build.suites and any(part in name for part in _FAMILIES.values())


def _has(part: str, build: TlsBuild) -> bool:
    return any(part in SUITE_NAMES[number] for number in build.suites)


CHECKS = (
    Check(name="tls-versions", group="TLS with devices", function=check_versions),
    Check(name="tls-suites", group="TLS with devices", function=check_suites),
)
