"""The whole life against the emulated server, in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mdmcore.enrollment.aetx import parse_aetx, serialize_aet, serialize_aetx
from mdmcore.http import Request, Response
from mdmcore.namespaces import SYNCML_XML_MEDIA_TYPE
from mdmcore.phone import EnrolledPhone, Refusal, download_hub, enroll, run, sync
from mdmcore.records import AuthScheme
from mdmcore.server import Hub, MdmServer
from mdmcore.syncml.wbxml import decode_wbxml
from mdmcore.syncml.xml import parse_syncml
from tests.phone.scripted import assert_refusal, settings
from tests.support.keys import load_key
from tests.support.server import FixedClock, counted_random, make_server
from tests.support.state import Rows, state_rows

PACKAGE = bytes(range(256)) * 1000


class Package:
    """The hub's file."""

    size = len(PACKAGE)
    etag = '"1"'
    media_type = "application/x-silverlight-app"

    def read(self, start: int, length: int) -> bytes:
        return PACKAGE[start : start + length]


def _hub() -> Hub:
    aetx = parse_aetx(serialize_aetx("4000000001", serialize_aet("4000000001")))
    return Hub(
        package=Package(),
        file_name="company.xap",
        product_id="{11111111-2222-3333-4444-555555555555}",
        enterprise_id=aetx.enterprise_id,
        enrollment_token=aetx.enrollment_token,
    )


@pytest.fixture(params=[AuthScheme.MD5, AuthScheme.BASIC])
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[MdmServer]:
    made, store = make_server(
        tmp_path,
        hub=_hub(),
        users=(("user@example.test", "pass & word"),),
        appsrv_scheme=request.param,
    )
    yield made
    store.close()


def _enrolled(server: MdmServer, **changes: object) -> EnrolledPhone:
    return run(
        enroll(
            settings(**changes),
            private_key=load_key("device"),
            random=counted_random("phone"),
            clock=FixedClock(),
        ),
        server.answer,
    )


@pytest.mark.parametrize("sends_cred_first", [True, False])
def test_a_phones_life(server: MdmServer, sends_cred_first: bool) -> None:
    phone = _enrolled(server, sends_cred_first=sends_cred_first)
    assert phone.management_certificate(FixedClock()()).found is not None
    random = counted_random("sessions")
    for _ in range(3):
        outcome = run(sync(phone, random=random, clock=FixedClock()), server.answer)
        assert outcome.is_client_authenticated
        assert outcome.is_server_authenticated
        assert outcome.executed
        assert {done.code for done in outcome.executed} == {200}
        assert outcome.messages == (2 if sends_cred_first else 3)
        phone = outcome.phone
    done = run(download_hub(phone, 100_000, clock=FixedClock()), server.answer)
    assert (done.total, done.sha256) == (len(PACKAGE), hashlib.sha256(PACKAGE).hexdigest())
    assert done.requests == 3


def test_a_phone_that_lost_its_state_gets_in_by_challenge(server: MdmServer) -> None:
    phone = _enrolled(server)
    random = counted_random("sessions")
    after = run(sync(phone, random=random), server.answer).phone
    stale = replace(after, nonce_c2s=b"stale", nonce_s2c=b"stale")
    outcome = run(sync(stale, random=random), server.answer)
    assert outcome.is_client_authenticated
    assert outcome.is_server_authenticated
    assert run(sync(outcome.phone, random=random), server.answer).messages == 2


def test_a_wrong_password_is_refused_at_the_policy_step(server: MdmServer) -> None:
    with pytest.raises(Refusal) as caught:
        _enrolled(server, password="wrong")
    assert_refusal(caught.value, "policy", "Subcode/Value", "Authentication")


def test_a_host_the_server_does_not_know(server: MdmServer) -> None:
    with pytest.raises(Refusal) as caught:
        _enrolled(server, email="user@elsewhere.test")
    assert_refusal(caught.value, "discovery", "status", "GET probe")


WBXML = "application/vnd.syncml.dm+wbxml"
FORM = {"last_request_digest", "last_response"}
"""Columns of a session that are about the bytes of its messages."""


def _managed(folder: Path, *, encoding: str | None, scheme: AuthScheme) -> dict[str, Rows]:
    """The store after an enrolment and three sessions, the second with nonces out of step."""
    folder.mkdir()
    server, store = make_server(folder, hub=_hub(), appsrv_scheme=scheme)
    asked: list[Request] = []

    def answered(request: Request) -> Response:
        asked.append(request)
        response = server.answer(request)
        assert response.media_type == request.media_type
        return response

    try:
        phone = _enrolled(server)
        phone = replace(phone, account=replace(phone.account, encoding=encoding))
        random = counted_random("sessions")
        for number in range(3):
            if number == 1:
                phone = replace(phone, nonce_c2s=b"stale", nonce_s2c=b"stale")
            phone = run(sync(phone, random=random, clock=FixedClock()), answered).phone
    finally:
        store.close()
    assert {request.media_type for request in asked} == {encoding or SYNCML_XML_MEDIA_TYPE}
    return state_rows(folder)


@pytest.mark.parametrize("scheme", [AuthScheme.MD5, AuthScheme.BASIC])
def test_wbxml_leaves_the_store_as_xml_does(tmp_path: Path, scheme: AuthScheme) -> None:
    by_xml = _managed(tmp_path / "xml", encoding=None, scheme=scheme)
    by_wbxml = _managed(tmp_path / "wbxml", encoding=WBXML, scheme=scheme)
    assert by_xml.keys() == by_wbxml.keys()
    assert by_xml["inventory"]
    for name, rows in by_xml.items():
        assert [without(row, FORM) for row in rows] == [
            without(row, FORM) for row in by_wbxml[name]
        ]
    for xml, wbxml in zip(by_xml["sessions"], by_wbxml["sessions"], strict=True):
        assert decode_wbxml(wbxml["last_response"]) == parse_syncml(xml["last_response"])
        assert wbxml["last_request_digest"] != xml["last_request_digest"]


def without(row: dict[str, object], names: set[str]) -> dict[str, object]:
    return {name: value for name, value in row.items() if name not in names}
