"""Keys that decrypt TLS in a packet capture: a key log, and the RSA keys of servers.

They are looked at before tshark gets them, which says nothing of a key that it cannot use.
Sources: formats.md sections 3.3 and 3.4; NSS Key Log Format.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from mdmcore.capture.pcap.tshark import Room
from mdmcore.errors import ConfigError

_LINE = re.compile(rb"([A-Z][A-Z0-9_]+) ([0-9A-Fa-f]{16,64}) ([0-9A-Fa-f]+)\s*")
_RANDOM = 64
_MAX_RANDOMS = 1_000_000
_MAX_LINE = 4096
_MAX_KEY = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class RsaKey:
    """A server's key by its file; its public half (SubjectPublicKeyInfo in DER) tells which
    certificates are its own."""

    path: Path
    spki: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """``randoms`` are the randoms of the ClientHellos for which the key log has lines, ``None``
    where they are too many to be kept."""

    key_log: Path | None = None
    randoms: frozenset[bytes] | None = frozenset()
    rsa: tuple[RsaKey, ...] = ()

    def arguments(self, room: Room) -> list[str]:
        """What tshark is told of them."""
        found = []
        if self.key_log is not None:
            found += ["-o", f"tls.keylog_file:{room.linked(self.key_log)}"]
        for key in self.rsa:
            found += ["-o", f'uat:rsa_keys:"{room.linked(key.path)}",""']
        return found


def read_keys(key_log: Path | None, rsa_keys: tuple[Path, ...]) -> Keys:
    """The keys in these files. Raises ConfigError, saying what to do, for a file that has none."""
    return Keys(
        key_log=key_log,
        randoms=frozenset() if key_log is None else _randoms(key_log),
        rsa=tuple(_rsa_key(path) for path in rsa_keys),
    )


def _randoms(path: Path) -> frozenset[bytes] | None:
    found: set[bytes] = set()
    has_lines = False
    try:
        with path.open("rb") as file:
            while line := file.readline(_MAX_LINE):
                entry = _LINE.fullmatch(line)
                has_lines = has_lines or entry is not None
                if entry is not None and len(entry[2]) == _RANDOM:
                    found.add(bytes.fromhex(entry[2].decode("ascii")))
                    if len(found) > _MAX_RANDOMS:
                        return None
    except OSError as error:
        raise ConfigError(f"{path}: {(error.strerror or str(error)).lower()}") from error
    if not has_lines:
        raise ConfigError(
            f"{path}: no key log: it has no line like CLIENT_RANDOM 64HEX HEX; "
            "what writes one is told in docs/captures.md"
        )
    return frozenset(found)


def _rsa_key(path: Path) -> RsaKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        PublicFormat,
        load_pem_private_key,
    )

    try:
        with path.open("rb") as file:
            data = file.read(_MAX_KEY)
    except OSError as error:
        raise ConfigError(f"{path}: {(error.strerror or str(error)).lower()}") from error
    try:
        key = load_pem_private_key(data, password=None)
    except TypeError:
        raise ConfigError(
            f"{path}: it has a password: decrypt it first, with openssl rsa -in KEY -out PLAIN"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise ConfigError(
            f"{path}: no private key in PEM (-----BEGIN PRIVATE KEY-----); a .pfx gives it with "
            "openssl pkcs12 -in FILE -nocerts -nodes"
        ) from None
    if not isinstance(key, RSAPrivateKey):
        raise ConfigError(f"{path}: no RSA key; no other decrypts a capture: record a key log")
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return RsaKey(path=path, spki=spki)
