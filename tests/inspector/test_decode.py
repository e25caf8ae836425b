"""Decoding never raises, and keeps what can be read."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdmcore.enrollment.token import serialize_rstrc
from mdmcore.http import Exchange, Headers, Request, Response
from mdmcore.inspector import Inspector
from mdmcore.inspector.body import read_side
from mdmcore.inspector.decode import decode
from mdmcore.inspector.provisioning_part import read_provisioning
from mdmcore.rules.decoded import Kind
from mdmcore.syncml.xml import serialize_syncml
from mdmcore.xml import ParsedXml, parse_lenient
from tests.support.story import (
    ENROLLMENT_URL,
    HOST,
    MESSAGE_ID,
    NOW,
    Story,
    answer,
    device_cred,
    document,
    package1,
    rules_of,
)


def exchange(body: bytes | None, back: bytes | None, media_type: str = "") -> Exchange:
    headers = Headers([("Content-Type", media_type)] if media_type else [])
    return Exchange(
        id="c:1",
        index=1,
        capture="c",
        request=Request(method="POST", url=ENROLLMENT_URL, headers=headers, body=body),
        response=Response(status=200, headers=headers, body=back),
    )


RSTRC = serialize_rstrc(document(), relates_to=MESSAGE_ID, created=NOW, expires=NOW)
SYNCML = serialize_syncml(package1(cred=device_cred()))


@pytest.mark.parametrize("body", [RSTRC, SYNCML, document()])
def test_every_truncation_is_decoded_and_described(body: bytes) -> None:
    for end in range(0, len(body), max(1, len(body) // 150)):
        for media_type in ("application/soap+xml", "application/vnd.syncml.dm+xml", ""):
            found = Inspector().inspect(exchange(body[:end], body[:end], media_type))
            assert found.summary


def test_every_truncation_of_a_provisioning_document_is_read() -> None:
    whole = document()
    for end in range(0, len(whole), 40):
        part = read_provisioning(whole[:end])
        assert part.problems
    assert not read_provisioning(whole).problems


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=200),
    st.sampled_from(["application/soap+xml", "application/vnd.syncml.dm+xml", "text/html", ""]),
    st.sampled_from(["GET", "POST", "HEAD", "CONNECT", "MARK", ""]),
)
def test_anything_is_inspected(body: bytes, media_type: str, method: str) -> None:
    headers = Headers([("Content-Type", media_type)])
    found = Inspector().inspect(
        Exchange(
            id="c:1",
            index=1,
            capture="c",
            request=Request(method=method, url=f"{HOST}/x", headers=headers, body=body),
            response=Response(status=200, headers=headers, body=body),
        )
    )
    assert found.kind in Kind


def test_a_token_that_is_no_document() -> None:
    answer_body = serialize_rstrc(
        b"\x30\x82not a document", relates_to=MESSAGE_ID, created=NOW, expires=NOW
    )
    found = Story().enroll(response=answer_body)
    assert "unreadable provisioning document" in found.summary
    assert rules_of(found.findings) == {"wap-not-wellformed"}


def test_a_certificate_that_cannot_be_read_stands_in_its_place() -> None:
    wap = document()
    start = wap.index(b'name="EncodedCertificate" value="') + 33
    part = read_provisioning(wap[:start] + b"AAAA" + wap[wap.index(b'"', start) :])
    assert [bool(item.problem) for item in part.certificates] == [True, False]


def test_a_body_that_was_not_recorded_is_not_an_empty_one() -> None:
    side = read_side("response", None, "application/soap+xml", is_verbatim=True)
    assert (side.is_recorded, side.body) == (False, b"")


def test_only_a_log_loses_its_leading_blanks() -> None:
    text = b'\n  <?xml version="1.0"?><SyncML xmlns="SYNCML:SYNCML1.2"/>'
    kept = read_side("response", text, "text/xml", is_verbatim=True)
    dropped = read_side("response", text, "text/xml", is_verbatim=False)
    assert (kept.stray_prefix, kept.skipped) == (b"\n  ", 0)
    assert (dropped.stray_prefix, dropped.skipped) == (b"", 3)


def test_a_message_is_parsed_once_for_all_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[bytes] = []

    def counting(data: bytes) -> ParsedXml:
        calls.append(data)
        return parse_lenient(data)

    monkeypatch.setattr("mdmcore.inspector.body.parse_lenient", counting)
    story = Story().enrolled()
    calls.clear()
    story.sync(package1(cred=device_cred()), answer("2", "212"))
    assert len(calls) == 2


def test_a_hub_download_is_not_read_as_a_message() -> None:
    request = Request(method="GET", url=f"{HOST}/a.xap", headers=Headers([("Range", "bytes=0-9")]))
    found = decode(
        Exchange(
            id="c:1",
            index=1,
            capture="c",
            request=request,
            response=Response(
                status=206,
                headers=Headers([("Content-Range", "bytes 0-9/20"), ("Content-Length", "10")]),
                body=None,
            ),
        )
    )
    assert found.hub is not None
    assert (found.hub.requested_range, found.hub.body_length) == ("bytes=0-9", 10)
