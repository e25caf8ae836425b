"""What tshark prints of followed connections."""

from __future__ import annotations

from mdmcore.capture.pcap.follow import documents
from mdmcore.capture.pcap.streams import time_of

PRINTED = b"""\
peers:
  - peer: 0
    host: 192.0.2.2
    port: 443
  - peer: 1
    host:\x20
    port: 0
packets:
  - packet: 13
    peer: 1
    index: 0
    timestamp: 1784000000.134455919
    data: !!binary |
      R0VUIC9hIEhUVFAvMS4x
      DQo=
  - packet: 17
    peer: 0
    timestamp: 0.000000000
    data: !!binary |
      WzExNSBieXRlcyBtaXNzaW5nIGluIGNhcHR1cmUgZmlsZV0A
peers:
  - peer: 0
    host: 2001:db8::1
    port: 50000
  - peer: 1
    host: 2001:db8::2
    port: 80
packets:
""".replace(b"\x20\n", b" \n")


def test_each_document_has_its_pieces() -> None:
    first, second = documents(PRINTED.splitlines(keepends=True))
    assert first.peers == [("192.0.2.2", 443), ("", 0)]
    asked, lost = first.pieces
    assert (asked.frame, asked.peer, asked.data) == (13, 1, b"GET /a HTTP/1.1\r\n")
    assert asked.time == time_of("1784000000.134456")
    assert (lost.data, lost.missing, lost.time) == (b"", 115, None)
    assert (second.peers[1], second.pieces) == (("2001:db8::2", 80), [])


def test_words_that_a_peer_really_sent_are_no_hole() -> None:
    sent = PRINTED.replace(b"timestamp: 0.0", b"timestamp: 1784000000.1")
    first, _ = documents(sent.splitlines(keepends=True))
    assert first.pieces[1].data == b"[115 bytes missing in capture file]\0"


def test_output_that_ends_anywhere_is_read_so_far() -> None:
    lines = PRINTED.splitlines(keepends=True)
    for end in range(len(lines)):
        for one in documents([*lines[:end], lines[end][:9]]):
            assert len(one.pieces) <= 2


def test_turned_peers() -> None:
    first, _ = documents(PRINTED.splitlines(keepends=True))
    assert [piece.peer for piece in first.turned().pieces] == [0, 1]
    assert first.turned().peers[1] == ("192.0.2.2", 443)
