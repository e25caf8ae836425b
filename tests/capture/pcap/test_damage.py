"""Captures that are cut, miss frames or begin too late: what is there is read, the rest said."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from mdmcore.capture import open_capture
from mdmcore.capture.limits import Limits
from mdmcore.capture.options import CaptureOptions
from mdmcore.connection import HandshakeEnd
from tests.capture.pcap.lab import (
    ETHERNET,
    GET,
    HOST,
    KEPT_ALIVE,
    Lab,
    answer,
    as_read,
    as_sent,
    over_tls,
    read,
    request,
    say_all,
    sized,
)
from tests.support.packets import (
    CLIENT,
    SERVER,
    Link,
    Talk,
    frames_of,
    name_answer,
    pcap,
    pcap_of,
)
from tests.support.requirements import require_program

BODY = bytes(range(1, 251)) * 20


@pytest.fixture(scope="module", autouse=True)
def tshark() -> str:
    return require_program("tshark")


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def big_and_small(lab: Lab) -> Talk:
    """An answer in four segments (frames 6 to 9), and a small exchange behind it."""
    talk = lab.talk(server_port=80)
    talk.say(CLIENT, request("GET", "/big"))
    talk.say(SERVER, answer("200 OK", sized(BODY), body=BODY))
    for side, data in GET.turns:
        talk.say(side, data)
    return talk


def test_missing_frames_leave_one_body_unknown(lab: Lab) -> None:
    found = read(lab.write("lost.pcap", big_and_small(lab), drop=(7, 8)))
    assert as_read(list(found.exchanges)) == [
        ("GET", "big", b"", 200, None),
        ("GET", "a?b=c", b"", 200, b"hello"),
    ]
    assert "2800 bytes of this answer are missing in the capture" in found.messages
    assert found.exchanges[0].error is None


def test_frames_that_were_cut_by_the_snap_length(lab: Lab) -> None:
    path = lab.write("snap.pcap", big_and_small(lab), link=Link(type="ethernet", snap=400))
    found = read(path)
    assert "only the beginning was kept: capture whole frames" in found.messages
    assert found.exchanges[0].response is not None
    assert found.exchanges[0].response.body is None


def test_a_capture_that_begins_in_the_middle(lab: Lab) -> None:
    talk = big_and_small(lab)
    found = read(lab.write("late.pcap", talk, drop=tuple(range(1, 8))))
    assert as_read(list(found.exchanges)) == [("GET", "a?b=c", b"", 200, b"hello")]
    assert found.exchanges[0].peer == "192.0.2.1"
    assert found.messages


def test_tls_that_begins_in_the_middle(lab: Lab) -> None:
    talk = over_tls(lab, lab.talk(), (GET,))
    found = read(lab.write("late.pcap", talk, drop=tuple(range(1, 9))), key_log=lab.key_log)
    (one,) = found.exchanges
    assert one.connection is not None
    assert "their handshake is not in the capture" in found.messages


def test_tls_that_begins_inside_a_record(lab: Lab) -> None:
    talk = over_tls(lab, lab.talk())
    talk.segment = 300
    talk.turns = talk.turns[6:]
    talk.turns[0] = (talk.turns[0][0], talk.turns[0][1][7:])
    talk.is_opened = False
    found = read(lab.write("inside.pcap", talk), key_log=lab.key_log)
    assert [one.connection is not None for one in found.exchanges] == [True]
    assert "their handshake is not in the capture" in found.messages


def test_a_capture_that_ends_before_the_answer(lab: Lab) -> None:
    talk = lab.talk(server_port=80, ends="")
    talk.say(CLIENT, request("GET", "/a"))
    found = read(lab.write("early.pcap", talk))
    (one,) = found.exchanges
    assert one.error == "the capture ends before the answer"
    assert found.messages == ""


def test_frames_out_of_order_are_healed(lab: Lab) -> None:
    talk = lab.talk(server_port=80)
    say_all(talk.say)
    frames = frames_of(talk)
    frames[7], frames[8] = frames[8], frames[7]
    path = lab.folder / "mixed.pcap"
    path.write_bytes(pcap_of(frames, ETHERNET))
    assert as_read(list(read(path).exchanges)) == as_sent()


def test_cut_anywhere_it_says_where(lab: Lab) -> None:
    data = pcap([over_tls(lab, lab.talk()), big_and_small(lab)], ETHERNET)
    path = lab.folder / "cut.pcap"
    whole = len(KEPT_ALIVE) + 2
    rng = random.Random(7)
    for size in (24, 30, 400, *sorted(rng.sample(range(2000, len(data)), 4))):
        path.write_bytes(data[:size])
        found = read(path, key_log=lab.key_log)
        assert len(found.exchanges) <= whole
        if size > 24:
            assert "the capture is not whole" in found.messages
            assert found.messages.startswith("frame ")


def test_http2_is_named_and_not_read(lab: Lab) -> None:
    talk = lab.talk(server_port=80)
    talk.say(CLIENT, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9))
    talk.say(SERVER, bytes(9))
    found = read(lab.write("two.pcap", talk))
    assert found.exchanges == ()
    assert "speaks HTTP/2, which is not read in packet captures" in found.messages


def test_limits_are_said(lab: Lab) -> None:
    path = lab.write("big.pcap", big_and_small(lab), over_tls(lab, lab.talk(begins=5), (GET,)))
    options = CaptureOptions(limits=Limits(entries=1, entry_bytes=1000))
    capture = open_capture(path, options=options)
    assert list(capture.exchanges()) == []
    said = " ".join(error.message for error in capture.errors)
    assert "1 more connections than the 1 that are read" in said
    assert "more than is read: it is left out" in said


def test_a_device_without_sni_still_has_a_host(lab: Lab) -> None:
    talk = lab.talk()
    ends = lab.tls(talk, name=None)
    ends.shake_hands()
    for side, data in GET.turns:
        ends.send(side, data)
    (one,) = read(lab.write("nameless.pcap", talk), key_log=lab.key_log).exchanges
    assert one.request.url == f"https://{HOST}/a?b=c"
    assert one.tls is not None
    assert one.tls.sni is None


def test_what_a_name_server_said_names_a_server_that_is_not_reached(lab: Lab) -> None:
    frames = [name_answer(HOST, "192.0.2.2"), *frames_of(lab.talk(ends="refused"))]
    path = lab.folder / "named.pcap"
    path.write_bytes(pcap_of(frames, ETHERNET))
    (one,) = read(path).exchanges
    assert one.connection is not None
    assert (one.connection.host, one.connection.end) == (HOST, HandshakeEnd.NO_SERVER)
    assert one.request.url == f"https://{HOST}/"
    assert one.error == (
        "captured; the device gets no connection to the server; connection refused"
    )
