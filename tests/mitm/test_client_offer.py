"""What a ClientHello offers, and what is said about it."""

from __future__ import annotations

import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mitmproxy.proxy.layers.tls import parse_client_hello
from mitmproxy.tls import ClientHello

from mdmcore.mitm.client_offer import ClientOffer, client_offer, explain_mismatch
from mdmcore.mitm.tls_build import TlsBuild
from tests.support.client_hello import client_hello

BUILD = TlsBuild(
    library="OpenSSL 4.0.3", versions=frozenset({0x0301, 0x0303}), suites=frozenset({0x002F})
)
RC4, DES3, AES = 0x0004, 0x000A, 0x002F


def offer_of(record: bytes) -> ClientOffer:
    hello = parse_client_hello(record)
    assert hello is not None
    return client_offer(hello.raw_bytes(False), hello.cipher_suites, hello.extensions)


def explained(offer: ClientOffer, reason: str, *, enabled: bool = True) -> str:
    known = frozenset(offer.suites) & BUILD.suites
    on = known if enabled else frozenset()
    return explain_mismatch(offer, reason, build=BUILD, known=known, enabled=on)


def test_an_old_device_names_its_highest_version_alone() -> None:
    offer = offer_of(client_hello((RC4, DES3, 0x00FF), version=0x0301))
    assert offer == ClientOffer(versions=(0x0301,), suites=(RC4, DES3))


def test_a_new_one_lists_its_versions() -> None:
    record = client_hello(
        (0x1A1A, 0x1301, AES), version=0x0303, supported_versions=(0x2A2A, 0x0304, 0x0303)
    )
    assert offer_of(record) == ClientOffer(versions=(0x0303, 0x0304), suites=(0x1301, AES))


def test_the_hello_of_a_real_client() -> None:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context()
    client = context.wrap_bio(incoming, outgoing, server_hostname="mdm.example.test")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    offer = offer_of(outgoing.read())
    assert offer.versions == (0x0303, 0x0304)
    assert {0x1301, 0xC02F} <= set(offer.suites)


def test_suites_that_the_build_lacks_are_named() -> None:
    offer = ClientOffer(versions=(0x0301,), suites=(RC4, DES3))
    assert explained(offer, "OpenSSL Error([('SSL routines', '', 'no shared cipher')])") == (
        "no shared cipher: the device offers TLS 1.0 with TLS_RSA_WITH_RC4_128_MD5, "
        "TLS_RSA_WITH_3DES_EDE_CBC_SHA; this build (OpenSSL 4.0.3) lacks all of these suites"
    )


def test_suites_that_are_there_are_told_apart() -> None:
    offer = ClientOffer(versions=(0x0301,), suites=(RC4, AES))
    lacks = "; this build (OpenSSL 4.0.3) lacks TLS_RSA_WITH_RC4_128_MD5; "
    assert explained(offer, "no shared cipher").endswith(
        f"{lacks}those it has do not fit an RSA certificate, or no curve is shared"
    )
    off = explained(offer, "no shared cipher", enabled=False)
    assert f"{lacks}TLS_RSA_WITH_AES_128_CBC_SHA switched off here: start with --legacy-tls" in off


@pytest.mark.parametrize(
    "reason", ["unsupported protocol", "Client and mitmproxy cannot agree on a TLS version to use."]
)
def test_versions(reason: str) -> None:
    old = explained(ClientOffer(versions=(0x0300,), suites=(RC4,)), reason)
    assert old == (
        "unsupported protocol: the device offers SSL 3.0 with TLS_RSA_WITH_RC4_128_MD5; "
        "this build (OpenSSL 4.0.3) lacks SSL 3.0"
    )
    off = explained(ClientOffer(versions=(0x0301,), suites=(AES,)), reason)
    assert "can speak TLS 1.0, but it is switched off here: start with --legacy-tls" in off


def test_a_long_offer_stays_short() -> None:
    text = explained(ClientOffer(versions=(0x7F00,), suites=tuple(range(0x9000, 0x9100))), "x")
    assert "version 0x7F00 with 0x9000, " in text
    assert "and 244 more" in text
    assert len(text) < 400


@given(st.binary(max_size=200), st.lists(st.integers(0, 0xFFFF)), st.binary(max_size=40))
def test_any_hello_gives_an_offer(hello: bytes, suites: list[int], versions: bytes) -> None:
    offer = client_offer(hello, suites, [(43, versions), (0, b"")])
    assert explained(offer, "no shared cipher")
    assert explained(offer, "unsupported protocol")


def test_mitmproxys_hello_begins_with_its_version() -> None:
    # What client_offer relies on, and mitmproxy does not promise.
    record = client_hello((AES,), version=0x0302)
    hello = ClientHello(record[9:])
    assert hello.raw_bytes(False)[:2] == b"\x03\x02"
