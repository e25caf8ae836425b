"""WBXML goes through the same rules as XML, and says what it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdmcore.http import Exchange, Headers, Request, Response, TlsFacts
from mdmcore.inspector import Inspection, Inspector
from mdmcore.inspector.body import read_side
from mdmcore.namespaces import SYNCML_WBXML_MEDIA_TYPE, SYNCML_XML_MEDIA_TYPE
from mdmcore.syncml.wbxml import element_document, encode_document, encode_wbxml
from mdmcore.syncml.xml import serialize_syncml
from mdmcore.xml import parse_strict
from tests.mitm.test_wbxml_text import SAMSUNG
from tests.support.story import (
    DM_URL,
    GET,
    Story,
    answer,
    device_cred,
    package1,
    rules_of,
    server_cred,
)
from tests.syncml.messages import PACKAGE_2
from tests.syncml.wbxml.vectors import VALID, W1, W2, W4, W5

FIRST = package1(cred=device_cred())


def as_wbxml(xml: bytes | None) -> bytes | None:
    return None if not xml else encode_document(element_document(parse_strict(xml)))


class WbxmlStory(Story):
    """A story whose DM messages travel as WBXML."""

    def post(
        self,
        url: str,
        body: bytes | None,
        answer_body: bytes | None,
        *,
        media_type: str = "application/soap+xml",
        status: int = 200,
        tls: TlsFacts | None = None,
    ) -> Inspection:
        if media_type == SYNCML_XML_MEDIA_TYPE:
            media_type = SYNCML_WBXML_MEDIA_TYPE
            body, answer_body = as_wbxml(body), as_wbxml(answer_body)
        return super().post(url, body, answer_body, media_type=media_type, status=status, tls=tls)


def right(story: Story) -> Inspection:
    return story.sync(FIRST, answer("2", "212", "1", GET, next_nonce=b"x", cred=server_cred()))


def wrong_device_digest(story: Story) -> Inspection:
    return story.sync(package1(cred=device_cred(b"another nonce")), answer("2", "401"))


def wrong_server_digest(story: Story) -> Inspection:
    return story.sync(FIRST, answer("2", "212", "1", GET, cred=server_cred(b"another nonce")))


def repeated_msgid(story: Story) -> Inspection:
    story.sync(FIRST, answer("2", "212"))
    return story.sync(package1("2"), answer("2", "200", "2"))


def wrong_namespace(story: Story) -> Inspection:
    xml = serialize_syncml(answer("2", "212", "1", GET, cred=server_cred()))
    return story.sync(FIRST, xml.replace(b'<Type xmlns="syncml:metinf">', b"<Type>"))


def foreign_address(story: Story) -> Inspection:
    return story.sync(FIRST, answer("2", "212"), url=f"{DM_URL}/elsewhere")


STEPS = [
    right,
    wrong_device_digest,
    wrong_server_digest,
    repeated_msgid,
    wrong_namespace,
    foreign_address,
]


@pytest.mark.parametrize("profile", ["wp8", "win10"])
@pytest.mark.parametrize("step", STEPS)
def test_the_same_rules_speak(step: Callable[[Story], Inspection], profile: str) -> None:
    by_xml = step(Story(profile).enrolled())
    by_wbxml = step(WbxmlStory(profile).enrolled())
    assert by_wbxml.kind == by_xml.kind == "syncml"
    assert by_wbxml.summary == by_xml.summary
    assert [(f.rule, f.message, f.places[0].where) for f in by_wbxml.findings] == [
        (f.rule, f.message, f.places[0].where) for f in by_xml.findings
    ]
    for part in ("request", "response"):
        assert by_wbxml.decoded[part]["syncml"] == by_xml.decoded[part]["syncml"]


def test_something_is_found_at_all() -> None:
    found = {
        rule for step in STEPS for rule in rules_of(step(WbxmlStory("win10").enrolled()).findings)
    }
    assert len(found) >= 4


def test_encoding_and_charset_are_told() -> None:
    found = WbxmlStory().enrolled().sync(FIRST, answer("2", "212")).decoded
    for part in ("request", "response"):
        assert (found[part]["encoding"], found[part]["charset"]) == ("wbxml", "utf-8")
        assert found[part]["wbxml"] == {
            "version": "1.3",
            "public_id": "0x1201",
            "charset": 106,
            "string_table": 0,
        }
    by_xml = Story().enrolled().sync(FIRST, answer("2", "212")).decoded["request"]
    assert (by_xml["encoding"], by_xml["charset"]) == ("xml", "utf-8")
    assert "wbxml" not in by_xml


@pytest.mark.parametrize(
    ("data", "charset"),
    [
        (b'<?xml version="1.0" encoding="ISO-8859-1"?>', "iso-8859-1"),
        (b'<?xml version="1.0"?>', "utf-8"),
        (b"", "utf-8"),
    ],
)
def test_the_charset_of_xml_is_the_declared_one(data: bytes, charset: str) -> None:
    body = data + serialize_syncml(PACKAGE_2)
    side = read_side("request", body, SYNCML_XML_MEDIA_TYPE, is_verbatim=True)
    assert (side.encoding, side.charset) == ("xml", charset)


def test_utf_16_is_told_by_its_mark() -> None:
    body = serialize_syncml(PACKAGE_2).decode().encode("utf-16")
    side = read_side("request", body, SYNCML_XML_MEDIA_TYPE, is_verbatim=True)
    assert side.charset == "utf-16"
    assert side.syncml == PACKAGE_2


def notes(body: bytes, media_type: str) -> list[tuple[str, str]]:
    side = read_side("request", body, media_type, is_verbatim=True)
    return [(note.message, note.place) for note in side.notes]


def test_what_is_odd_is_noted_with_its_offset() -> None:
    assert notes(W1, SYNCML_WBXML_MEDIA_TYPE) == []
    assert notes(W2 + b"\x00", SYNCML_WBXML_MEDIA_TYPE) == [
        ("1 bytes stand behind the document", "offset 188")
    ]
    assert notes(W5, SYNCML_WBXML_MEDIA_TYPE) == [
        ("unreadable WBXML: unexpected end: a token is missing", "offset 186")
    ]
    assert notes(W4, SYNCML_WBXML_MEDIA_TYPE) == [("SyncHdr is missing (/SyncML)", "")]


def test_the_bytes_decide_and_a_contradiction_is_noted() -> None:
    side = read_side("request", W2, SYNCML_XML_MEDIA_TYPE, is_verbatim=True)
    assert side.syncml is not None
    assert side.encoding == "wbxml"
    assert not side.is_xml
    assert (
        side.notes[0].message == f"the body is WBXML, but Content-Type is {SYNCML_XML_MEDIA_TYPE}"
    )
    xml = serialize_syncml(PACKAGE_2)
    side = read_side("request", xml, SYNCML_WBXML_MEDIA_TYPE, is_verbatim=True)
    assert (side.syncml, side.encoding) == (PACKAGE_2, "xml")
    assert (
        side.notes[0].message == f"the body is XML, but Content-Type is {SYNCML_WBXML_MEDIA_TYPE}"
    )
    assert notes(W2, "")[0][0] == "the body is WBXML, but Content-Type is missing"


def test_another_document_is_said_to_be_one() -> None:
    devinf = b"\x03\xa4\x03\x6a\x00\x4a\x11\x01"
    assert notes(devinf, SYNCML_WBXML_MEDIA_TYPE) == [("WBXML, but not SyncML: DevInf", "")]


def inspected(body: bytes, media_type: str = SYNCML_WBXML_MEDIA_TYPE) -> Inspection:
    headers = Headers([("Content-Type", media_type)])
    request = Request(method="POST", url="https://dms.example/mdm", headers=headers, body=body)
    response = Response(status=200, headers=headers, body=body)
    return Inspector().inspect(
        Exchange(id="c:1", index=1, capture="c", request=request, response=response)
    )


@pytest.mark.parametrize("body", [SAMSUNG, *VALID.values()])
def test_other_clients_messages_are_inspected(body: bytes) -> None:
    assert inspected(body).kind == "syncml"


def test_a_firmware_update_client_is_understood() -> None:
    found = inspected(SAMSUNG).decoded["request"]
    assert found["syncml"]["source"] == "IMEI:000000000000000"
    assert found["wbxml"]["string_table"] == 29


def test_bytes_are_said_to_be_bytes() -> None:
    add = b"\x45\x4b\x033\x00\x01\x54\x4f\xc3\x02\x00\xff\x01\x01\x01"
    data = W2[:-3] + add + W2[-3:]
    found = inspected(data).decoded["request"]["syncml"]
    (item,) = found["commands"][-1]["items"]
    assert (item["data"], item["binary"]) == ("AP8=", True)


def test_secrets_are_masked_as_in_xml() -> None:
    body = encode_wbxml(package1(cred=device_cred()))
    assert str(inspected(body).decoded).count(device_cred().data) == 0


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(VALID)), st.integers(min_value=0), st.binary(max_size=3))
def test_anything_is_inspected(name: str, position: int, noise: bytes) -> None:
    data = VALID[name]
    start = position % len(data)
    for body in (data[:start], data[:start] + noise + data[start + len(noise) :]):
        assert inspected(body).summary
