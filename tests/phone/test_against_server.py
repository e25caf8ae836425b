"""The whole life against the emulated server, in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mdmcore.enrollment.aetx import parse_aetx, serialize_aet, serialize_aetx
from mdmcore.http import Request, Response
from mdmcore.phone import EnrolledPhone, Refusal, download_hub, enroll, run, sync
from mdmcore.phone.refusal import NoAnswer
from mdmcore.records import AuthScheme
from mdmcore.server import Hub, MdmServer
from tests.phone.scripted import assert_refusal, settings
from tests.support.keys import load_key
from tests.support.server import FixedClock, counted_random, make_server

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


def test_discovery_is_found_by_the_redirect_over_http(server: MdmServer) -> None:
    urls: list[str] = []

    def tls_fails_once(request: Request) -> Response:
        urls.append(request.url)
        if len(urls) == 1:
            raise NoAnswer("certificate verify failed")
        return server.answer(request)

    phone = enroll(
        settings(accepts_redirect=True),
        private_key=load_key("device"),
        random=counted_random("phone"),
        clock=FixedClock(),
    )
    enrolled = run(phone, tls_fails_once)
    assert enrolled.management_certificate(FixedClock()()).found is not None
    assert [url.partition(":")[0] for url in urls[:4]] == ["https", "http", "https", "https"]
    assert all(url.startswith("https:") for url in urls[4:])


def test_the_hub_is_not_given_away_in_the_clear(server: MdmServer) -> None:
    path = "/CompanyHub/company.xap"
    secure = Request(method="GET", url=f"https://mdm.example.test{path}")
    assert server.is_hub_request(secure)
    plain = Request(method="GET", url=f"http://mdm.example.test{path}")
    assert not server.is_hub_request(plain)
    assert server.answer(plain).status == 403
