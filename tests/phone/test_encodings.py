"""A phone whose account orders WBXML: it speaks it, and wants its answers so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from mdmcore.http import Headers, Request, Response
from mdmcore.phone import Caution, EnrolledPhone, Refusal, run, sync
from mdmcore.phone.server_message import read_message
from mdmcore.syncml.wbxml import WbxmlHeader, decode_wbxml, encode_wbxml
from mdmcore.syncml.xml import parse_syncml, serialize_syncml
from tests.phone.dm_script import (
    FIRST,
    GET_SWV,
    LAST,
    NEXT_NONCE,
    Received,
    Turn,
    accepted,
    reply,
    server_cred,
)
from tests.phone.scripted import (
    Edit,
    answer,
    assert_refusal,
    enrolled_with,
    settings,
    with_header,
)
from tests.support.server import counted_random
from tests.support.wbxml_tools import wbxml_to_xml, xml_to_wbxml

WBXML = "application/vnd.syncml.dm+wbxml"
DOCTYPE = b'<!DOCTYPE SyncML PUBLIC "-//SYNCML//DTD SyncML 1.2//EN" "x">'


class WbxmlScript:
    """Plays turns that are written as XML, and takes and gives WBXML by a codec of the test's."""

    def __init__(self, decode: Callable[[bytes], bytes], encode: Callable[[bytes], bytes]) -> None:
        self._decode = decode
        self._encode = encode
        self.turns: list[Turn] = []
        self.edits: dict[int, Edit] = {}
        self.requests: list[Request] = []
        self.received: list[Received] = []

    def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        root = ElementTree.fromstring(self._decode(request.body or b""))
        self.received.append(Received(root=root, url=request.url))
        number = len(self.received) - 1
        response = self.turns[number](self.received[-1])
        response = answer(self._encode(response.body or b""), WBXML)
        edit = self.edits.get(number)
        return response if edit is None else edit(response)


def ours(**header: object) -> WbxmlScript:
    """With our own codec; the answers have that header."""
    chosen = WbxmlHeader(**header)  # type: ignore[arg-type]
    return WbxmlScript(
        decode_wbxml_as_xml,
        lambda xml: encode_wbxml(parse_syncml(xml), header=chosen),
    )


def decode_wbxml_as_xml(data: bytes) -> bytes:
    return serialize_syncml(decode_wbxml(data))


def theirs(folder: Path) -> WbxmlScript:
    """With libwbxml's programs."""
    return WbxmlScript(
        lambda data: wbxml_to_xml(data, folder),
        lambda xml: xml_to_wbxml(DOCTYPE + xml, folder, "-k"),
    )


def binary_phone(**changes: object) -> EnrolledPhone:
    return enrolled_with(("dm+xml", "dm+wbxml"), phone=settings(**changes))


def refused(script: WbxmlScript, **changes: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        run(sync(binary_phone(**changes), random=counted_random()), script)
    return caught.value


def test_a_session_with_libwbxml_as_the_servers_codec(tmp_path: Path) -> None:
    script = theirs(tmp_path)
    script.turns = [FIRST, LAST]
    outcome = run(sync(binary_phone(), random=counted_random()), script)
    assert outcome.messages == 2
    assert outcome.is_server_authenticated
    assert outcome.phone.nonce_c2s == NEXT_NONCE
    for request in script.requests:
        assert request.headers.get("Content-Type") == WBXML
        assert request.headers.get("Accept") == WBXML
        assert (request.body or b"").startswith(b"\x03\xa4\x01\x6a\x00")
    assert script.received[1].statuses()[0] == ("SyncHdr", "0", "212")


@pytest.mark.parametrize("header", [{}, {"version": 1}, {"charset": 3}, {"charset": 0}])
def test_each_usual_header_is_taken(header: dict[str, object]) -> None:
    script = ours(**header)
    script.turns = [FIRST, LAST]
    assert run(sync(binary_phone(), random=counted_random()), script).messages == 2


def test_an_account_without_encoding_speaks_xml() -> None:
    phone = binary_phone()
    phone = replace(phone, account=replace(phone.account, encoding=None))
    sent: list[Request] = []

    def server(request: Request) -> Response:
        sent.append(request)
        return answer(b"", "text/plain", 500)

    with pytest.raises(Refusal):
        run(sync(phone, random=counted_random()), server)
    assert sent[0].headers.get("Content-Type") == "application/vnd.syncml.dm+xml"
    assert (sent[0].body or b"").startswith(b"<SyncML")


def cut(response: Response) -> Response:
    return answer((response.body or b"")[:-2], WBXML)


def as_xml(response: Response) -> Response:
    return answer(decode_wbxml_as_xml(response.body or b""), "application/vnd.syncml.dm+xml")


def xml_inside(response: Response) -> Response:
    return answer(decode_wbxml_as_xml(response.body or b""), WBXML)


REFUSED = [
    (as_xml, "Content-Type", "the message was WBXML, the answer is XML"),
    (with_header("Content-Type", "text/plain"), "Content-Type", "discarded"),
    (with_header("Content-Type", None), "Content-Type", "discarded"),
    (with_header("Content-Type", f"{WBXML}; charset=latin-1"), "Content-Type", "not UTF-8"),
    (xml_inside, "body offset 0", "this is XML or text, not WBXML"),
    (cut, "body offset", "unexpected end"),
]


@pytest.mark.parametrize(("edit", "place", "reason"), REFUSED)
def test_answers_that_are_discarded(edit: Edit, place: str, reason: str) -> None:
    script = ours()
    script.turns, script.edits = [FIRST, LAST], {0: edit}
    assert_refusal(refused(script), "management", place, reason)


def test_another_charset_in_the_body_is_discarded() -> None:
    script = ours(charset=1015)
    script.turns = [FIRST, LAST]
    assert_refusal(refused(script), "management", "body offset 0", "charset is not UTF-8")


def test_an_xml_phone_refuses_wbxml() -> None:
    script = ours()
    script.turns = [FIRST]
    phone = enrolled_with()

    def server(request: Request) -> Response:
        body = encode_wbxml(parse_syncml(request.body or b""))
        return script(replace(request, body=body, headers=Headers()))

    with pytest.raises(Refusal) as caught:
        run(sync(phone, random=counted_random()), server)
    assert_refusal(caught.value, "management", "Content-Type", "the answer is WBXML")


def test_what_a_careful_phone_looks_at_is_the_same() -> None:
    script = ours()
    script.turns = [reply(accepted() + GET_SWV, cred=server_cred()), LAST]
    phone = binary_phone(cautions=frozenset(Caution))
    assert run(sync(phone, random=counted_random()), script).messages == 2


def test_a_message_cut_anywhere_is_a_refusal() -> None:
    script = ours()
    script.turns = [FIRST, LAST]
    kept: list[bytes] = []

    def keep(response: Response) -> Response:
        kept.append(response.body or b"")
        return response

    script.edits = {0: keep}
    run(sync(binary_phone(), random=counted_random()), script)
    for end in range(1, len(kept[0])):
        with pytest.raises(Refusal):
            read_message(answer(kept[0][:end], WBXML), settings(), WBXML)
