"""mitmproxy's folder."""

from __future__ import annotations

import hashlib
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from mdmcore.cli.doctor.proxy_ca import (
    check_certificate,
    check_for_phone,
    check_key,
    check_proxyauth,
)
from mdmcore.cli.doctor.result import Level
from tests.cli.doctor.setups import authority, setup, write_proxy_ca
from tests.support.openssl import openssl_output


def test_a_folder_that_does_not_exist_yet(tmp_path: Path) -> None:
    made = setup(tmp_path)
    assert "at the first start" in check_certificate(made).message
    assert check_for_phone(made) is None
    assert check_key(made) is None
    assert check_proxyauth(made) is None


def test_the_ca_is_shown_as_a_phone_shows_it(tmp_path: Path) -> None:
    made = setup(tmp_path)
    write_proxy_ca(made.confdir, authority())
    result = check_certificate(made)
    assert result.level is Level.OK
    path = made.confdir / "mitmproxy-ca-cert.pem"
    theirs = openssl_output("x509", "-in", str(path), "-noout", "-fingerprint", "-sha1").decode()
    shown = theirs.partition("=")[2].strip().replace(":", " ")
    assert shown in result.message
    der = openssl_output("x509", "-in", str(path), "-outform", "DER")
    assert result.facts["sha256"] == hashlib.sha256(der).hexdigest()
    phone = check_for_phone(made)
    assert phone is not None
    assert "mitmproxy-ca-cert.cer" in phone.message
    assert "http://mitm.it" in phone.message
    key = check_key(made)
    assert key is not None
    assert key.level is Level.OK


@pytest.mark.parametrize("begins", [timedelta(days=-4000), timedelta(days=2)])
def test_a_ca_out_of_its_time(begins: timedelta, tmp_path: Path) -> None:
    made = setup(tmp_path)
    write_proxy_ca(made.confdir, authority(begins=begins))
    assert check_certificate(made).level is Level.PROBLEM


@pytest.mark.parametrize(
    "content", [b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
)
def test_a_file_that_is_no_certificate(content: bytes, tmp_path: Path) -> None:
    made = setup(tmp_path)
    made.confdir.mkdir()
    (made.confdir / "mitmproxy-ca-cert.pem").write_bytes(content)
    result = check_certificate(made)
    assert result.level is Level.PROBLEM
    assert "is no certificate" in result.message


@pytest.mark.skipif(sys.platform == "win32", reason="file modes")
def test_a_key_that_others_can_read(tmp_path: Path) -> None:
    made = setup(tmp_path)
    write_proxy_ca(made.confdir, authority())
    (made.confdir / "mitmproxy-ca.pem").chmod(0o640)
    result = check_key(made)
    assert result is not None
    assert result.level is Level.PROBLEM
    assert "chmod 600" in result.fix


def test_the_form_for_phones_is_missed(tmp_path: Path) -> None:
    made = setup(tmp_path)
    write_proxy_ca(made.confdir, authority())
    (made.confdir / "mitmproxy-ca-cert.cer").unlink()
    result = check_for_phone(made)
    assert result is not None
    assert result.level is Level.WARNING


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("proxyauth: any\n", Level.PROBLEM),
        ('proxyauth: "user:secret"\n', Level.PROBLEM),
        ("listen_port: 8081\n", Level.OK),
        ("", Level.OK),
        ("a: [\n", Level.WARNING),
        ("\xff: ]", Level.WARNING),
    ],
)
def test_a_proxy_that_asks_for_a_password(text: str, level: Level, tmp_path: Path) -> None:
    made = setup(tmp_path)
    made.confdir.mkdir()
    (made.confdir / "config.yaml").write_bytes(text.encode("latin-1"))
    result = check_proxyauth(made)
    assert result is not None
    assert result.level is level
    assert (result.rule == "proxy-auth-challenge") == (level is Level.PROBLEM)
    assert "secret" not in result.message
