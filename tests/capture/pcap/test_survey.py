"""The list of connections out of tshark's fields."""

from __future__ import annotations

from typing import Any

from mdmcore.capture.limits import Limits
from mdmcore.capture.pcap.streams import time_of
from mdmcore.capture.pcap.survey import FIELDS, Survey, survey

DEVICE, SERVER = ("192.0.2.1", "50000"), ("192.0.2.2", "443")


def row(
    number: int, *, of: tuple[str, str] = DEVICE, to: tuple[str, str] = SERVER, **more: str
) -> bytes:
    cells = {
        "frame.number": str(number),
        "frame.time_epoch": f"1784000000.{number:06d}000",
        "frame.len": "100",
        "frame.cap_len": "100",
        "frame.protocols": "eth:ethertype:ip:tcp",
        "ip.src": of[0],
        "ip.dst": to[0],
        "tcp.stream": "0",
        "tcp.srcport": of[1],
        "tcp.dstport": to[1],
        "tcp.flags": "0x0010",
        "tcp.len": "0",
    } | {name.replace("__", "."): value for name, value in more.items()}
    return "\t".join(cells.get(name, "") for name in FIELDS).encode() + b"\n"


def listed(*rows: bytes, limits: Limits | None = None) -> Survey:
    return survey(rows, limits or Limits())


def test_who_opened_and_who_closed() -> None:
    (one,) = listed(
        row(1, tcp__flags="0x0002"),
        row(2, of=SERVER, to=DEVICE, tcp__flags="0x0012"),
        row(3, tcp__len="10"),
        row(4, of=SERVER, to=DEVICE, tcp__flags="0x0014"),
        row(5, tcp__flags="0x0011"),
    ).streams.values()
    assert (one.client, one.is_answered, one.closed_by, one.is_reset) == (0, True, 1, True)
    assert one.closed == time_of("1784000000.000004")
    assert (one.sizes, one.first_frame, one.last_frame) == ([10, 0], 1, 5)
    assert one.words == "192.0.2.1:50000 to 192.0.2.2:443"


def test_the_device_is_the_one_that_is_answered() -> None:
    (one,) = listed(row(1, of=SERVER, to=DEVICE, tcp__flags="0x0012")).streams.values()
    assert one.ends[one.client or 0] == ("192.0.2.1", 50000)


def test_what_tshark_sees_of_tls() -> None:
    protocols: Any = {"frame__protocols": "eth:ethertype:ip:tcp:http:tls"}
    (one,) = listed(
        row(
            1, tls__handshake__type="11,13,20", tls__handshake__certificate="3000,3001", **protocols
        ),
        row(2, of=SERVER, to=DEVICE, tls__handshake__type="20", **protocols),
        row(3, tls__alert_message__level="1,2", tls__alert_message__desc="0,48"),
    ).streams.values()
    assert one.has_tls
    assert one.certificates == {0: (b"\x30\x00", b"\x30\x01")}
    assert (one.is_asked, one.finished, one.alerts) == (True, {0, 1}, [(0, 48)])


def test_damage_and_other_protocols() -> None:
    (one,) = listed(
        row(1, frame__cap_len="60"),
        row(2, tcp__analysis__lost_segment="1", frame__protocols="eth:ethertype:ip:tcp:ssh"),
    ).streams.values()
    assert (one.cut, one.lost, one.hurt_at, one.has_other) == (1, 1, 1, True)


def test_of_tunnels_the_innermost_addresses_count() -> None:
    inner: Any = {"ip__src": "10.0.0.1,192.0.2.1", "ip__dst": "10.0.0.2,192.0.2.2"}
    (one,) = listed(row(1, **inner)).streams.values()
    assert one.ends == (("192.0.2.1", 50000), ("192.0.2.2", 443))


def test_names_and_quic() -> None:
    found = listed(
        row(1, tcp__stream="", dns__qry__name="mdm.example.test", dns__a="192.0.2.2,192.0.2.3"),
        row(2, tcp__stream="", udp__stream="4"),
        row(3, tcp__stream="", udp__stream="4"),
    )
    assert found.names == dict.fromkeys(("192.0.2.2", "192.0.2.3"), "mdm.example.test")
    assert (found.quic, found.streams) == ({"4"}, {})


def test_more_connections_than_the_limit_are_counted() -> None:
    rows = [row(number, tcp__stream=str(number % 3)) for number in range(1, 9)]
    found = listed(*rows, limits=Limits(entries=2))
    assert sorted(found.streams) == [1, 2]
    assert found.unlisted == {0}


def test_lines_that_are_no_rows_are_passed_over() -> None:
    assert listed(b"\n", b"a\tb\n", b"\xff\n").last_frame == 0


def test_times() -> None:
    found = time_of("1784000000.134455910")
    assert found is not None
    assert found.microsecond == 134456
    assert time_of("1784000000") is not None
    assert time_of("99999999999999999.0") is None
    assert time_of("yesterday") is None
