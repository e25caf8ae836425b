"""A CA that somebody brings: from PEM and PFX as openssl writes them, judged by openssl verify."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from mdmcore.errors import ConfigError
from mdmcore.pki.authority import (
    Authority,
    certificate_pem,
    issue_certificate,
    to_pem,
)
from mdmcore.pki.authority_chain import has_private_key, load_authority_chain
from mdmcore.pki.csr import parse_pkcs10
from mdmcore.pki.subject import single_name
from tests.support.authorities import ca_certificate, chain_pem, intermediate, key_pem, root
from tests.support.certificates import NOW, build_authority
from tests.support.certification_requests import build_request
from tests.support.keys import load_key
from tests.support.openssl import openssl, openssl_output

PASSWORD = "pass word"


def load(*parts: bytes, password: bytes | None = None, now: datetime = NOW) -> Authority:
    return load_authority_chain(parts, password=password, now=now)


def assert_is_chain(authority: Authority) -> None:
    assert authority.certificate == authority.intermediate == intermediate()
    assert (authority.chain, authority.root) == ((root(),), root())
    assert authority.private_key.private_numbers() == load_key("authority").private_numbers()


def pfx(folder: Path, *options: str, password: str = PASSWORD) -> bytes:
    """The chain as the real openssl packs it."""
    (folder / "key.pem").write_bytes(key_pem())
    (folder / "ca.pem").write_bytes(certificate_pem(intermediate()))
    (folder / "root.pem").write_bytes(certificate_pem(root()))
    return openssl_output(
        *("pkcs12", "-export", *options, "-passout", f"pass:{password}"),
        *("-inkey", str(folder / "key.pem"), "-in", str(folder / "ca.pem")),
        *("-certfile", str(folder / "root.pem")),
    )


def test_a_chain_in_one_pem_text() -> None:
    assert_is_chain(load(chain_pem()))


def test_a_chain_in_any_order_and_twice_in_several_files() -> None:
    both = certificate_pem(root()) + certificate_pem(intermediate())
    assert_is_chain(load(certificate_pem(root()), both, b"text in front\n" + key_pem()))


def test_windows_line_ends_do_not_matter() -> None:
    assert_is_chain(load(chain_pem().replace(b"\n", b"\r\n")))


def test_an_encrypted_key() -> None:
    pem = chain_pem(password=PASSWORD.encode())
    assert_is_chain(load(pem, password=PASSWORD.encode()))
    with pytest.raises(ConfigError, match="is encrypted, its password is not given"):
        load(pem)
    with pytest.raises(ConfigError, match="or its password is wrong") as caught:
        load(pem, password=b"hunter2")
    assert "hunter2" not in str(caught.value)


def test_an_old_encrypted_key_as_openssl_writes_it() -> None:
    key = openssl_output(
        *("rsa", "-aes256", "-traditional", "-passout", f"pass:{PASSWORD}"), data=key_pem()
    )
    assert b"Proc-Type: 4,ENCRYPTED" in key
    pem = key + certificate_pem(intermediate()) + certificate_pem(root())
    assert_is_chain(load(pem, password=PASSWORD.encode()))


def test_a_password_that_is_not_needed_does_no_harm() -> None:
    assert_is_chain(load(chain_pem(), password=b"x"))


@pytest.mark.parametrize("options", [(), ("-legacy",), ("-keypbe", "NONE", "-certpbe", "NONE")])
def test_a_pfx_of_openssl(options: tuple[str, ...], tmp_path: Path) -> None:
    assert_is_chain(load(pfx(tmp_path, *options), password=PASSWORD.encode()))


def test_a_pfx_with_another_password_or_none(tmp_path: Path) -> None:
    data = pfx(tmp_path)
    with pytest.raises(ConfigError, match="password wrong") as caught:
        load(data, password=b"hunter2")
    assert "hunter2" not in str(caught.value)
    with pytest.raises(ConfigError, match="not a PFX, or it needs a password"):
        load(data)
    assert_is_chain(load(pfx(tmp_path, password=""), password=b""))


def test_a_pfx_without_a_key(tmp_path: Path) -> None:
    pem = tmp_path / "ca.pem"
    pem.write_bytes(certificate_pem(intermediate()))
    data = openssl_output(
        *("pkcs12", "-export", "-nokeys", "-in", str(pem), "-passout", "pass:x"),
    )
    with pytest.raises(ConfigError, match="holds no private key"):
        load(data, password=b"x")


def test_a_root_alone_has_no_chain() -> None:
    own = build_authority()
    found = load(to_pem(own))
    assert (found.certificate, found.chain, found.intermediate) == (own.certificate, (), None)
    assert found.root == own.certificate


def test_what_it_issues_verifies_through_the_intermediate(tmp_path: Path) -> None:
    authority = load(chain_pem())
    der = issue_certificate(
        parse_pkcs10(build_request()),
        authority=authority,
        subject=single_name("DEVICE"),
        now=NOW,
        serial=1,
        lifetime=timedelta(days=365),
    )
    files = {"leaf": der, "ca": authority.certificate, "root": authority.root}
    for name, each in files.items():
        (tmp_path / name).write_bytes(certificate_pem(each))
    when = str(int(NOW.timestamp()))
    arguments = ("verify", "-x509_strict", "-purpose", "sslclient", "-attime", when)
    trusted = ("-CAfile", str(tmp_path / "root"))
    said = openssl(*arguments, *trusted, "-untrusted", str(tmp_path / "ca"), str(tmp_path / "leaf"))
    assert said.stdout.endswith(b"leaf: OK\n"), said.stderr
    without = openssl(*arguments, *trusted, str(tmp_path / "leaf"))
    assert without.returncode != 0


def _ec_key() -> bytes:
    key = ec.derive_private_key(12345, ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _other_intermediate() -> bytes:
    return ca_certificate(
        "Middle", key="device2", issuer="Test Root", issuer_key="enterprise", path_length=1
    )


def _below_it() -> bytes:
    return ca_certificate("Low", key="authority", issuer="Middle", issuer_key="device2")


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("certificates", "why"),
    [
        ((), "no certificate for the CA's key"),
        ((root(),), "does not belong to any"),
        ((intermediate(),), "the certificate of 'CN=Test Root', which issued .* is missing"),
        ((intermediate(), root(), _other_intermediate()), "'CN=Middle' does not belong to the"),
        ((_below_it(), _other_intermediate(), root()), "has 2 intermediates"),
        ((intermediate(is_ca=False), root()), "'CN=Test Issuing CA' is not that of a CA"),
        ((intermediate(), root(is_ca=False)), "'CN=Test Root' is not that of a CA"),
        ((intermediate(may_sign=False), root()), "may not sign certificates"),
        ((intermediate(), root(path_length=0)), "allows 0 CAs below it, there is 1"),
        ((intermediate(not_after=NOW), root()), "'CN=Test Issuing CA' expired on 2026-06-01"),
        ((intermediate(), root(not_after=NOW - DAY)), "'CN=Test Root' expired on 2026-05-31"),
        ((intermediate(not_before=NOW + DAY), root()), "is not valid before 2026-06-02"),
    ],
)
def test_chains_that_devices_would_not_trust(certificates: tuple[bytes, ...], why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        load(key_pem() + b"".join(map(certificate_pem, certificates)))


def test_a_root_that_another_key_signed() -> None:
    forged = ca_certificate("Test Root", key="enterprise", issuer="Test Root", issuer_key="device2")
    pem = key_pem() + certificate_pem(intermediate()) + certificate_pem(forged)
    with pytest.raises(ConfigError, match="not signed by its own key"):
        load(pem)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is empty"),
        (b"nonsense", "cannot be opened as PFX"),
        (b"0\x82\x01\x00", "cannot be opened as PFX"),
        (certificate_pem(root()), "no readable PEM private key"),
        (key_pem() + key_pem("device"), "2 private keys"),
        (_ec_key() + certificate_pem(root()), "key is not RSA"),
        (key_pem() + b"-----BEGIN CERTIFICATE-----\nMIIB", "cannot be read"),
        (key_pem() + b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n", "base64"),
        (key_pem() + certificate_pem(b"0\x03\x02\x01\x01"), "a certificate cannot be read"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "cannot be read"),
    ],
)
def test_what_is_no_authority(data: bytes, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        load(data)


def test_pem_and_pfx_are_not_mixed(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="or one PFX file alone"):
        load(chain_pem(), pfx(tmp_path), password=PASSWORD.encode())


def test_a_bundle_without_end_is_not_read() -> None:
    many = [
        ca_certificate(f"CA {number}", key="device", issuer="X", issuer_key="device2")
        for number in range(21)
    ]
    with pytest.raises(ConfigError, match="21 certificates"):
        load(key_pem(), *map(certificate_pem, many))


def test_every_cut_of_a_pem_text_is_one_kind_of_error() -> None:
    pem = chain_pem()
    for length in range(0, len(pem) - 1, 97):
        with pytest.raises(ConfigError):
            load(pem[:length])


def test_which_files_are_secrets() -> None:
    assert has_private_key(chain_pem())
    assert has_private_key(base64.b64decode("MIIB"))
    assert not has_private_key(certificate_pem(root()))
