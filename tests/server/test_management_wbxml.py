"""DM sessions in WBXML: each answer in the form of its request, whatever that is."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from mdmcore.http import Response
from mdmcore.records import AuthScheme
from mdmcore.server import ConfiguredAccount, MdmServer
from mdmcore.server.settings import DM_PATH
from mdmcore.syncml.wbxml import (
    WbxmlHeader,
    decode_document,
    decode_wbxml,
    element_document,
    encode_document,
    encoder,
)
from mdmcore.xml import parse_strict
from tests.server.conftest import ServerFactory
from tests.support import messages as m
from tests.support.server import make_server, post_syncml
from tests.support.state import state_rows
from tests.support.wbxml_tools import wbxml_to_xml, xml_to_wbxml
from tests.syncml.wbxml.vectors import FORMAL_12

NS = {"s": "SYNCML:SYNCML1.2", "m": "syncml:metinf"}
WBXML = "application/vnd.syncml.dm+wbxml"
BASIC = ConfiguredAccount(name="dummy", secret="dummy", scheme=AuthScheme.BASIC)
CRED = m.basic_cred("dummy", "dummy")
DOCTYPE = b'<!DOCTYPE SyncML PUBLIC "-//SYNCML//DTD SyncML 1.2//EN" "x">'


@pytest.fixture
def server(server_factory: ServerFactory) -> MdmServer:
    return server_factory(accounts=(BASIC,))


def encoded(xml: bytes, **header: object) -> bytes:
    return encode_document(
        element_document(parse_strict(xml), header=WbxmlHeader(**header))  # type: ignore[arg-type]
    )


def post(server: MdmServer, body: bytes, content_type: str = WBXML) -> Response:
    return post_syncml(server, DM_PATH, body, content_type)


def codes(answer: Response) -> list[tuple[str, str]]:
    return [(status.cmd, status.data) for status in decode_wbxml(answer.body or b"").statuses]


def test_a_whole_session_through_libwbxml(server: MdmServer, tmp_path: Path) -> None:
    """Neither what the device sends nor what it reads goes through our codec."""

    def send(xml: bytes) -> ET.Element:
        answer = post(server, xml_to_wbxml(DOCTYPE + xml, tmp_path, "-k"))
        assert answer.status == 200, answer.body
        assert answer.headers.get("Content-Type") == WBXML
        assert answer.headers.get("Content-Length") == str(len(answer.body or b""))
        return ET.fromstring(wbxml_to_xml(answer.body or b"", tmp_path))

    first = send(m.syncml(m.PACKAGE_1, cred=CRED))
    found = [e.findtext("s:Data", "", NS) for e in first.iterfind(".//s:Status", NS)]
    assert found == ["212", "200", "200"]
    gets = {
        get.findtext(".//s:LocURI", "", NS): get.findtext("s:CmdID", "", NS)
        for get in first.iterfind(".//s:Get", NS)
    }
    assert "./DevDetail/SwV" in gets
    package_3 = m.status("1", "2", "0", "SyncHdr", "212") + "".join(
        m.status(cmd_id, "2", cmd_id, "Get", "200") for cmd_id in gets.values()
    )
    last = send(m.syncml(package_3, msg_id="2"))
    assert [e.findtext("s:Data", "", NS) for e in last.iterfind(".//s:Status", NS)] == ["200"]
    assert last.find(".//s:Final", NS) is not None


@pytest.mark.parametrize(
    "header",
    [
        {"version": 1},
        {"version": 2, "public_id": FORMAL_12},
        {"version": 3, "public_id": 1},
        {"version": 0},
        {"version": 2, "charset": 4},
        {"version": 3, "charset": 1015, "public_id": FORMAL_12},
    ],
    ids=str,
)
def test_the_header_of_the_answer_is_that_of_the_request(
    server: MdmServer, header: dict[str, object]
) -> None:
    body = encoded(m.syncml(m.PACKAGE_1, cred=CRED), **header)
    answer = post(server, body)
    asked, answered = decode_document(body), decode_document(answer.body or b"")
    assert answered.header == asked.header.for_answer()
    assert (answered.version, answered.public_id, answered.charset) == (
        asked.version,
        asked.public_id,
        asked.charset,
    )
    assert codes(answer)[0] == ("SyncHdr", "212")


def test_a_table_without_its_nul_is_answered_with_one_without(server: MdmServer) -> None:
    """As Samsung's clients write it, whose reader may want it so."""
    body = encoded(m.syncml(m.PACKAGE_1, cred=CRED), version=2, public_id=FORMAL_12)
    start = b"\x02\x00\x00\x6a\x1d" + FORMAL_12.encode()
    body = start + body[len(start) + 1 :]
    assert (post(server, body).body or b"").startswith(start + b"\x6d")


