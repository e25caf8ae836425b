"""Renewals that are refused: when, who, and that each request is answered once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from mdmcore.http import Response
from mdmcore.records import AccountStatus, SessionState
from mdmcore.server import Limits, MdmServer
from mdmcore.server.certificates import reissue
from mdmcore.store import Database
from tests.server.conftest import ServerFactory
from tests.server.renewals import ALWAYS_OPEN, PHONE, WINDOWS_10, Device, enroll, renew
from tests.server.soap_answers import document, error_type, fault, sign_in
from tests.support import messages as m
from tests.support.server import NOW, FixedClock

BLANK = m.timestamp(m.username_token("demo@example.test", ""))
MANUAL = m.security("demo@example.test", "pw")
USERS = (("demo@example.test", "pw"), ("other@example.test", "word"))


@pytest.fixture
def server(server_factory: ServerFactory) -> MdmServer:
    return server_factory(**ALWAYS_OPEN)


@pytest.fixture
def device(server: MdmServer) -> Device:
    return enroll(server)


def certificates(folder: Path) -> int:
    with closing(Database(folder / "state.sqlite3")) as store:
        return len(store.certificates())


@pytest.mark.parametrize(
    ("days", "answer"),
    [(322, "the renewal period begins on 2027-10-12"), (323, None), (365, None), (366, "ended on")],
)
def test_only_in_the_renewal_period(
    server_factory: ServerFactory, days: int, answer: str | None
) -> None:
    clock = FixedClock()
    server = server_factory(clock=clock)
    device = enroll(server, context=WINDOWS_10)
    clock.advance(days=days)
    got = renew(server, device.pkcs7(), context=WINDOWS_10)
    if answer is None:
        assert got.status == 200
    else:
        assert fault(got)[:2] == (500, "Authorization")
        assert answer in fault(got)[2]
        assert error_type(got) == "NotEligibleToRenew"


def test_a_phone_is_not_told_what_it_cannot_read(server_factory: ServerFactory) -> None:
    server = server_factory()
    device = enroll(server, context=PHONE)
    got = renew(server, device.pkcs7(), context=PHONE)
    assert fault(got)[1] == "Authorization"
    assert ET.fromstring(got.body or b"").find(".//{*}Detail") is None


def test_in_maintenance_nobody_renews(server_factory: ServerFactory) -> None:
    device = enroll(server_factory(**ALWAYS_OPEN), context=WINDOWS_10)
    server = server_factory(limits=Limits(maintenance=True), seed="m", **ALWAYS_OPEN)
    got = renew(server, device.pkcs7(), context=WINDOWS_10)
    assert (fault(got)[1], error_type(got)) == ("EnrollmentServer", "InMaintenance")


@pytest.mark.parametrize(
    ("user", "password", "subcode"),
    [
        ("demo@example.test", "no-pw", "Authentication"),
        ("nobody@example.test", "pw", "Authentication"),
        ("other@example.test", "word", "Authorization"),
        ("Demo@Example.TEST", "pw", None),
    ],
)
def test_a_manual_renewal_is_the_users_who_enrolled(
    server_factory: ServerFactory, user: str, password: str, subcode: str | None
) -> None:
    server = server_factory(users=USERS, **ALWAYS_OPEN)
    device = enroll(server)
    got = renew(server, device.pkcs7(), m.security(user, password))
    if subcode is None:
        assert got.status == 200
    else:
        assert fault(got)[1] == subcode
        assert password not in fault(got)[2]


def test_the_connection_must_show_the_certificate_that_signed(
    server: MdmServer, device: Device
) -> None:
    other = enroll(server, "enterprise")
    for header in ("", MANUAL):
        got = renew(server, device.pkcs7(), header, client=other.certificate)
        assert fault(got)[1] == "Authentication"
    got = renew(server, device.pkcs7(), client=b"no certificate")
    assert fault(got)[1] == "Authentication"
    assert renew(server, device.pkcs7(), client=device.certificate).status == 200


def test_client_tls_can_be_required_of_silent_renewals(server_factory: ServerFactory) -> None:
    server = server_factory(require_client_tls=True, **ALWAYS_OPEN)
    device = enroll(server)
    for header in ("", m.timestamp(), BLANK):
        got = renew(server, device.pkcs7(), header)
        assert fault(got)[1] == "InvalidSecurity"
        assert "none, or one that could not be parsed" in fault(got)[2]
    renewed = device.with_certificate(renew(server, device.pkcs7(), client=device.certificate))
    assert renew(server, renewed.pkcs7("enterprise"), MANUAL).status == 200


def end(folder: Path, status: AccountStatus) -> None:
    """Let the only account end, as a DM session would."""
    with closing(Database(folder / "state.sqlite3")) as store:
        (account,) = store.unbound_accounts(1)
        session = SessionState(device_id="dev", session_id="1", updated=NOW)
        fields = {name: getattr(account, name) for name in account.__slots__}
        changed = fields | {"device_id": "dev", "status": status, "unenrolled": NOW}
        store.save_message(session, account=type(account)(**changed))


@pytest.mark.parametrize("status", [AccountStatus.UNENROLLED, AccountStatus.UNENROLLING])
def test_who_leaves_is_not_renewed(
    server: MdmServer, device: Device, tmp_path: Path, status: AccountStatus
) -> None:
    end(tmp_path, status)
    got = renew(server, device.pkcs7())
    assert fault(got)[:2] == (500, "Authorization")
    assert f"the device is {status}" in fault(got)[2]


def test_the_same_hardware_enrolled_anew_ends_the_old_certificate(server: MdmServer) -> None:
    context = (*WINDOWS_10, ("HWDevID", "ab12"))
    old = enroll(server, context=context)
    enroll(server, "enterprise", context=context)
    got = renew(server, old.pkcs7(), context=context)
    assert (fault(got)[1], error_type(got)) == ("Authorization", "NotEligibleToRenew")


def alter(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "state.sqlite3")) as connection:
        connection.execute(statement)
        connection.commit()


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE accounts SET ent_dmid = ''", "EntDMID"),
        ("DELETE FROM accounts", "not one of an enrolment here"),
        ("DELETE FROM certificates", "not one of an enrolment here"),
        ("UPDATE certificates SET der = X'3000'", "not one of an enrolment here"),
        ("UPDATE certificates SET revoked = '2026-11-22T00:00:00+00:00'", "revoked on 2026-11-22"),
    ],
)
def test_what_the_state_does_not_know_is_not_renewed(
    server: MdmServer, device: Device, tmp_path: Path, statement: str, reason: str
) -> None:
    alter(tmp_path, statement)
    got = renew(server, device.pkcs7())
    assert fault(got)[:2] == (500, "Authorization")
    assert reason in fault(got)[2]


@pytest.mark.parametrize(
    ("statement", "branch"),
    [
        ("UPDATE accounts SET profile = '', certificate_store = ''", "User"),
        ("UPDATE accounts SET certificate_store = 'My/System'", "System"),
    ],
)
def test_the_certificate_goes_where_the_one_before_is(
    server: MdmServer, device: Device, tmp_path: Path, statement: str, branch: str
) -> None:
    alter(tmp_path, statement)
    store = document(renew(server, device.pkcs7())).find(".//*[@type='My']/characteristic")
    assert store is not None
    assert store.get("type") == branch


@pytest.mark.parametrize(
    ("user", "expected"), [("demo@example.test", 200), ("other@example.test", 500)]
)
def test_a_token_of_the_sign_in_page_proves_the_user_of_a_renewal(
    server_factory: ServerFactory, user: str, expected: int
) -> None:
    server = server_factory(**ALWAYS_OPEN)
    device = enroll(server)
    header = m.user_token(sign_in(server, user))
    answer = renew(server, device.pkcs7(), header)
    assert answer.status == expected
    if expected == 500:
        assert fault(answer)[1] == "Authorization"
        return
    again = device.with_certificate(answer)
    assert "has been used" in fault(renew(server, again.pkcs7("enterprise"), header))[2]


def test_the_same_request_is_answered_once(
    server: MdmServer, device: Device, tmp_path: Path
) -> None:
    pkcs7 = device.pkcs7()
    assert renew(server, pkcs7).status == 200
    for layers in (1, 2):
        got = renew(server, pkcs7, layers=layers)
        assert fault(got)[1] == "CertificateRequest"
        assert "answered before" in fault(got)[2]
    assert certificates(tmp_path) == 2


@pytest.mark.parametrize("key", ["device", "device2"])
def test_a_key_gets_one_certificate(server: MdmServer, device: Device, key: str) -> None:
    assert renew(server, device.pkcs7("device2")).status == 200
    got = renew(server, device.pkcs7(key, digest="sha1"))
    assert fault(got)[1] == "CertificateRequest"
    assert "key has a certificate already" in fault(got)[2]


def test_a_refused_request_leaves_nothing_behind_and_may_come_again(
    server_factory: ServerFactory, tmp_path: Path
) -> None:
    clock = FixedClock()
    server = server_factory(clock=clock)
    device = enroll(server)
    pkcs7 = device.pkcs7()
    assert renew(server, pkcs7).status == 500
    assert certificates(tmp_path) == 1
    clock.advance(days=330)
    assert renew(server, pkcs7).status == 200


def test_the_certificate_is_stored_before_the_answer(
    server: MdmServer, device: Device, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[int] = []

    def look(*_: object, **__: object) -> bytes:
        stored.append(certificates(tmp_path))
        raise ZeroDivisionError

    monkeypatch.setattr("mdmcore.server.renewal.token_answer", look)
    with pytest.raises(ZeroDivisionError):
        renew(server, device.pkcs7())
    assert stored == [2]


def test_of_two_at_once_both_are_served_or_told(
    server: MdmServer, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another request of the device comes in while this one is being answered."""
    second: list[Response] = []

    def interrupted(*args: object, **options: object) -> object:
        if not second:
            second.append(Response(status=0))
            renewed = device.with_certificate(renew(server, device.pkcs7("enterprise")))
            inner = Device(certificate=renewed.certificate, key="enterprise")
            second[0] = renew(server, inner.pkcs7("authority"))
        make: Callable[..., object] = reissue
        return make(*args, **options)

    monkeypatch.setattr("mdmcore.server.renewal.reissue", interrupted)
    got = renew(server, device.pkcs7("device2"))
    assert second[0].status == 200
    assert "was faster" in fault(got)[2]
