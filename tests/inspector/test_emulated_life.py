"""Our own server and our own phone, told to the inspector: a life without a finding."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from mdmcore.http import Exchange, Request, Response
from mdmcore.inspector import Inspector
from mdmcore.namespaces import SYNCML_WBXML_MEDIA_TYPE, SYNCML_XML_MEDIA_TYPE
from mdmcore.phone.drive import run
from mdmcore.phone.enrollment import enroll
from mdmcore.phone.management import sync
from mdmcore.phone.settings import PhoneSettings
from mdmcore.records import AuthScheme
from mdmcore.rules.life import Outcome
from tests.support.keys import load_key
from tests.support.server import FixedClock, counted_random, make_server


@pytest.mark.parametrize("encoding", [SYNCML_XML_MEDIA_TYPE, SYNCML_WBXML_MEDIA_TYPE])
@pytest.mark.parametrize(
    ("scheme", "sends_cred_first"),
    [(AuthScheme.MD5, True), (AuthScheme.MD5, False), (AuthScheme.BASIC, True)],
)
def test_three_sessions_of_our_phone_with_our_server(
    tmp_path: Path, scheme: AuthScheme, sends_cred_first: bool, encoding: str
) -> None:
    clock = FixedClock()
    server, store = make_server(tmp_path, clock=clock, appsrv_scheme=scheme)
    inspector = Inspector()
    lines: list[str] = []
    sent: list[str] = []

    def answer(request: Request) -> Response:
        response = server.answer(request)
        sent.append(request.media_type)
        number = len(lines) + 1
        exchange = Exchange(
            id=f"c:{number}",
            index=number,
            capture="c",
            request=request,
            response=response,
            started=clock(),
            peer="192.0.2.1",
        )
        lines.append(inspector.inspect(exchange).summary)
        return response

    settings = PhoneSettings(
        email="anna@example.test",
        username="anna",
        password="pw",
        device_id="urn:uuid:00000000-0000-4000-8000-000000000001",
        sends_cred_first=sends_cred_first,
    )
    random = counted_random("phone")
    with closing(store):
        key = load_key("device")
        phone = run(enroll(settings, private_key=key, random=random, clock=clock), answer)
        phone = replace(phone, account=replace(phone.account, encoding=encoding))
        for _ in range(3):
            phone = run(sync(phone, random=random), answer).phone
    assert [finding.message for finding in inspector.findings()] == []
    assert sent[-1] == encoding
    (life,) = inspector.lives()
    assert (life.outcome, life.exchanges) == (Outcome.COMPLETE, len(lines))
    assert life.device["email"] == "anna@example.test"
