"""Exchanges of any kind, for what must bring each of them back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from mdmcore.block_digests import BlockDigests
from mdmcore.connection import Connection, HandshakeEnd, ServerEnd
from mdmcore.http import (
    NO_NOTES,
    Exchange,
    Headers,
    Notes,
    Request,
    Response,
    TlsFacts,
    connection_exchange,
)
from mdmcore.passed_body import PassedBody
from tests.support.tls_server import lasting_certificate

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
_LINE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=30)
_BODIES = st.one_of(
    st.none(),
    st.binary(max_size=200),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=50).map(str.encode),
)
_URLS = st.sampled_from(
    [
        "https://mdm.example.test/omadm?mode=x",
        "http://mdm.example.test",
        "https://MDM.example.test:8443/A%20b?c=d&e",
        "https://[2001:db8::1]:444/",
        "https://192.0.2.7/x",
        "http://mdm.example.test/a b",
        "http://mdm.example.test/größe?ü=€",
        "https://mdm.example.test/a#b",
        "http://[x/",
        "https://user@mdm.example.test/",
        "http://mdm.example.test:99999/",
        "",
    ]
)
_HEADERS = st.lists(
    st.one_of(
        st.tuples(st.from_regex(r"[A-Za-z-]{1,8}", fullmatch=True), _LINE),
        st.sampled_from(
            [
                ("Host", "mdm.example.test"),
                ("Content-Type", "text/xml; charset=utf-16"),
                ("Content-Encoding", "gzip"),
                ("Content-Encoding", "br"),
                ("Transfer-Encoding", "chunked"),
                ("Content-Length", "7"),
                ("Fiddler-Encoding", "base64"),
                ("X-Folded", "a\r\n b"),
                ("X-Blank", " x "),
                ("", "nothing"),
            ]
        ),
    ),
    max_size=4,
).map(Headers)
_METHODS = st.sampled_from(["GET", "POST", "CONNECT", "MARK", "OPTIONS", "M SEARCH"])
_TIMES = st.none() | st.datetimes(
    datetime(2012, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)
)
_DATA = st.dictionaries(
    _TEXT,
    st.one_of(st.none(), st.booleans(), st.integers(-(2**40), 2**40), _TEXT, st.lists(_TEXT)),
    max_size=3,
).map(lambda data: {"schema": 1, **data} if data else data)
_NOTES = st.just(NO_NOTES) | st.builds(
    Notes, comment=_TEXT, marker=st.sampled_from(["", ":red_circle:", ":bug:"]), data=_DATA
)
_CHAINS = st.lists(st.sampled_from([b"0\x01", lasting_certificate()]), max_size=2, unique=True).map(
    tuple
)
_NAMES = st.none() | st.sampled_from(["mdm.example.test", "other.test", ""])
_TLS = st.none() | st.builds(
    TlsFacts,
    version=st.sampled_from([None, "TLSv1.2", "TLS 9"]),
    cipher=st.sampled_from([None, "AES128-SHA"]),
    sni=_NAMES,
    server_sni=_NAMES,
    client_certificates=_CHAINS,
    server_certificates=_CHAINS,
)
_PASSED = st.none() | st.builds(
    PassedBody,
    length=st.integers(0, 2**40),
    is_whole=st.booleans(),
    beginning=st.binary(max_size=20),
    blocks=st.builds(
        BlockDigests, first=st.integers(0, 9), data=st.binary(max_size=3).map(lambda d: d * 8)
    ).filter(lambda blocks: blocks.data or not blocks.first),
)
_MESSAGES = st.builds(Request, method=_METHODS, url=_URLS, headers=_HEADERS, body=_BODIES)


@st.composite
def _answers(draw: st.DrawFn) -> Response:
    body = draw(_BODIES)
    return Response(
        status=draw(st.sampled_from([100, 200, 206, 401, 599, 1000])),
        headers=draw(_HEADERS),
        body=body,
        passed=draw(_PASSED) if body is None else None,
    )


_HTTP = st.builds(
    Exchange,
    id=st.just("c:1"),
    index=st.just(1),
    capture=st.just("c"),
    request=_MESSAGES,
    response=st.none() | _answers(),
    started=_TIMES,
    ended=_TIMES,
    peer=st.none() | st.sampled_from(["192.0.2.7", "::ffff:192.0.2.7", "2001:db8::1"]),
    tls=_TLS,
    error=st.none() | st.sampled_from(["the device left", "peer closed connection", "é" * 600]),
    verbatim=st.booleans(),
    remarks=st.lists(_TEXT, max_size=2).map(tuple),
    is_begun=st.booleans(),
    notes=_NOTES,
)


@st.composite
def _connections(draw: st.DrawFn) -> Exchange:
    opened = draw(_TIMES)
    record = Connection(
        host=draw(st.sampled_from(["192.0.2.9", "mdm.example.test", "2001:db8::1", ""])),
        port=draw(st.sampled_from([443, 8443])),
        sni=draw(st.sampled_from(["", "hub.example.test"])),
        peer=draw(st.none() | st.just("192.0.2.7")),
        opened=opened,
        closed=None if opened is None else opened + timedelta(seconds=1),
        end=draw(st.sampled_from(HandshakeEnd)),
        alert=draw(st.sampled_from(["", "unknown_ca"])),
        detail=draw(_TEXT),
        server_end=draw(st.sampled_from(ServerEnd)),
        versions=("TLSv1.2",),
        requests=draw(st.integers(0, 3)),
        is_passed_through=draw(st.booleans()),
    )
    return connection_exchange(
        record, id="c:1", index=1, capture="c", tls=draw(_TLS), notes=draw(_NOTES)
    )


def any_exchange() -> st.SearchStrategy[Exchange]:
    """Whatever a reader may give: requests and answers that are whole, broken off, or not kept,
    with odd URLs and headers, and connections without a request."""
    return st.one_of(_HTTP, _connections())
