"""Requests and answers on one connection, whatever is missing of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from mdmcore.capture.pcap.directions import Direction, direction_of
from mdmcore.capture.pcap.follow import Piece
from mdmcore.capture.pcap.pairing import Talked, talk

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
DEVICE, SERVER = 0, 1


def asked(path: str, body: bytes = b"") -> bytes:
    return f"POST {path} HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def said(text: bytes, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(text)}\r\n\r\n".encode() + text


def directions(*turns: tuple[int, bytes | int]) -> tuple[Direction, Direction]:
    """Each turn a second later, in a frame of its own; a number stands for missing bytes."""
    pieces = [
        Piece(
            peer=peer,
            frame=number,
            time=None if isinstance(what, int) else BEGIN + timedelta(seconds=number),
            data=b"" if isinstance(what, int) else what,
            missing=what if isinstance(what, int) else 0,
        )
        for number, (peer, what) in enumerate(turns, 1)
    ]
    client, server = (
        direction_of(one for one in pieces if one.peer == peer) for peer in (DEVICE, SERVER)
    )
    return client, server


def talked(*turns: tuple[int, bytes | int]) -> Talked:
    return talk(*directions(*turns))


def pairs(found: Talked) -> list[tuple[str, bytes | None]]:
    return [
        (
            pair.request.message.request_line()[1],
            None if pair.answer is None else pair.answer.message.body,
        )
        for pair in found.pairs
    ]


def test_answers_come_in_the_order_of_the_requests() -> None:
    found = talked((DEVICE, asked("/1") + asked("/2")), (SERVER, said(b"a") + said(b"b")))
    assert pairs(found) == [("/1", b"a"), ("/2", b"b")]
    assert found.troubles == []


def test_interim_answers_belong_to_the_final_one() -> None:
    found = talked(
        (DEVICE, asked("/1")),
        (SERVER, b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"),
        (SERVER, said(b"a")),
    )
    assert pairs(found) == [("/1", b"a")]


def test_a_capture_that_begins_in_the_middle() -> None:
    found = talked(
        (SERVER, b"end of a body"),
        (SERVER, said(b"of an earlier one")),
        (DEVICE, b"the end of a body\n" + asked("/1")),
        (SERVER, said(b"a")),
    )
    assert pairs(found) == [("/1", b"a")]
    assert "bytes of the device that are no whole message" in str(found.troubles)


def test_an_answer_before_its_request() -> None:
    found = talked((SERVER, said(b"timeout", "408 Timeout")), (DEVICE, asked("/1")))
    assert pairs(found) == [("/1", None)]
    assert found.troubles == [(1, "an answer whose request is not in the capture")]


def test_after_lost_answers_the_next_one_belongs_to_the_latest_request() -> None:
    found = talked(
        (DEVICE, asked("/1")),
        (SERVER, 500),
        (DEVICE, asked("/2")),
        (SERVER, said(b"b")),
        (DEVICE, asked("/3")),
        (SERVER, said(b"c")),
    )
    assert pairs(found) == [("/1", None), ("/2", b"b"), ("/3", b"c")]
    assert found.pairs[0].is_lost


def test_a_hole_inside_a_body_does_not_hide_what_follows() -> None:
    whole = said(bytes(range(1, 101)))
    client, server = directions(
        (DEVICE, asked("/1")),
        (SERVER, whole[:-50]),
        (SERVER, 20),
        (SERVER, whole[-30:]),
        (DEVICE, asked("/2")),
        (SERVER, said(b"b")),
    )
    found = talk(client, server)
    assert [path for path, _ in pairs(found)] == ["/1", "/2"]
    answer = found.pairs[0].answer
    assert answer is not None
    assert server.missing_in(answer.start, answer.end) == 20
    hole = server.hole_in(answer.start, answer.end)
    assert hole is not None
    assert hole.frame == 3
    following = found.pairs[1].answer
    assert following is not None
    assert server.hole_in(following.start, following.end) is None


def test_a_refused_connect_is_followed_by_another() -> None:
    connect = b"CONNECT mdm.example.test:443 HTTP/1.1\r\n\r\n"
    found = talked(
        (DEVICE, connect),
        (SERVER, said(b"no", "407 Who")),
        (DEVICE, connect),
        (SERVER, b"HTTP/1.1 200 OK\r\n\r\n"),
        (DEVICE, b"\x16\x03\x01GET / HTTP/1.1\r\n\r\n"),
        (SERVER, b"\x16\x03\x03"),
    )
    assert len(found.pairs) == 2
    assert found.tunnel is not None
    assert found.tunnel.target == "mdm.example.test:443"
    assert (found.tunnel.client, found.tunnel.server) == (
        2 * len(connect),
        len(said(b"no", "407 Who")) + 19,
    )


def test_another_protocol_that_is_switched_to() -> None:
    found = talked(
        (DEVICE, asked("/chat")),
        (
            SERVER,
            b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n\x81\x05HTTP/1.1 200 OK\r\n",
        ),
    )
    assert len(found.pairs) == 1
    assert (found.switched, found.troubles) == ("websocket", [])


def test_times_and_frames_of_bytes() -> None:
    client, _ = directions((DEVICE, b"abc"), (DEVICE, b"def"))
    assert [client.frame_at(offset) for offset in (0, 2, 3, 5)] == [1, 1, 2, 2]
    assert client.time_at(3) == BEGIN + timedelta(seconds=2)
    assert direction_of([]).time_at(0) is None
