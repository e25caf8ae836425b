"""How sure it is that a trace was cut, at every place where it may be."""

from __future__ import annotations

from mdmcore.http import Exchange, Request
from mdmcore.inspector.body import read_side
from mdmcore.rules.decoded import Decoded, Kind
from mdmcore.rules.scene import Scene
from mdmcore.rules.truncation import Cut, cut_of
from mdmcore.syncml.xml import serialize_syncml
from tests.support.story import package1

BODY = serialize_syncml(package1())


def cut(body: bytes, *, verbatim: bool = True, url: str = "https://mdm.example.test/dm") -> Cut:
    side = read_side("request", body, "application/vnd.syncml.dm+xml", is_verbatim=verbatim)
    request = Request(method="POST", url=url, body=body)
    exchange = Exchange(id="x:1", index=1, capture="x", request=request, verbatim=verbatim)
    return cut_of(Scene(exchange=exchange, decoded=Decoded(kind=Kind.SYNCML)), side)


def test_wherever_a_log_breaks_off_it_may_be_cut() -> None:
    begin = BODY.index(b"<SyncHdr")
    found = {cut(BODY[:end], verbatim=False) for end in range(begin, len(BODY))}
    assert found == {Cut.MAYBE}


def test_a_whole_message_is_not_cut() -> None:
    assert cut(BODY, verbatim=False) is Cut.NO
    assert cut(BODY + b"\n\n", url="") is Cut.NO


def test_on_the_wire_nothing_is_cut() -> None:
    assert cut(BODY[:-9]) is Cut.NO
    assert cut(BODY[:-9], url="") is Cut.MAYBE


def test_what_is_no_xml_is_not_cut() -> None:
    assert cut(b"\x03\x00\x00", verbatim=False) is Cut.NO
