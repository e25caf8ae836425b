"""Exchanges for archives, and what is read back from them."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

from hypothesis import strategies as st

from mdmcore.capture.har import read_har
from mdmcore.capture.har.writer import HarWriter
from mdmcore.capture.saz import read_saz
from mdmcore.capture.saz.writer import SazWriter
from mdmcore.capture.source import Reading
from mdmcore.connection import Connection, HandshakeEnd
from mdmcore.http import (
    Exchange,
    Headers,
    Notes,
    Request,
    Response,
    TlsFacts,
    connection_exchange,
)

BEGAN = datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=UTC)


def write_har(
    out: BinaryIO, exchanges: Iterable[Exchange], *, version: str, comment: str = ""
) -> int:
    """Write a whole archive; returns how many entries it has."""
    writer = HarWriter(out, version=version, comment=comment)
    count = 0
    for exchange in exchanges:
        writer.add(exchange)
        count += 1
    writer.finish()
    return count


def write_saz(
    out: BinaryIO, exchanges: Iterable[Exchange], *, total: int, password: str | None = None
) -> int:
    """Write a whole archive of so many exchanges; returns how many were written."""
    writer = SazWriter(out, total=total, password=password)
    count = 0
    try:
        for exchange in exchanges:
            writer.add(exchange)
            count += 1
    except BaseException:
        writer.abandon()
        raise
    writer.finish()
    return count


def exchange(**changes: object) -> Exchange:
    """An exchange with everything that an archive can keep."""
    usual = Exchange(
        id="c:1",
        index=1,
        capture="c",
        request=Request(
            method="POST",
            url="https://mdm.example.test/omadm?mode=x",
            headers=Headers(
                [("Host", "mdm.example.test"), ("Content-Type", "application/vnd.syncml.dm+wbxml")]
            ),
            body=b"\x02\xa4\x01j\0\x80\xff",
        ),
        response=Response(
            status=200,
            headers=Headers(
                [("Content-Type", "text/xml; charset=utf-8"), ("X-A", "1"), ("X-A", "2")]
            ),
            body="<a>Größe\r\n</a>".encode(),
        ),
        started=BEGAN,
        ended=BEGAN + timedelta(milliseconds=250),
        peer="192.0.2.7",
        tls=TlsFacts(
            version="TLSv1.2",
            cipher="ECDHE-RSA-AES128-GCM-SHA256",
            sni="mdm.example.test",
            client_certificates=(b"0\x01",),
            server_certificates=(b"0\x02", b"0\x03"),
        ),
        notes=Notes(
            comment="pressed refresh [mdm] DM session; 1 error [/mdm]",
            marker=":red_circle:",
            data={"schema": 1, "summary": "DM session", "findings": []},
        ),
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def broken_off() -> Exchange:
    """A connection that left no HTTP."""
    record = Connection(
        host="192.0.2.9",
        sni="hub.example.test",
        opened=BEGAN,
        end=HandshakeEnd.ALERT,
        alert="unknown_ca",
        versions=("TLSv1.2",),
    )
    return connection_exchange(record, id="c:1", index=1, capture="c")


def har_bytes(exchanges: Iterable[Exchange]) -> bytes:
    """What our writer makes of them."""
    file = io.BytesIO()
    write_har(file, exchanges, version="1")
    return file.getvalue()


def saz_bytes(exchanges: Iterable[Exchange], password: str | None = None) -> bytes:
    """What our writer makes of them."""
    listed = list(exchanges)
    file = io.BytesIO()
    write_saz(file, listed, total=len(listed), password=password)
    return file.getvalue()


def from_har(data: bytes) -> tuple[list[Exchange], Reading]:
    """All exchanges of a HAR, and what the pass noted."""
    reading = Reading(name="c")
    return list(read_har(io.BytesIO(data), reading)), reading


def from_saz(data: bytes, password: str | None = None) -> tuple[list[Exchange], Reading]:
    """All exchanges of a Fiddler archive, and what the pass noted."""
    reading = Reading(name="c")
    return list(read_saz(io.BytesIO(data), reading, password=password)), reading


_TOKENS = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=12)
_VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"))
_HEADERS = st.lists(
    st.tuples(_TOKENS.map(lambda name: f"x-{name}"), _VALUES.map(str.strip)), max_size=5
)
_CODINGS = st.sampled_from(
    [(), (("Content-Encoding", "gzip"),), (("Transfer-Encoding", "chunked"),)]
)


@st.composite
def exchanges(draw: st.DrawFn) -> Exchange:
    """Any exchange that HTTP can carry."""
    request = Request(
        method=draw(st.sampled_from(["GET", "POST", "PUT"])),
        url=f"https://{draw(_TOKENS).strip('-') or 'h'}.test/{draw(_TOKENS)}?{draw(_TOKENS)}",
        headers=Headers([*draw(_HEADERS), *draw(_CODINGS)]),
        body=draw(st.binary(max_size=300)),
    )
    response = Response(
        status=draw(st.integers(200, 599)),
        headers=Headers([*draw(_HEADERS), *draw(_CODINGS)]),
        body=draw(st.one_of(st.binary(max_size=300), st.text(max_size=100).map(str.encode))),
    )
    return exchange(
        request=request,
        response=response,
        notes=Notes(comment=draw(st.text(max_size=50)).replace("\r", "")),
    )
