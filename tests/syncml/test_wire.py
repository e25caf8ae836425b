"""Bodies and Content-Type: each form is read by its media type and answered in kind."""

from __future__ import annotations

import pytest

from mdmcore.errors import ServerFault, WbxmlError, XmlError
from mdmcore.http import Headers
from mdmcore.syncml.wbxml import WbxmlHeader, encode_wbxml
from mdmcore.syncml.wire import WireForm, decode_body, encode_body
from mdmcore.syncml.xml import serialize_syncml
from tests.syncml.messages import PACKAGE_2
from tests.syncml.wbxml.vectors import FORMAL_12, W1, W2

XML = "application/vnd.syncml.dm+xml"
WBXML = "application/vnd.syncml.dm+wbxml"


def typed(content_type: str) -> Headers:
    return Headers([("Content-Type", content_type)] if content_type else [])


@pytest.mark.parametrize(
    ("content_type", "answered"),
    [
        (XML, XML),
        (f"{XML}; charset=UTF-8", f"{XML}; charset=utf-8"),
        (f"{XML}; charset=iso-8859-1", f"{XML}; charset=utf-8"),
        ("Application/Vnd.SyncML+XML", "application/vnd.syncml+xml"),
        ("text/xml", XML),
        ("", XML),
    ],
)
def test_xml_is_answered_as_xml_in_utf8(content_type: str, answered: str) -> None:
    message, form = decode_body(serialize_syncml(PACKAGE_2), typed(content_type))
    assert message == PACKAGE_2
    assert form.for_answer().content_type == answered
    assert encode_body(message, form.for_answer()) == serialize_syncml(PACKAGE_2)


@pytest.mark.parametrize(
    ("content_type", "answered"),
    [
        (WBXML, WBXML),
        (f"{WBXML};charset=utf-8", f"{WBXML}; charset=utf-8"),
        ("application/vnd.syncml+wbxml", "application/vnd.syncml+wbxml"),
    ],
)
@pytest.mark.parametrize("data", [W1, W2], ids=["string-table", "number"])
def test_wbxml_is_answered_with_its_own_header(
    data: bytes, content_type: str, answered: str
) -> None:
    message, form = decode_body(data, typed(content_type))
    assert form.for_answer().content_type == answered
    assert encode_body(message, form.for_answer()) == data


@pytest.mark.parametrize(
    ("mib", "name"), [(0, "utf-8"), (4, "iso-8859-1"), (106, "utf-8"), (1015, "utf-16")]
)
def test_the_charset_of_wbxml_is_kept_and_named(mib: int, name: str) -> None:
    body = encode_wbxml(PACKAGE_2, header=WbxmlHeader(version=2, public_id=FORMAL_12, charset=mib))
    message, form = decode_body(body, typed(f"{WBXML}; charset=whatever"))
    assert message == PACKAGE_2
    assert form.content_type == f"{WBXML}; charset={name}"
    again, _ = decode_body(encode_body(message, form.for_answer()), typed(WBXML))
    assert again == PACKAGE_2


def test_a_form_without_header_is_the_usual_wbxml() -> None:
    form = WireForm(media_type=WBXML, names_charset=True)
    assert encode_body(PACKAGE_2, form) == encode_wbxml(PACKAGE_2)
    assert form.content_type == f"{WBXML}; charset=utf-8"
    assert WireForm().content_type == XML


@pytest.mark.parametrize("content_type", [XML, "text/xml", "application/octet-stream", ""])
def test_wbxml_under_another_type_is_refused(content_type: str) -> None:
    with pytest.raises(WbxmlError, match="the body is WBXML, but Content-Type is"):
        decode_body(W1, typed(content_type))


def test_xml_under_wbxmls_type_is_refused() -> None:
    with pytest.raises(WbxmlError, match="this is XML or text, not WBXML"):
        decode_body(serialize_syncml(PACKAGE_2), typed(WBXML))


def test_whose_fault_it_is_and_how_strict_is_passed_on() -> None:
    for content_type, body in ((XML, b"<SyncML/>"), (WBXML, b"\x03\xa4\x01\x6a\x00\x2d")):
        with pytest.raises(ServerFault):
            decode_body(body, typed(content_type), fault=ServerFault)
    broken = serialize_syncml(PACKAGE_2)[:-9]
    with pytest.raises(XmlError):
        decode_body(broken, typed(XML))
    assert decode_body(broken, typed(XML), strict=False)[0] == PACKAGE_2