@pytest.mark.parametrize(
    ("content_type", "answered"),
    [
        (f"{WBXML}; charset=UTF-8", f"{WBXML}; charset=utf-8"),
        (WBXML, WBXML),
        ("application/vnd.syncml+wbxml", "application/vnd.syncml+wbxml"),
    ],
)
def test_content_type_is_mirrored(server: MdmServer, content_type: str, answered: str) -> None:
    answer = post(server, encoded(m.syncml(m.PACKAGE_1, cred=CRED)), content_type)
    assert answer.headers.get("Content-Type") == answered


@pytest.mark.parametrize("charset", ["UTF-8", "utf-8"])
def test_a_charset_of_xml_is_mirrored(server: MdmServer, charset: str) -> None:
    kind = "application/vnd.syncml.dm+xml"
    answer = post(server, m.syncml(m.PACKAGE_1, cred=CRED), f"{kind}; charset={charset}")
    assert answer.headers.get("Content-Type") == f"{kind}; charset=utf-8"


def test_a_repeated_message_gets_the_same_bytes(server: MdmServer) -> None:
    body = encoded(m.syncml(m.PACKAGE_1, cred=CRED))
    first, second = post(server, body), post(server, body)
    assert first.body == second.body
    assert second.headers.get("Content-Type") == WBXML


def test_a_challenge_is_wbxml_too(server: MdmServer) -> None:
    answer = post(server, encoded(m.syncml(m.PACKAGE_1)))
    message = decode_wbxml(answer.body or b"")
    assert message.header_status is not None
    assert (message.header_status.data, message.header_status.chal is None) == ("407", False)


def test_bytes_are_kept_as_base64(tmp_path: Path) -> None:
    server, store = make_server(tmp_path, accounts=(BASIC,))
    try:
        source = "<Source><LocURI>./DevInfo/DevId</LocURI></Source>"
        data = (
            '<Meta><Format xmlns="syncml:metinf">bin</Format></Meta>'
            '<Data xmlns:w="urn:mdmproxy:wbxml" w:opaque="base64">AAH/</Data>'
        )
        body = f"<Replace><CmdID>2</CmdID><Item>{source}{data}</Item></Replace>"
        assert b"\xc3\x03\x00\x01\xff" in encoded(m.syncml(body, cred=CRED))
        post(server, encoded(m.syncml(body, cred=CRED)))
    finally:
        store.close()
    (row,) = state_rows(tmp_path)["inventory"]
    assert (row["uri"], row["value"], row["format"]) == ("./DevInfo/DevId", "AAH/", "b64")


# --- what cannot be read ------------------------------------------------------------------------


def test_every_truncation_is_refused_below_the_protocol(server: MdmServer) -> None:
    whole = encoded(m.syncml(m.PACKAGE_1, cred=CRED))
    for length in range(len(whole)):
        answer = post(server, whole[:length])
        assert answer.status == 400
        assert (answer.body or b"").count(b"\n") == 1


@pytest.mark.parametrize(
    ("body", "content_type", "message"),
    [
        (m.syncml(m.PACKAGE_1), WBXML, b"this is XML or text, not WBXML"),
        (
            encoded(m.syncml(m.PACKAGE_1)),
            "application/vnd.syncml.dm+xml",
            b"the body is WBXML, but Content-Type is application/vnd.syncml.dm+xml",
        ),
        (b"\x03\xa4\x01\x6a\x00" + b"\x6d" * 100_000, WBXML, b"nested more than 64 deep"),
        (b"\x03\xa4\x01\x6a\x00\x2d", WBXML, b"SyncHdr is missing"),
        (b"\x04\xa4\x01\x6a\x00\x2d", WBXML, b"version byte 0x04"),
        (b"", WBXML, b"unexpected end"),
    ],
)
def test_what_is_no_message_is_http_400_with_one_line(
    server: MdmServer, body: bytes, content_type: str, message: bytes
) -> None:
    answer = post(server, body, content_type)
    assert answer.status == 400
    assert message in (answer.body or b"")
    assert (answer.body or b"").count(b"\n") == 1


def test_a_message_with_a_readable_header_gets_status_400(server: MdmServer) -> None:
    body = encoded(m.syncml(m.PACKAGE_1, cred=CRED)).replace(b"\x031201\x00", b"\x03\xff201\x00")
    answer = post(server, body)
    assert answer.headers.get("Content-Type") == WBXML
    assert codes(answer) == [("SyncHdr", "400")]


def test_an_unknown_token_is_answered_like_an_unknown_command(server: MdmServer) -> None:
    unknown = b"\x70\x4b\x039\x00\x01\x01"
    whole = encoded(m.syncml(m.PACKAGE_1, cred=CRED))
    assert whole.endswith(b"\x12\x01\x01")
    answer = post(server, whole[:-3] + unknown + whole[-3:])
    assert codes(answer)[-1] == ("Page00Token30", "406")


def test_an_answer_too_large_for_wbxml_is_refused(
    server: MdmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = encoded(m.syncml(m.PACKAGE_1, cred=CRED))
    monkeypatch.setattr(encoder, "MAX_WBXML_BYTES", 100)
    answer = post(server, body)
    assert answer.status == 400
    assert b"no answer can be written" in (answer.body or b"")
