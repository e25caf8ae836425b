"""How a handshake with a server is told: real handshakes in memory, Python's ssl as the server."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from mitmproxy.connection import Server
from OpenSSL import SSL

from mdmcore.connection import ServerEnd
from mdmcore.mitm.server_offer import take_names_as_devices_do
from mdmcore.mitm.server_tls import ServerHandshake, established, failed, keep_chain
from tests.support.tls_chains import (
    A_YEAR,
    BEGIN,
    Issuer,
    intermediate,
    leaf,
    root,
    write_chain,
    write_root,
)

HOST = "mdm.example.test"
FAILED = "Certificate verify failed: whatever"


def client(folder: Path, mode: int = SSL.VERIFY_PEER) -> SSL.Connection:
    """The proxy's side, which knows one root and expects one host."""
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.load_verify_locations(str(write_root(folder / "root.pem", root())))
    context.set_verify(mode, None)
    made = SSL.Connection(context)
    made.set_connect_state()
    inside: Any = SSL
    parameters = inside._lib.SSL_get0_param(made._ssl)
    inside._lib.X509_VERIFY_PARAM_set1_host(parameters, HOST.encode(), len(HOST))
    return made


def shake(one: SSL.Connection, folder: Path, *chain: x509.Certificate) -> None:
    """Both sides as far as they go."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(write_chain(folder / "server.pem", *chain))
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = context.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(6):
        with contextlib.suppress(SSL.Error, SSL.WantReadError):
            one.do_handshake()
        with contextlib.suppress(SSL.WantReadError):
            to_server.write(one.bio_read(65535))
        with contextlib.suppress(ssl.SSLError):
            server.do_handshake()
        if data := to_client.read():
            one.bio_write(data)


def right() -> tuple[x509.Certificate, ...]:
    return (leaf(HOST, issuer=root()), root().certificate)


def no_authority() -> Issuer:
    """A server that issues certificates."""
    return Issuer(certificate=leaf("issuer.example.test", issuer=root()), key="device2")


WRONG: dict[ServerEnd, Callable[[], tuple[x509.Certificate, ...]]] = {
    ServerEnd.UNKNOWN_ROOT: lambda: (leaf(HOST, issuer=None),),
    ServerEnd.WRONG_NAME: lambda: (leaf("www.example.test", issuer=root()),),
    ServerEnd.OUT_OF_DATE: lambda: (leaf(HOST, issuer=root(), ends=BEGIN + A_YEAR),),
    ServerEnd.BAD_CERTIFICATE: lambda: (
        leaf(HOST, issuer=no_authority()),
        no_authority().certificate,
    ),
}


def test_a_right_server(tmp_path: Path) -> None:
    one = client(tmp_path)
    shake(one, tmp_path, *right())
    assert established(one) == ServerHandshake(end=ServerEnd.OK)


@pytest.mark.parametrize("end", WRONG)
def test_what_is_passed_over_is_known(tmp_path: Path, end: ServerEnd) -> None:
    one = client(tmp_path, SSL.VERIFY_NONE)
    shake(one, tmp_path, *WRONG[end]())
    found = established(one)
    assert (found.end, found.is_unchecked) == (end, True)
    assert found.detail


@pytest.mark.parametrize("end", WRONG)
def test_why_a_certificate_was_refused_and_which(tmp_path: Path, end: ServerEnd) -> None:
    one, chain = client(tmp_path), WRONG[end]()
    shake(one, tmp_path, *chain)
    found = failed(one, FAILED, is_mirrored=False)
    assert (found.end, found.is_unchecked) == (end, False)
    server = Server(address=(HOST, 443))
    keep_chain(server, one)
    kept = [sent.to_cryptography() for sent in server.certificate_list]
    assert kept == list(chain)


def test_a_chain_that_mitmproxy_has_kept_stays(tmp_path: Path) -> None:
    one = client(tmp_path)
    shake(one, tmp_path, leaf(HOST, issuer=intermediate()))
    server = Server(address=(HOST, 443))
    keep_chain(server, one)
    before = list(server.certificate_list)
    keep_chain(server, client(tmp_path))
    assert server.certificate_list == before


def test_the_name_may_stand_in_the_cn_alone(tmp_path: Path) -> None:
    one = client(tmp_path)
    take_names_as_devices_do(one)
    shake(one, tmp_path, leaf(issuer=root(), common_name=HOST))
    assert established(one).end is ServerEnd.OK


def openssl_words(words: str) -> str:
    return f"OpenSSL Error([('SSL routines', '', '{words}')])"


@pytest.mark.parametrize(
    ("reason", "is_mirrored", "end"),
    [
        (openssl_words("unsupported protocol"), True, ServerEnd.OLDER_VERSION),
        (openssl_words("wrong ssl version"), False, ServerEnd.OLDER_VERSION),
        (openssl_words("tlsv1 alert protocol version"), True, ServerEnd.NEWER_VERSION),
        ("mitmproxy cannot agree on a TLS version to use.", True, ServerEnd.NEWER_VERSION),
        ("mitmproxy cannot agree on a TLS version to use.", False, ServerEnd.OLDER_VERSION),
        (openssl_words("ssl/tls alert handshake failure"), True, ServerEnd.FAILED),
        ("", False, ServerEnd.FAILED),
    ],
)
def test_other_ends(tmp_path: Path, reason: str, is_mirrored: bool, end: ServerEnd) -> None:
    found = failed(client(tmp_path), reason, is_mirrored=is_mirrored)
    assert (found.end, found.detail) == (end, reason)
