"""What the OpenSSL in this Python can do for old phones: TLS versions and cipher suites.

It is asked, not assumed: builds differ in what was left out. Touches parts of pyOpenSSL that are
not public; all of it stands in this module.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from OpenSSL import SSL

from mdmcore.tls_wire.names import VERSION_NAMES
from mdmcore.tls_wire.suites import SIGNALS, SUITE_NAMES

EVERYTHING = ("ALL", "!aNULL", "!eNULL", "@SECLEVEL=0")
"""Cipher string for all a build has; level 0 is what TLS 1.0 and 1.1 need (SHA-1 signatures)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsBuild:
    """A build of OpenSSL: its name, the versions and the known suites that it can offer."""

    library: str
    versions: frozenset[int]
    suites: frozenset[int]


@cache
def tls_build() -> TlsBuild:
    """The build that this process uses; found out once, in a few milliseconds."""
    return TlsBuild(
        library=" ".join(_version_text().split()[:2]),
        versions=frozenset(version for version in VERSION_NAMES if _can_speak(version)),
        suites=suites_of_build(SUITE_NAMES.keys() - SIGNALS),
    )


def suites_of_build(numbers: Iterable[int]) -> frozenset[int]:
    """Those of the suites that this build can offer, named in our table or not."""
    return suites_of(_connection(), numbers)


def suites_of(connection: SSL.Connection, numbers: Iterable[int]) -> frozenset[int]:
    """Those of the suites that are switched on in this connection."""
    names = set(connection.get_cipher_list())
    return frozenset(number for number in numbers if _name(connection, number) in names)


def _version_text() -> str:
    return SSL.SSLeay_version(SSL.SSLEAY_VERSION).decode("ascii", "replace")


def _can_speak(version: int) -> bool:
    """A build without a version fails when it is asked for, or when a hello shall be written."""
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_cipher_list(":".join(EVERYTHING).encode())
    try:
        context.set_min_proto_version(version)
        context.set_max_proto_version(version)
        connection = SSL.Connection(context)
        connection.set_connect_state()
        connection.do_handshake()
    except SSL.WantReadError:
        return True
    except SSL.Error:
        return False
    return True


def _connection() -> SSL.Connection:
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_cipher_list(":".join(EVERYTHING).encode())
    return SSL.Connection(context)


def _name(connection: Any, number: int) -> str | None:
    lib: Any = SSL._lib  # type: ignore[attr-defined]
    ffi: Any = SSL._ffi  # type: ignore[attr-defined]
    cipher = lib.SSL_CIPHER_find(connection._ssl, number.to_bytes(2, "big"))
    if cipher == ffi.NULL:
        return None
    text: bytes = ffi.string(lib.SSL_CIPHER_get_name(cipher))
    return text.decode("ascii")
