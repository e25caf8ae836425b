"""A session over WBXML and one over XML leave the same behind: jobs, objects in chunks, HMAC."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import pytest

from mdmcore.http import Headers, Request
from mdmcore.records import AuthScheme, QueueState
from mdmcore.syncml.wbxml import WbxmlHeader, decode_wbxml, element_document, encode_document
from mdmcore.syncml.wbxml.bounds import MAX_WBXML_BYTES
from mdmcore.syncml.xml import parse_syncml, serialize_syncml
from mdmcore.xml import parse_strict
from tests.server.dm_device import next_nonce, statuses
from tests.server.session.conftest import Bench, atomic, get, replace
from tests.server.session.test_proofs import URL, WBXML, XML, mac
from tests.support import messages as m
from tests.support.dm_talker import work
from tests.support.state import Rows, state_rows

A, B, LARGE = (f"./Vendor/MSFT/A/{name}" for name in ("One", "Two", "Large"))
VALUE = "0123456789abcde\u00e4" * 470
LIMIT = 6000
"""The value takes two chunks in either form."""
FORM = {"last_request_digest", "last_response"}
"""Columns of a session that are about the bytes of its messages."""


def encoded(xml: bytes) -> bytes:
    return encode_document(element_document(parse_strict(xml), header=WbxmlHeader()))


class Wire:
    """Sends XML, or the same as WBXML, with an HMAC where one is wanted."""

    def __init__(
        self, bench: Bench, *, is_wbxml: bool, proves: bool = False, limit: int = LIMIT
    ) -> None:
        self.bench, self.is_wbxml, self.proves, self.limit = bench, is_wbxml, proves, limit
        self.nonce = bench.account.nonce
        self.messages = 0

    def __call__(self, message: bytes) -> bytes:
        account = self.bench.account
        body = encoded(message) if self.is_wbxml else message
        kind = WBXML if self.is_wbxml else XML
        fields = [("Content-Type", kind)]
        if self.proves:
            fields.append(("x-syncml-hmac", mac(account.name, account.secret, self.nonce, body)))
        request = Request(method="POST", url=URL, headers=Headers(fields), body=body)
        answer = self.bench.server.answer(request)
        assert answer.status == 200, answer.body
        assert answer.media_type == kind
        data = answer.body or b""
        assert len(data) <= self.limit
        self.messages += 1
        xml = serialize_syncml(decode_wbxml(data)) if self.is_wbxml else data
        read = ET.fromstring(xml)
        assert statuses(read)[0][3] in {"200", "212"}
        if self.proves:
            self.nonce = next_nonce(read)
        return xml


def managed(folder: Path, *, is_wbxml: bool, scheme: AuthScheme) -> dict[str, Rows]:
    """The state after two sessions with every kind of job."""
    folder.mkdir()
    bench = Bench(folder, "win10", appsrv_scheme=scheme)
    with closing(bench):
        bench.queue(atomic(replace(A, "1"), replace(B, "&lt;x/&gt;")))
        bench.queue(replace(LARGE, VALUE, type="text/plain"))
        bench.queue(get(A) + get(f"{A}?list=StructData"))
        bench.queue(replace(B, "AAECAw==", format="b64") + get(B))
        talker = bench.talker(max_message=LIMIT, codes={A: "404"}, values={B: "\u20ac & <"})
        talker.is_wbxml = is_wbxml
        wire = Wire(bench, is_wbxml=is_wbxml, proves=scheme is AuthScheme.HMAC)
        if wire.proves:
            bench.account.cred = lambda nonce=None: ""  # type: ignore[method-assign]
        for session in ("1A", "1B"):
            talker.session_id = session
            talker.session(wire)
        assert talker.written[LARGE] == VALUE
        bench.restart()
        assert bench.store.inventory(m.DEVICE_ID)[B] == "\u20ac & <"
    return state_rows(folder)


@pytest.mark.parametrize("scheme", [AuthScheme.MD5, AuthScheme.HMAC])
def test_wbxml_leaves_the_store_as_xml_does(tmp_path: Path, scheme: AuthScheme) -> None:
    by_xml = managed(tmp_path / "xml", is_wbxml=False, scheme=scheme)
    by_wbxml = managed(tmp_path / "wbxml", is_wbxml=True, scheme=scheme)
    assert by_xml.keys() == by_wbxml.keys()
    assert len(by_xml["job_results"]) >= 8
    assert {row["state"] for row in by_xml["queue"]} == {"done", "failed"}
    for name, rows in by_xml.items():
        assert without(rows, FORM) == without(by_wbxml[name], FORM), name
    for xml, wbxml in zip(by_xml["sessions"], by_wbxml["sessions"], strict=True):
        assert decode_wbxml(wbxml["last_response"]) == parse_syncml(xml["last_response"])


def without(rows: Rows, names: set[str]) -> list[dict[str, Any]]:
    """The rows without these columns, and without the HMAC over the last answer."""
    kept = [{name: row[name] for name in row if name not in names} for row in rows]
    for row in kept:
        if "work" in row:
            row["work"] = json.loads(row["work"]) | {"mac_header": ""}
    return kept


def test_the_answers_end_the_same_way(tmp_path: Path) -> None:
    """Not only what is kept: what the device is told is the same, message by message."""
    told = []
    for is_wbxml in (False, True):
        folder = tmp_path / str(is_wbxml)
        folder.mkdir()
        with closing(Bench(folder, "win10")) as bench:
            bench.queue(atomic(replace(A, "1"), replace(B, "2")) + get(A))
            wire = Wire(bench, is_wbxml=is_wbxml)
            got = bench.talker().session(wire)
            told.append([ET.tostring(answer) for answer in got])
            assert not work(got[-1])
    assert told[0] == told[1]


@pytest.mark.parametrize("limit", [900, 1100, 1500, 2500, 4000])
@pytest.mark.parametrize("text", ["\u20ac<&>", "abc ", "\u00e4"])
def test_no_wbxml_message_is_larger_than_the_device_takes(
    desktop: Bench, limit: int, text: str
) -> None:
    value = text * 700
    desktop.queue("".join(replace(f"{A}/{n}", "x" * n) for n in range(60)))
    desktop.queue(replace(LARGE, escape(value)))
    talker = desktop.talker(max_message=limit)
    talker.is_wbxml = True
    wire = Wire(desktop, is_wbxml=True, limit=limit)
    talker.session(wire)
    assert talker.written[LARGE] == value
    assert [talker.written[f"{A}/{n}"] for n in range(60)] == ["x" * n for n in range(60)]
    assert set(desktop.states().values()) == {"done"}
    assert wire.messages >= 5


@pytest.mark.parametrize("limit", [None, LIMIT])
def test_what_no_message_can_hold_fails_and_blocks_nothing(
    tmp_path: Path, limit: int | None
) -> None:
    bench = Bench(tmp_path, "wp8")
    with closing(bench):
        large = bench.queue(replace(LARGE, "x" * (MAX_WBXML_BYTES + 1)))
        small = bench.queue(replace(A, "1"))
        talker = bench.talker() if limit is None else bench.talker(max_message=limit)
        talker.is_wbxml = True
        talker.session(Wire(bench, is_wbxml=True, limit=MAX_WBXML_BYTES))
        assert bench.job(large).state is QueueState.FAILED
        assert LARGE in bench.job(large).outcome
        assert bench.job(small).state is QueueState.DONE
