"""Tokens that get no certificate: each failure is its own fault, and openssl judges the same."""

from __future__ import annotations

import base64
import sqlite3
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdmcore.pki.authority import certificate_pem
from mdmcore.server import MdmServer
from tests.server.conftest import ServerFactory
from tests.server.forged_renewals import (
    CSR,
    Forger,
    another_key,
    by_openssl,
    csr_of_garbage,
    detached,
    expired,
    foreign_ca,
    forged_signature,
    good,
    never_issued,
    not_yet_valid,
    other_content,
    sha_1,
    tampered_content,
    unsigned,
    without_certificate,
    without_content_type,
    without_digest,
)
from tests.server.renewals import ALWAYS_OPEN, PHONE, WINDOWS_10, enroll, renew
from tests.server.soap_answers import error_type, fault
from tests.support.keys import key_path
from tests.support.openssl import cms_verifies
from tests.support.server import NOW, FixedClock, make_authority


@pytest.fixture
def server(server_factory: ServerFactory, clock: FixedClock) -> MdmServer:
    return server_factory(clock=clock, **ALWAYS_OPEN)


REQUEST, AUTHORIZATION = "CertificateRequest", "Authorization"
NOT_ELIGIBLE = "NotEligibleToRenew"


@pytest.mark.parametrize(
    ("forger", "openssl_believes", "expected"),
    [
        (good, True, None),
        (sha_1, True, None),
        (by_openssl, True, None),
        (forged_signature, False, (REQUEST, "", "PKCS#7: the signature")),
        (tampered_content, False, (REQUEST, "", "the content is not what was signed")),
        (another_key, False, (REQUEST, "", "PKCS#7: the signature")),
        (without_content_type, False, (REQUEST, "", "contentType is missing")),
        (without_digest, False, (REQUEST, "", "messageDigest is missing")),
        (foreign_ca, False, (AUTHORIZATION, NOT_ELIGIBLE, "is not the CA of this enrolment")),
        (expired, False, (AUTHORIZATION, NOT_ELIGIBLE, "ended on 2026-11-22")),
        (not_yet_valid, False, (AUTHORIZATION, NOT_ELIGIBLE, "begins on 2026-11-24")),
        # openssl knows signatures, not who enrolled, nor what is asked for
        (never_issued, True, (AUTHORIZATION, NOT_ELIGIBLE, "not one of an enrolment here")),
        (csr_of_garbage, True, (REQUEST, "", "the CSR cannot be read")),
        (unsigned, False, (REQUEST, "", "no PKCS#10 as its content")),
        (detached, False, (REQUEST, "", "no PKCS#10 as its content")),
        (other_content, True, (REQUEST, "", "no PKCS#10 as its content")),
        (without_certificate, False, (REQUEST, "", "certificate is not in the message")),
    ],
)
def test_each_failure_is_told_and_openssl_judges_the_same(
    server: MdmServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    forger: Forger,
    openssl_believes: bool,
    expected: tuple[str, str, str] | None,
) -> None:
    device = enroll(server, context=WINDOWS_10)
    pkcs7 = forger(device, tmp_path, monkeypatch)
    root = certificate_pem(make_authority().certificate)
    assert cms_verifies(pkcs7, tmp_path, root=root, at=NOW) == openssl_believes
    answer = renew(server, pkcs7, context=WINDOWS_10)
    if expected is None:
        assert answer.status == 200, fault(answer)
        return
    subcode, detail, reason = expected
    assert fault(answer)[:2] == (500, subcode)
    assert reason in fault(answer)[2]
    assert error_type(answer) == detail
    assert certificates(tmp_path) == 1


def certificates(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "state.sqlite3")) as connection:
        return int(connection.execute("SELECT COUNT(*) FROM certificates").fetchone()[0])


def test_an_expired_certificate_of_an_enrolled_device(
    server: MdmServer, clock: FixedClock, tmp_path: Path
) -> None:
    device = enroll(server, context=WINDOWS_10)
    pkcs7 = device.pkcs7()
    clock.advance(days=365, seconds=1)
    root = certificate_pem(make_authority().certificate)
    assert not cms_verifies(pkcs7, tmp_path, root=root, at=clock())
    answer = renew(server, pkcs7, context=WINDOWS_10)
    assert (fault(answer)[1], error_type(answer)) == (AUTHORIZATION, NOT_ELIGIBLE)
    assert "ended on 2027-11-23" in fault(answer)[2]


