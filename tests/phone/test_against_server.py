"""The whole life against the emulated server, in memory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from mdmcore.enrollment.aetx import parse_aetx, serialize_aet, serialize_aetx
from mdmcore.enrollment.provisioning_model import ApplicationParms
from mdmcore.http import Request, Response
from mdmcore.namespaces import SYNCML_XML_MEDIA_TYPE
from mdmcore.phone import EnrolledPhone, Refusal, download_hub, enroll, run, sync, unenroll
from mdmcore.phone.refusal import NoAnswer
from mdmcore.records import AuthScheme
from mdmcore.server import Hub, MdmServer
from mdmcore.server.settings import ProvisioningSettings
from mdmcore.syncml.wbxml import decode_wbxml
from mdmcore.syncml.xml import parse_syncml
from tests.phone.generations import phone_of
from tests.phone.scripted import assert_refusal
from tests.server.session.conftest import atomic, get
from tests.server.session.conftest import replace as replaced
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


def _enrolled(server: MdmServer, profile: str = "wp8", **changes: object) -> EnrolledPhone:
    return run(
        enroll(
            phone_of(profile, **changes),
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
        phone_of("wp8", accepts_redirect=True),
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


# --- the other generations ----------------------------------------------------------------------

USERS = (("user@example.test", "pass & word"),)
WAYS = [
    ("wp81", "OnPremise"),
    ("wp81", "Federated"),
    ("win81", "Federated"),
    ("win10", "OnPremise"),
    ("win10", "Federated"),
]


@contextmanager
def _server(folder: Path, profile: str, policy: str) -> Iterator[MdmServer]:
    """A server for that generation; a Windows 8.1 PC does not say what it is at discovery."""
    made, store = make_server(folder, users=USERS, profile=profile, auth_policies=(policy,))
    try:
        yield made
    finally:
        store.close()


@pytest.mark.parametrize(("profile", "policy"), WAYS)
def test_each_generation_enrols_and_holds_its_sessions(
    tmp_path: Path, profile: str, policy: str
) -> None:
    with _server(tmp_path, profile, policy) as server:
        phone = _enrolled(server, profile)
        assert phone.auth_policy == policy
        assert phone.management_certificate(FixedClock()()).found is not None
        random = counted_random("sessions")
        for _ in range(2):
            outcome = run(sync(phone, random=random, clock=FixedClock()), server.answer)
            assert outcome.is_client_authenticated
            assert outcome.is_server_authenticated
            phone = outcome.phone


@pytest.mark.parametrize("profile", ["wp81", "win81", "win10"])
def test_a_wrong_password_gets_no_token(tmp_path: Path, profile: str) -> None:
    with _server(tmp_path, profile, "Federated") as server:
        with pytest.raises(Refusal) as caught:
            _enrolled(server, profile, password="wrong")
        assert_refusal(caught.value, "sign-in", "password", "once more")


def test_windows_phone_8_cannot_sign_in_on_pages(tmp_path: Path) -> None:
    with _server(tmp_path, "wp8", "Federated") as server:
        with pytest.raises(Refusal) as caught:
            _enrolled(server)
        assert_refusal(caught.value, "discovery", "Subcode/Value", "Authorization")


def test_a_token_buys_one_certificate(tmp_path: Path) -> None:
    """The same header, sent again, is refused at the step that spends it."""
    with _server(tmp_path, "win10", "Federated") as server:
        seen: list[Request] = []

        def answer(request: Request) -> Response:
            seen.append(request)
            return server.answer(request)

        run(
            enroll(
                phone_of("win10"),
                private_key=load_key("device"),
                random=counted_random("phone"),
                clock=FixedClock(),
            ),
            answer,
        )
        assert server.answer(seen[-1]).status == 500


@pytest.mark.parametrize("profile", ["wp81", "win10"])
def test_a_user_who_leaves_says_so(tmp_path: Path, profile: str) -> None:
    with _server(tmp_path, profile, "OnPremise") as server:
        phone = _enrolled(server, profile)
        answers: list[Response] = []

        def answer(request: Request) -> Response:
            answers.append(server.answer(request))
            return answers[-1]

        gone = run(unenroll(phone, random=counted_random("leaving")), answer)
        assert gone.is_unenrolled
        assert [response.status for response in answers] == [200]
        assert b"<Data>212</Data>" in (answers[0].body or b"")


# --- WBXML ----------------------------------------------------------------------------------------

WBXML = "application/vnd.syncml.dm+wbxml"
FORM = {"last_request_digest", "last_response"}
"""Columns of a session that are about the bytes of its messages."""


LARGE = "./Vendor/MSFT/DMClient/Provider/MDMProxy/EntDMID"
VALUE = "0123456789abcdef" * 40_000
"""More than a PC takes in one message (MaxMsgSize of its profile)."""
JOBS = (
    get("./DevInfo/Man", "./DevDetail/SwV"),
    atomic(get("./DevInfo/Man"), replaced(f"{LARGE}/None", "1")),
    replaced(LARGE, VALUE) + get(LARGE),
)


def _managed(
    folder: Path, *, encoding: str, scheme: AuthScheme, profile: str = "wp8"
) -> dict[str, Rows]:
    """The store after an enrolment that orders the encoding, and three sessions: with jobs, with
    nonces out of step, and one more."""
    folder.mkdir()
    ordered = ProvisioningSettings(application=ApplicationParms(default_encoding=encoding))
    server, store = make_server(
        folder,
        hub=_hub(),
        appsrv_scheme=scheme,
        provisioning=ordered,
        profile=profile,
        auth_policies=("OnPremise",),
    )
    asked: list[Request] = []

    def answered(request: Request) -> Response:
        asked.append(request)
        response = server.answer(request)
        assert response.media_type == request.media_type
        return response

    try:
        phone = _enrolled(server, profile)
        (device,) = store.devices()
        for commands in JOBS:
            body = f'<SyncBody xmlns="SYNCML:SYNCML1.2">{commands}</SyncBody>'
            store.queue_job(device.account, "send", FixedClock()(), commands=body)
        random = counted_random("sessions")
        for number in range(3):
            if number == 1:
                phone = replace(phone, nonce_c2s=b"stale", nonce_s2c=b"stale")
            phone = run(sync(phone, random=random, clock=FixedClock()), answered).phone
    finally:
        store.close()
    assert {request.media_type for request in asked} == {encoding}
    return state_rows(folder)


@pytest.mark.parametrize("profile", ["wp8", "win10"])
@pytest.mark.parametrize("scheme", list(AuthScheme))
def test_wbxml_leaves_the_store_as_xml_does(
    tmp_path: Path, scheme: AuthScheme, profile: str
) -> None:
    by_xml, by_wbxml = (
        _managed(tmp_path / str(number), encoding=encoding, scheme=scheme, profile=profile)
        for number, encoding in enumerate((SYNCML_XML_MEDIA_TYPE, WBXML))
    )
    assert by_xml.keys() == by_wbxml.keys()
    assert by_xml["inventory"]
    assert [row["state"] for row in by_xml["queue"]][:2] == ["done", "failed"]
    if profile == "win10":
        (read,) = (row for row in by_xml["job_results"] if (row["job"], row["position"]) == (3, 1))
        assert read["value"] == VALUE
    for name, rows in by_xml.items():
        assert [without(row, FORM) for row in rows] == [
            without(row, FORM) for row in by_wbxml[name]
        ]
    for xml, wbxml in zip(by_xml["sessions"], by_wbxml["sessions"], strict=True):
        assert decode_wbxml(wbxml["last_response"]) == parse_syncml(xml["last_response"])
        assert wbxml["last_request_digest"] != xml["last_request_digest"]


def without(row: dict[str, object], names: set[str]) -> dict[str, object]:
    """The row without these columns, and without an HMAC over the last answer."""
    kept = {name: value for name, value in row.items() if name not in names}
    if "work" in kept:
        kept["work"] = json.loads(str(kept["work"])) | {"mac_header": ""}
    return kept
