"""Which followed connection is which: tshark does not say it."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from mdmcore.capture.pcap.following import batches, follow_arguments, followed
from mdmcore.capture.pcap.streams import Stream
from mdmcore.errors import CaptureError


def stream(number: int, *, size: int = 10, has_tls: bool = False) -> Stream:
    made = Stream(
        number=number,
        ends=(("192.0.2.1", 50_000 + number), ("192.0.2.2", 443)),
        first_frame=number * 10 + 1,
        last_frame=number * 10 + 9,
        opened=datetime(2026, 1, 1, tzinfo=UTC),
        has_tls=has_tls,
    )
    made.sizes[0] = size
    return made


def printed(one: Stream, text: bytes, *, is_whole: bool = True) -> list[bytes]:
    """As tshark prints it; of TLS it knows the first peer only, here the server."""
    peers = (one.ends[0], one.ends[1]) if is_whole else (one.ends[1], ("", 0))
    lines = ["peers:"]
    for number, (host, port) in enumerate(peers):
        lines += [f"  - peer: {number}", f"    host: {host}", f"    port: {port}"]
    data = base64.b64encode(text).decode()
    lines += ["packets:", f"  - packet: {one.first_frame + 2}", "    peer: 0"]
    lines += ["    timestamp: 1784000000.1", "    data: !!binary |", f"      {data}"]
    return [line.encode() + b"\n" for line in lines]


@pytest.mark.parametrize("is_reversed", [True, False])
def test_the_order_is_found_out(is_reversed: bool) -> None:
    streams = [stream(0), stream(1, has_tls=True), stream(2)]
    output = {
        0: [printed(streams[0], b"plain")],
        1: [printed(streams[1], b"raw"), printed(streams[1], b"inside", is_whole=False)],
        2: [printed(streams[2], b"other")],
    }
    parts = [part for number in range(3) for part in output[number]]
    lines = [line for part in (reversed(parts) if is_reversed else parts) for line in part]
    found = {one.number: (raw, inside) for one, raw, inside in followed(streams, lines)}
    assert [found[number][0].pieces[0].data for number in range(3)] == [b"plain", b"raw", b"other"]
    # Peers are ends of the connection, whoever spoke first inside.
    assert found[1][0].pieces[0].peer == 0
    assert (found[1][1].pieces[0].data, found[1][1].pieces[0].peer) == (b"inside", 1)


def test_an_order_that_is_not_known_is_refused() -> None:
    streams = [stream(0), stream(1), stream(2)]
    mixed = [streams[1], streams[0], streams[2]]
    lines = [line for one in mixed for line in printed(one, b"x")]
    with pytest.raises(CaptureError, match="in an order that is not known"):
        list(followed(streams, lines))


def test_output_that_ends_early() -> None:
    streams = [stream(0), stream(1)]
    assert [one.number for one, *_ in followed(streams, printed(streams[1], b"x"))] == [1]
    assert list(followed(streams, [])) == []


def test_batches_are_small_in_bytes_and_in_number() -> None:
    big = [stream(number, size=40 * 1024 * 1024) for number in range(3)]
    assert [[one.number for one in batch] for batch in batches(big)] == [[0], [1], [2]]
    many = [stream(number) for number in range(450)]
    assert [len(batch) for batch in batches(many)] == [200, 200, 50]


def test_tls_is_followed_twice() -> None:
    assert follow_arguments([stream(7, has_tls=True)]) == [
        *("-q", "-z", "follow,tcp,yaml,7", "-z", "follow,tls,yaml,7")
    ]
