"""Why nothing was decrypted, by cipher, handshake and keys (formats.md section 3.4)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mdmcore.capture.pcap.handshakes import Handshake
from mdmcore.capture.pcap.keys import Keys, RsaKey
from mdmcore.capture.pcap.streams import Stream
from mdmcore.capture.pcap.undecrypted import Undecrypted
from mdmcore.tls_wire import Seen
from mdmcore.tls_wire.messages import ClientHello
from tests.capture.pcap.lab import Lab
from tests.support.keys import spki

HELLO = ClientHello(random=b"r" * 32, versions=(0x0303,), suites=(0x2F,), name="a.test")
STREAM = Stream(
    number=0,
    ends=(("192.0.2.1", 50_000), ("192.0.2.2", 443)),
    first_frame=7,
    opened=datetime(2026, 1, 1, tzinfo=UTC),
)
RSA, ECDHE, DHE = 0x002F, 0xC02F, 0x009E


def handshake(suite: int = RSA, version: int = 0x0303, **more: object) -> Handshake:
    seen = {"hello": HELLO, "version": version, "suite": suite, "is_established": True} | more
    return Handshake(seen=Seen(**seen), is_decrypted=False)  # type: ignore[arg-type]


def rsa(name: str) -> Keys:
    return Keys(rsa=(RsaKey(path=Path("key.pem"), spki=spki(name)),))


def said(keys: Keys, *handshakes: Handshake) -> list[tuple[str, str]]:
    told = Undecrypted(keys)
    for one in handshakes:
        told.take(STREAM, "a.test", one)
    return told.problems()


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (handshake(ECDHE), "this key cannot decrypt these connections (they use ECDHE): record"),
        (handshake(DHE), "this key cannot decrypt these connections (they use DHE): record"),
        (handshake(0x1301, 0x0304), "these connections (they use TLS 1.3): record"),
        (handshake(is_resumed=True), "whose full handshake is not in the capture"),
        (handshake(hello=None), "their handshake is not in the capture"),
    ],
)
def test_with_the_servers_key(one: Handshake, words: str) -> None:
    ((place, told),) = said(rsa("device2"), one)
    assert place == "frame 7"
    assert told.startswith("1 connection with a.test: ")
    assert words in told


def test_with_the_key_of_another_server(tmp_path: Path) -> None:
    one = handshake(server_certificates=(Lab(tmp_path).chain_der,))
    ((_, told),) = said(rsa("device"), one)
    assert "the key is not that of the server's certificate" in told


def test_with_a_key_log_that_does_not_fit() -> None:
    keys = Keys(key_log=Path("keys.log"), randoms=frozenset({b"x" * 32}))
    (where, first), (_, second) = said(keys, handshake(ECDHE), handshake(ECDHE))
    assert (where, first) == ("keys.log", "this key log fits no connection in the capture")
    assert second.startswith("2 connections with a.test: the key log has no line for them")


def test_without_a_key() -> None:
    ((_, told),) = said(Keys(), handshake(RSA))
    assert "give the server's RSA key with --rsa-key, or record a key log: SSLKEYLOGFILE" in told


def test_where_something_was_opened_other_hosts_are_other_peoples() -> None:
    told = Undecrypted(Keys())
    told.take(STREAM, "a.test", Handshake(seen=Seen(hello=HELLO), is_decrypted=True))
    told.take(STREAM, "other.test", handshake(ECDHE))
    assert told.problems() == []
    told.take(STREAM, "a.test", handshake(ECDHE))
    assert len(told.problems()) == 1


def test_a_refused_handshake_needs_no_key() -> None:
    refused = handshake(RSA, is_established=False)
    assert said(Keys(), refused) == []
