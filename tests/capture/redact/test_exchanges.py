"""Every part of an exchange is looked at, and no exchange is too odd."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdmcore.connection import Connection
from mdmcore.http import Exchange, Headers, Notes, Request, Response, TlsFacts
from mdmcore.observation import Observation
from mdmcore.passed_body import PassedBody
from tests.capture.any_exchange import any_exchange
from tests.capture.redact.judging import redacted

LOOKED_AT = {
    Exchange: "id capture request response peer tls error remarks connection observation notes",
    Request: "url headers body",
    Response: "headers body passed",
    TlsFacts: "sni server_sni client_certificates server_certificates",
    Notes: "comment data",
    Connection: "host sni peer detail server_detail accepted",
    PassedBody: "beginning",
    Observation: "text device users hosts enrollments thumbprints facts",
}
TELLS_NOTHING = {
    Exchange: "index started ended verbatim is_begun is_bare",
    Request: "method",
    Response: "status",
    TlsFacts: "version cipher",
    Notes: "marker",
    Connection: "port opened closed versions suites end alert is_asked is_given is_asked_by_server "
    "is_given_to_server server_end is_server_unchecked requests is_passed_through is_captured "
    "is_decrypted is_served "
    "server_version server_suite is_resumed is_renegotiated sent received closed_by",
    PassedBody: "length is_whole blocks",
    Observation: "source event level session local_time",
}


@pytest.mark.parametrize("kind", LOOKED_AT, ids=lambda kind: kind.__name__)
def test_each_field_is_redacted_or_known_to_tell_nothing(kind: type) -> None:
    """A field that is new must be put into one of the lists, and be redacted if it tells."""
    names = [one.name for one in fields(kind)]
    assert sorted(names) == sorted(f"{LOOKED_AT[kind]} {TELLS_NOTHING[kind]}".split())


@settings(max_examples=60, deadline=None)
@given(st.lists(any_exchange(), min_size=1, max_size=3))
def test_no_exchange_is_too_odd(exchanges: list[Exchange]) -> None:
    listed = [replace(one, index=number) for number, one in enumerate(exchanges, 1)]
    after, _ = redacted(listed)
    assert [one.request.method for one in after] == [one.request.method for one in listed]
    assert [one.started for one in after] == [one.started for one in listed]


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(max_size=200).map(lambda text: text.encode("utf-16", "surrogatepass")),
        st.binary(max_size=100).map(lambda data: b"\x30" + data),
        st.binary(max_size=100).map(lambda data: b"\x03\xa4\x01\x6a\x00" + data),
        st.text("<>&;\"'=/ax!-[]?CDATA\0%3c{}:,@.\\", max_size=120).map(
            lambda text: b"<a>" + text.encode()
        ),
    ),
    st.text(max_size=60),
)
def test_no_body_and_no_header_is_too_odd(body: bytes, header: str) -> None:
    odd = Exchange(
        id="c:1",
        index=1,
        capture="c",
        request=Request(
            method="POST",
            url="https://user:pw@[::1]:x/%zz?a=%&b=c;d",
            headers=Headers([("Authorization", f"Basic {header}"), ("Cookie", header)]),
            body=body,
        ),
        response=Response(status=200, headers=Headers([("X-Token", header)]), body=body),
    )
    (after,), redactor = redacted([odd])
    assert after.response is not None
    assert (after.response.body is None) == bool(redactor.tally.left_out)
