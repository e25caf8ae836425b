"""The first pass over a capture: which connections there are, and what tshark sees in them.

One line of fields for each frame; nothing of the data is kept. Source: formats.md section 3.3.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from mdmcore.capture.limits import Limits
from mdmcore.capture.pcap.streams import Endpoint, Stream, time_of

FIELDS = (
    "frame.number",
    "frame.time_epoch",
    "frame.len",
    "frame.cap_len",
    "frame.protocols",
    "ip.src",
    "ip.dst",
    "ipv6.src",
    "ipv6.dst",
    "tcp.stream",
    "tcp.srcport",
    "tcp.dstport",
    "tcp.flags",
    "tcp.len",
    "tcp.analysis.lost_segment",
    "tls.handshake.type",
    "tls.handshake.certificate",
    "tls.alert_message.level",
    "tls.alert_message.desc",
    "udp.stream",
    "dns.qry.name",
    "dns.a",
    "dns.aaaa",
)
_FILTER = (
    "(tcp or (dns and dns.flags.response == 1) or quic.header_form == 1) "
    "and not icmp and not icmpv6"
)
_SYN, _ACK, _FIN, _RESET = 0x02, 0x10, 0x01, 0x04
_CERTIFICATE_REQUEST, _FINISHED, _CERTIFICATE = "13", "20", "11"
_HARMLESS = frozenset({0, 90})
"""close_notify and user_canceled."""
_WARNING = "1"
_WELL_KNOWN = frozenset({"tls", "ssl", "http", "http2", "data", "json", "xml", "media", "wbxml"})
_TRANSPORT = "tcp"
_MAX_CERTIFICATES = 20
_MAX_NAMES = 100_000


@dataclass(slots=True, kw_only=True)
class Survey:
    """``streams`` by their number, ``names`` by the address that a name server gave for them;
    ``unlisted`` frames belong to connections beyond the limit, ``quic`` are conversations in QUIC.
    ``last_frame`` is the last one that was read."""

    streams: dict[int, Stream] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    quic: set[str] = field(default_factory=set)
    unlisted: set[int] = field(default_factory=set)
    last_frame: int = 0


def survey_arguments() -> list[str]:
    """What tshark is asked for."""
    names = [part for name in FIELDS for part in ("-e", name)]
    return ["-Y", _FILTER, "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=,", *names]


def survey(lines: Iterable[bytes], limits: Limits) -> Survey:
    """What these lines list."""
    found = Survey()
    for line in lines:
        cells = line.decode("utf-8", "replace").rstrip("\r\n").split("\t")
        if len(cells) == len(FIELDS):
            _take(found, dict(zip(FIELDS, cells, strict=True)), limits)
    return found


def _take(found: Survey, row: dict[str, str], limits: Limits) -> None:
    found.last_frame = int(row["frame.number"])
    if row["dns.qry.name"]:
        _take_names(found, row)
    if not row["tcp.stream"]:
        if not row["dns.qry.name"]:
            found.quic.add(_last(row["udp.stream"]))
        return
    number = int(_last(row["tcp.stream"]))
    source, target = _ends(row)
    stream = found.streams.get(number)
    if stream is None:
        if len(found.streams) >= limits.entries:
            found.unlisted.add(number)
            return
        stream = _begun(number, source, target, row)
        if stream is None:
            return
        found.streams[number] = stream
    side = 0 if source == stream.ends[0] else 1
    _take_frame(stream, side, row)
    if row["tls.handshake.type"] or row["tls.alert_message.desc"]:
        _take_tls(stream, side, row)


def _begun(number: int, source: Endpoint, target: Endpoint, row: dict[str, str]) -> Stream | None:
    opened = time_of(row["frame.time_epoch"])
    if opened is None:
        return None
    frame = int(row["frame.number"])
    return Stream(number=number, ends=(source, target), first_frame=frame, opened=opened)


def _take_frame(stream: Stream, side: int, row: dict[str, str]) -> None:
    frame = stream.last_frame = int(row["frame.number"])
    time = time_of(row["frame.time_epoch"]) or stream.last
    stream.last = max(stream.last, time)
    stream.sizes[side] += int(_last(row["tcp.len"]) or 0)
    flags = int(_last(row["tcp.flags"]) or "0", 16)
    if flags & _SYN:
        is_answer = bool(flags & _ACK)
        stream.client = 1 - side if is_answer else side
        stream.is_answered = stream.is_answered or is_answer
    if flags & (_FIN | _RESET) and stream.closed_by is None:
        stream.closed_by, stream.closed, stream.is_reset = side, time, bool(flags & _RESET)
    if row["frame.cap_len"] != row["frame.len"]:
        stream.cut += 1
        stream.hurt_at = stream.hurt_at or frame
    if row["tcp.analysis.lost_segment"]:
        stream.lost += 1
        stream.hurt_at = stream.hurt_at or frame
    _, _, inside = row["frame.protocols"].rpartition(f":{_TRANSPORT}")
    kinds = [kind for kind in inside.split(":") if kind]
    if kinds:
        stream.has_tls = stream.has_tls or "tls" in kinds
        stream.has_http = stream.has_http or "http" in kinds or "http2" in kinds
        stream.has_other = stream.has_other or kinds[0] not in _WELL_KNOWN


def _take_tls(stream: Stream, side: int, row: dict[str, str]) -> None:
    types = row["tls.handshake.type"].split(",")
    stream.is_asked = stream.is_asked or _CERTIFICATE_REQUEST in types
    if _FINISHED in types:
        stream.finished.add(side)
    if _CERTIFICATE in types and row["tls.handshake.certificate"]:
        texts = row["tls.handshake.certificate"].split(",")[:_MAX_CERTIFICATES]
        stream.certificates[side] = tuple(_bytes(text) for text in texts)
    levels = row["tls.alert_message.level"].split(",")
    for level, text in zip(levels, row["tls.alert_message.desc"].split(","), strict=False):
        if text.isdigit() and level != _WARNING and int(text) not in _HARMLESS:
            stream.alerts.append((side, int(text)))


def _take_names(found: Survey, row: dict[str, str]) -> None:
    name = row["dns.qry.name"].split(",")[0]
    for address in (*row["dns.a"].split(","), *row["dns.aaaa"].split(",")):
        if address and len(found.names) < _MAX_NAMES:
            found.names[address] = name


def _ends(row: dict[str, str]) -> tuple[Endpoint, Endpoint]:
    """Who sent the frame, and to whom: of tunnels the innermost."""
    is_ipv6 = not row["ip.src"]
    source, target = ("ipv6.src", "ipv6.dst") if is_ipv6 else ("ip.src", "ip.dst")
    ports = (_last(row["tcp.srcport"]), _last(row["tcp.dstport"]))
    return (_last(row[source]), int(ports[0] or 0)), (_last(row[target]), int(ports[1] or 0))


def _last(text: str) -> str:
    return text.rpartition(",")[2]


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text.replace(":", ""))
    except ValueError:
        return b""
