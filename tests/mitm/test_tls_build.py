"""What the build says it can do, against real handshakes and the openssl command's names."""

from __future__ import annotations

import contextlib
import re

import pytest
from cryptography import x509
from OpenSSL import SSL

from mdmcore.mitm.tls_build import (
    EVERYTHING,
    suites_of,
    suites_of_build,
    tls_build,
)
from mdmcore.tls_wire.names import VERSION_NAMES
from mdmcore.tls_wire.suites import SIGNALS, SUITE_NAMES
from tests.support.keys import load_key
from tests.support.openssl import openssl_output
from tests.support.server import make_authority


def made(version: int, *, is_server: bool) -> SSL.Connection:
    """One end of a handshake of exactly this version."""
    context = SSL.Context(SSL.TLS_SERVER_METHOD if is_server else SSL.TLS_CLIENT_METHOD)
    context.set_cipher_list(":".join(EVERYTHING).encode())
    context.set_min_proto_version(version)
    context.set_max_proto_version(version)
    connection = SSL.Connection(context)
    if is_server:
        connection.use_privatekey(load_key("authority"))
        certificate = make_authority().certificate
        connection.use_certificate(x509.load_der_x509_certificate(certificate))
        connection.set_accept_state()
    else:
        connection.set_connect_state()
    return connection


def negotiated(version: int) -> str:
    """The version on which both ends agree, through memory."""
    server, client = made(version, is_server=True), made(version, is_server=False)
    for _ in range(10):
        for one, other in ((client, server), (server, client)):
            with contextlib.suppress(SSL.WantReadError):
                one.do_handshake()
            with contextlib.suppress(SSL.WantReadError):
                other.bio_write(one.bio_read(65535))
    return client.get_protocol_version_name()


@pytest.mark.parametrize("version", VERSION_NAMES)
def test_a_version_is_offered_when_a_handshake_with_it_works(version: int) -> None:
    name = VERSION_NAMES[version].removesuffix(".0").replace("TLS ", "TLSv").replace("SSL ", "SSLv")
    if version in tls_build().versions:
        assert negotiated(version) == name
    else:
        with pytest.raises(SSL.Error):
            negotiated(version)


def test_what_is_left_out_of_this_build_is_known() -> None:
    build = tls_build()
    assert build.library.startswith("OpenSSL ")
    assert {0x0303, 0x0304} <= build.versions
    assert 0xC02F in build.suites
    assert not build.suites & SIGNALS
    # NULL suites are not offered, whatever the build has.
    assert not {n for n, name in SUITE_NAMES.items() if "_NULL_" in name} & build.suites


def test_numbers_and_names_belong_together() -> None:
    lines = openssl_output("ciphers", "-V", "-stdname", "ALL:@SECLEVEL=0").decode().splitlines()
    listed = {}
    for line in lines:
        match = re.match(r"\s*0x([0-9A-F]{2}),0x([0-9A-F]{2}) - (\S+)", line)
        if match:
            listed[int(match[1] + match[2], 16)] = match[3]
    assert len(listed) > 30
    for number in listed.keys() & SUITE_NAMES.keys():
        assert SUITE_NAMES[number] == listed[number]
    ours = suites_of_build(listed)
    assert {0x002F, 0x0035, 0xC013, 0x1301} <= ours


def test_a_connection_has_what_was_switched_on_in_it() -> None:
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_cipher_list(b"ECDHE-RSA-AES128-GCM-SHA256")
    found = suites_of(SSL.Connection(context), (0xC02F, 0x002F, 0x1301, 0x0004, 0xABCD))
    assert found == {0xC02F, 0x1301}
