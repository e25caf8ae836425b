"""Keys are looked at before tshark gets them, which says nothing of those it cannot use."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from mdmcore.capture.pcap.keys import read_keys
from mdmcore.errors import ConfigError
from tests.support.keys import key_path, load_key, spki


def test_a_key_log_tells_for_which_hellos_it_has_secrets(tmp_path: Path) -> None:
    path = tmp_path / "keys.log"
    path.write_bytes(
        b"# made by a browser\r\nCLIENT_RANDOM " + b"ab" * 32 + b" " + b"cd" * 48 + b"\r\n"
        b"RSA 0123456789abcdef " + b"cd" * 48 + b"\n"
    )
    assert read_keys(path, ()).randoms == frozenset({b"\xab" * 32})


def test_a_servers_key_with_its_public_half() -> None:
    (key,) = read_keys(None, (key_path("device2"),)).rsa
    assert key.spki == spki("device2")


def _pem(name: str) -> bytes:
    if name == "curve":
        plain = derive_private_key(7, SECP256R1())
        return plain.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    if name == "locked":
        key = load_key("device")
        how = BestAvailableEncryption(b"secret")
        return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)
    return b"-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("curve", "no RSA key; no other decrypts a capture: record a key log"),
        ("locked", "it has a password: decrypt it first"),
        ("none", "no private key in PEM"),
    ],
)
def test_a_key_that_cannot_be_used(name: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(_pem(name))
    with pytest.raises(ConfigError, match=words) as caught:
        read_keys(None, (path,))
    assert str(caught.value).startswith(f"{path}: ")


def test_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        read_keys(tmp_path / "none", ())
    with pytest.raises(ConfigError, match="no such file"):
        read_keys(None, (tmp_path / "none",))


def test_what_is_no_key_log(tmp_path: Path) -> None:
    path = tmp_path / "keys.log"
    path.write_bytes(key_path("device").read_bytes())
    with pytest.raises(ConfigError, match="no key log"):
        read_keys(path, ())
