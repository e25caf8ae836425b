"""A certificate as a header: each form read back by something that did not write it."""

from __future__ import annotations

import base64
import re
from urllib.parse import unquote

import pytest

from mdmcore.errors import ConfigError
from mdmcore.mitm.certificate_header import parse_certificate_header
from tests.support.openssl import openssl_output
from tests.support.tls_server import lasting_certificate


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("X-SSL-Client-Cert", "pem"),
        ("ssl-client-cert", "pem"),
        ("X-ARR-ClientCert", "der"),
        ("x-arr-clientcert", "der"),
        ("X-Forwarded-Client-Cert", "xfcc"),
        ("Client-Cert", "rfc9440"),
        ("X-Forwarded-Tls-Client-Cert", "der"),
        ("X-ARR-ClientCert=pem", "pem"),
    ],
)
def test_the_form_that_a_name_usually_has(text: str, form: str) -> None:
    header = parse_certificate_header(text, option="x")
    assert (header.name, header.form) == (text.partition("=")[0], form)


def test_openssl_reads_the_escaped_pem() -> None:
    value = parse_certificate_header("X-SSL-Client-Cert", option="x").value(lasting_certificate())
    assert re.fullmatch(r"[A-Za-z0-9._~%-]+", value)
    der = openssl_output("x509", "-outform", "DER", data=unquote(value).encode())
    assert der == lasting_certificate()


def test_openssl_reads_the_base64() -> None:
    value = parse_certificate_header("X-ARR-ClientCert", option="x").value(lasting_certificate())
    assert base64.b64decode(value, validate=True) == lasting_certificate()
    structured = parse_certificate_header("Client-Cert", option="x").value(lasting_certificate())
    assert structured == f":{value}:"


def test_envoys_form_has_digest_and_pem() -> None:
    header = parse_certificate_header("X-Forwarded-Client-Cert", option="x")
    match = re.fullmatch(r'Hash=([0-9a-f]{64});Cert="([^"]+)"', header.value(lasting_certificate()))
    assert match is not None
    said = openssl_output(
        "x509", "-noout", "-fingerprint", "-sha256", data=unquote(match[2]).encode()
    ).decode()
    assert said.partition("=")[2].strip().replace(":", "").lower() == match[1]


@pytest.mark.parametrize(
    ("name", "is_meant"),
    [
        ("X-SSL-Client-Cert", True),
        ("x_ssl_client_cert", True),
        ("X-SSL-Client-Certs", False),
        ("Client-Cert-Chain", False),
    ],
)
def test_names_that_a_server_takes_for_it(name: str, is_meant: bool) -> None:
    header = parse_certificate_header("X-SSL-Client-Cert", option="x")
    assert header.is_meant_by(name) is is_meant


def test_the_chain_of_rfc_9440_is_not_the_devices_to_send() -> None:
    assert parse_certificate_header("Client-Cert", option="x").is_meant_by("client-cert-chain")


@pytest.mark.parametrize("text", ["", "=pem", "a b", "X:Y", "Host", "content-length=der", "é"])
def test_what_is_no_header(text: str) -> None:
    with pytest.raises(ConfigError, match=r"^--h '.*': give a header's name"):
        parse_certificate_header(text, option="--h")


def test_a_form_that_does_not_exist() -> None:
    with pytest.raises(ConfigError, match="one of pem, der, xfcc, rfc9440"):
        parse_certificate_header("X-Cert=hex", option="--h")