def test_a_phone_gets_the_same_without_the_detail(server: MdmServer) -> None:
    device = enroll(server, context=PHONE)
    answer = renew(server, foreign_ca(device), context=PHONE)
    assert fault(answer)[1] == AUTHORIZATION
    assert error_type(answer) == ""


def test_two_signers_are_one_too_many(server: MdmServer, tmp_path: Path) -> None:
    device = enroll(server)
    other = enroll(server, "enterprise")
    (tmp_path / "other.pem").write_bytes(certificate_pem(other.certificate))
    key = str(key_path("enterprise"))
    more = ("-nodetach", "-signer", str(tmp_path / "other.pem"), "-inkey", key)
    answer = renew(server, by_openssl(device, tmp_path, options=more))
    assert fault(answer)[1] == REQUEST
    assert "2 signers" in fault(answer)[2]


def faulty(server: MdmServer, token: bytes | str, **request: object) -> tuple[str, str]:
    answer = renew(server, token, **request)  # type: ignore[arg-type]
    assert answer.status == 500
    root = ET.fromstring(answer.body or b"")
    soap = "{http://www.w3.org/2003/05/soap-envelope}"
    assert root.tag == f"{soap}Envelope"
    assert root.findtext(f"{soap}Body/{soap}Fault/{soap}Code/{soap}Value") == "s:Receiver"
    return fault(answer)[1:]


@pytest.mark.parametrize(
    ("token", "subcode", "reason"),
    [
        ("", "MessageFormat", "is empty"),
        ("this is not base64!", "MessageFormat", "is not base64"),
        ("AAAA", REQUEST, "the PKCS#7 cannot be read"),
        (base64.b64encode(CSR).decode(), REQUEST, "the PKCS#7 cannot be read"),
        ("A" * (400 * 1024), REQUEST, "is not read"),
    ],
    ids=["empty", "no base64", "no DER", "a PKCS#10", "huge"],
)
def test_what_is_no_pkcs7_is_told(server: MdmServer, token: str, subcode: str, reason: str) -> None:
    found, text = faulty(server, token)
    assert found == subcode
    assert reason in text


def test_three_layers_of_base64_are_too_many(server: MdmServer) -> None:
    device = enroll(server)
    subcode, reason = faulty(server, device.pkcs7(), layers=3)
    assert subcode == REQUEST
    assert "behind 2 layers of base64" in reason


@pytest.mark.parametrize(
    ("request_type", "value_type", "reason"),
    [
        ("Renew", "http://schemas.microsoft.com/windows/pki/2009/01/enrollment#PKCS10", "#PKCS7"),
        ("Renew", "", "is not #PKCS7"),
        ("Renew", "urn:x#PKCS7", "is not #PKCS7"),
        ("Validate", "http://schemas.microsoft.com/windows/pki/2009/01/enrollment#PKCS7", "served"),
    ],
)
def test_types_that_do_not_fit_are_refused(
    server: MdmServer, request_type: str, value_type: str, reason: str
) -> None:
    device = enroll(server)
    subcode, text = faulty(server, device.pkcs7(), request_type=request_type, value_type=value_type)
    assert subcode == REQUEST
    assert reason in text


def test_every_truncation_is_refused(server: MdmServer) -> None:
    pkcs7 = enroll(server).pkcs7()
    for length in range(1, len(pkcs7), 41):
        assert faulty(server, pkcs7[:length])[0] == REQUEST
    assert renew(server, pkcs7).status == 200


def test_no_damaged_bit_is_believed(server: MdmServer) -> None:
    device = enroll(server)
    pkcs7 = device.pkcs7()
    csr, leaf = pkcs7.index(CSR), pkcs7.index(device.certificate)
    counts = [
        *range(csr, csr + len(CSR)),
        *range(leaf, leaf + len(device.certificate)),
        *range(len(pkcs7) - 256, len(pkcs7)),
    ]

    @settings(max_examples=20)
    @given(at=st.sampled_from(counts), bit=st.integers(0, 7))
    def damaged(at: int, bit: int) -> None:
        changed = bytearray(pkcs7)
        changed[at] ^= 1 << bit
        assert faulty(server, bytes(changed))[0] in {REQUEST, AUTHORIZATION}

    damaged()
    assert renew(server, pkcs7).status == 200


def test_any_token_is_answered(server: MdmServer) -> None:
    @settings(max_examples=50)
    @given(token=st.binary(max_size=200) | st.text(alphabet="AQgw+/= \n", max_size=200))
    def some(token: bytes | str) -> None:
        assert faulty(server, token)[0] in {REQUEST, "MessageFormat"}

    some()
