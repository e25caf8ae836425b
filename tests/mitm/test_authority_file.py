"""The CA's files: read, refused when others can read a key, the password never told."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mdmcore.errors import ConfigError
from mdmcore.mitm.authority_file import read_authority
from mdmcore.mitm.configuration.schema import AuthorityTable
from mdmcore.pki.authority import certificate_pem
from tests.support.authorities import chain_pem, intermediate, key_pem, root
from tests.support.certificates import NOW
from tests.support.openssl import openssl_output

PASSWORD = "pass word"


def write(path: Path, data: bytes, mode: int = 0o600) -> str:
    path.write_bytes(data)
    path.chmod(mode)
    return str(path)


def read(**table: object) -> object:
    return read_authority(AuthorityTable(**table), now=NOW, environment={"CA_PASSWORD": PASSWORD})  # type: ignore[arg-type]


def test_no_file_no_authority() -> None:
    assert read() is None


def test_one_file_with_everything(tmp_path: Path) -> None:
    found = read(ca=(write(tmp_path / "ca.pem", chain_pem()),))
    assert found is not None
    assert found.certificate == intermediate()  # type: ignore[attr-defined]


def test_only_the_file_with_the_key_must_be_private(tmp_path: Path) -> None:
    key = write(tmp_path / "key.pem", key_pem())
    public = certificate_pem(intermediate()) + certificate_pem(root())
    certificates = write(tmp_path / "certificates.pem", public, 0o644)
    assert read(ca=(key, certificates)) is not None


@pytest.mark.skipif(sys.platform == "win32", reason="file modes")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = write(tmp_path / "ca.pem", chain_pem(), mode)
    with pytest.raises(ConfigError, match=r"ca\.pem: others may read the private key"):
        read(ca=(path,))


@pytest.mark.skipif(sys.platform == "win32", reason="file modes")
def test_a_pfx_that_others_can_read_is_refused_though_it_has_a_password(tmp_path: Path) -> None:
    data = pfx(tmp_path)
    with pytest.raises(ConfigError, match=r"ca\.pfx: others may read the private key"):
        read(ca=(write(tmp_path / "ca.pfx", data, 0o644),), password_env="CA_PASSWORD")


def pfx(folder: Path) -> bytes:
    pem = folder / "all.pem"
    pem.write_bytes(chain_pem())
    return openssl_output(
        *("pkcs12", "-export", "-in", str(pem), "-passout", f"pass:{PASSWORD}"),
    )


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_the_password_from_a_file(tmp_path: Path, end: bytes) -> None:
    path = write(tmp_path / "ca.pfx", pfx(tmp_path))
    password = write(tmp_path / "password", PASSWORD.encode() + end, 0o444)
    assert read(ca=(path,), password_file=password) is not None


def test_the_password_from_the_environment(tmp_path: Path) -> None:
    path = write(tmp_path / "ca.pem", chain_pem(password=PASSWORD.encode()))
    assert read(ca=(path,), password_env="CA_PASSWORD") is not None


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({"password_env": "CA_PASSWORD"}, "but no file of the CA"),
        ({"password_file": "x"}, "but no file of the CA"),
        ({"ca": ("x",), "password_env": "NOPE"}, "no environment variable NOPE"),
        ({"ca": ("x",), "password_env": "CA_PASSWORD", "password_file": "y"}, "not in both"),
        ({"ca": ("/gone/ca.pem",)}, r"/gone/ca\.pem: no such file or directory"),
        ({"ca": ("/gone/ca.pem",), "password_file": "/gone/p"}, "/gone/p: no such file"),
        ({"ca": ("/",)}, "/: is a directory"),
    ],
)
def test_what_cannot_be_read(table: dict[str, object], why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        read(**table)


def test_a_wrong_password_is_not_told(tmp_path: Path) -> None:
    path = write(tmp_path / "ca.pfx", pfx(tmp_path))
    password = write(tmp_path / "password", b"hunter2")
    with pytest.raises(ConfigError, match=r"ca\.pfx: .*password wrong") as caught:
        read(ca=(path,), password_file=password)
    assert "hunter2" not in str(caught.value)


def test_a_file_without_end_is_not_read(tmp_path: Path) -> None:
    path = write(tmp_path / "ca.pem", b"x" * (1024 * 1024 + 1))
    with pytest.raises(ConfigError, match="more than 1048576 bytes"):
        read(ca=(path,))
