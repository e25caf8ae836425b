"""Tokens that get no certificate: each failure is its own fault, and openssl judges the same."""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdmcore.pki import renewal
from mdmcore.pki.asn1.der import OCTET_STRING, SEQUENCE, SET, encode_oid, encode_tlv
from mdmcore.pki.authority import certificate_pem
from mdmcore.pki.cms import CONTENT_TYPE, MESSAGE_DIGEST
from mdmcore.pki.renewal import build_renewal_request
from mdmcore.server import MdmServer
from tests.server.conftest import ServerFactory
from tests.server.renewals import ALWAYS_OPEN, PHONE, WINDOWS_10, Device, enroll, renew
from tests.server.soap_answers import error_type, fault
from tests.support.certificates import forge_certificate
from tests.support.certification_requests import build_request
from tests.support.keys import key_path, load_key, spki
from tests.support.openssl import cms_verifies, openssl
from tests.support.server import NOW, FixedClock, make_authority

CSR = build_request(key="device2")
type Forger = Callable[[Device, Path, pytest.MonkeyPatch], bytes]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def server(server_factory: ServerFactory, clock: FixedClock) -> MdmServer:
    return server_factory(clock=clock, **ALWAYS_OPEN)


def good(device: Device, *_: object) -> bytes:
    return device.pkcs7()


def sha_1(device: Device, *_: object) -> bytes:
    return device.pkcs7(digest="sha1")


def by_openssl(
    device: Device, folder: Path, *_: object, options: tuple[str, ...] = ("-nodetach",)
) -> bytes:
    """As a foreign implementation makes it."""
    (folder / "leaf.pem").write_bytes(certificate_pem(device.certificate))
    (folder / "csr").write_bytes(CSR)
    done = openssl(
        *("cms", "-sign", "-binary", "-outform", "DER", "-in", str(folder / "csr")),
        *("-signer", str(folder / "leaf.pem"), "-inkey", str(key_path(device.key)), *options),
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def forged_signature(device: Device, *_: object) -> bytes:
    der = device.pkcs7()
    return der[:-1] + bytes([der[-1] ^ 1])


def tampered_content(device: Device, *_: object) -> bytes:
    der = device.pkcs7()
    other = build_request(key="enterprise")
    assert len(other) == len(CSR)
    return der.replace(CSR, other)


def another_key(device: Device, *_: object) -> bytes:
    """The device's certificate, signed by somebody who has only that."""
    return build_renewal_request(
        CSR, certificate=device.certificate, private_key=load_key("enterprise")
    )


def without_content_type(device: Device, _: Path, patch: pytest.MonkeyPatch) -> bytes:
    def only_digest(digest: bytes) -> bytes:
        value = encode_tlv(SET, encode_tlv(OCTET_STRING, digest))
        return encode_tlv(SEQUENCE, encode_oid(MESSAGE_DIGEST), value)

    patch.setattr(renewal, "_attributes", only_digest)
    return device.pkcs7()


def without_digest(device: Device, _: Path, patch: pytest.MonkeyPatch) -> bytes:
    def only_type(_: bytes) -> bytes:
        value = encode_tlv(SET, encode_oid("1.2.840.113549.1.7.1"))
        return encode_tlv(SEQUENCE, encode_oid(CONTENT_TYPE), value)

    patch.setattr(renewal, "_attributes", only_type)
    return device.pkcs7()


def foreign_ca(device: Device, *_: object) -> bytes:
    """A CA of the same name, but another key."""
    forged = forge_certificate(spki("device"), authority=make_authority(key="enterprise"), now=NOW)
    return Device(certificate=forged).pkcs7()


def never_issued(device: Device, *_: object) -> bytes:
    """Made with the CA's key, but not by this server."""
    forged = forge_certificate(spki("device"), authority=make_authority(), now=NOW)
    return Device(certificate=forged).pkcs7()


def expired(device: Device, *_: object) -> bytes:
    forged = forge_certificate(
        spki("device"), authority=make_authority(), now=NOW - timedelta(days=366)
    )
    return Device(certificate=forged).pkcs7()


def not_yet_valid(device: Device, *_: object) -> bytes:
    forged = forge_certificate(
        spki("device"), authority=make_authority(), now=NOW + timedelta(days=1)
    )
    return Device(certificate=forged).pkcs7()


def unsigned(device: Device, folder: Path, *_: object) -> bytes:
    """Certificates only, as a CA hands them out."""
    (folder / "leaf.pem").write_bytes(certificate_pem(device.certificate))
    done = openssl(
        *("crl2pkcs7", "-nocrl", "-outform", "DER", "-certfile", str(folder / "leaf.pem"))
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def detached(device: Device, folder: Path, *_: object) -> bytes:
    return by_openssl(device, folder, options=())


def other_content(device: Device, folder: Path, *_: object) -> bytes:
    """The very CSR, but said to be something else."""
    return by_openssl(device, folder, options=("-nodetach", "-econtent_type", "1.2.3.4"))


def without_certificate(device: Device, folder: Path, *_: object) -> bytes:
    return by_openssl(device, folder, options=("-nodetach", "-nocerts"))


def csr_of_garbage(device: Device, *_: object) -> bytes:
    return build_renewal_request(
        b"no request", certificate=device.certificate, private_key=load_key(device.key)
    )


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
