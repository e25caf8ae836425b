"""Device certificates of the server: subject by template, serials, refusals, judged by openssl."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from mdmcore.errors import AlreadyRecorded
from mdmcore.pki.authority import certificate_pem
from mdmcore.pki.certificate import parse_certificate
from mdmcore.pki.csr import parse_pkcs10
from mdmcore.pki.request import build_phone_csr, generate_key
from mdmcore.pki.subject import parse_subject_template
from mdmcore.server.certificate_policy import check_key
from mdmcore.server.certificates import Applicant, issue_for, new_applicant, reissue, until_recorded
from mdmcore.server.refusal import Refusal
from mdmcore.server.settings import ServerSettings
from tests.support.certification_requests import build_request
from tests.support.openssl import openssl_output
from tests.support.server import NOW, counted_random, make_authority

APPLICANT = Applicant(
    guid="3F2504E0-4F89-41D3-9A0C-0305E82C3301", username="anna", device_type="Phone"
)


def issue(
    template: str = "CN={guid}", applicant: Applicant = APPLICANT, **changes: object
) -> bytes:
    settings = ServerSettings(
        domains=("example.test",),
        subject=parse_subject_template(template),
        **changes,  # type: ignore[arg-type]
    )
    return issue_for(
        applicant,
        parse_pkcs10(build_request()),
        settings,
        authority=make_authority(),
        now=NOW,
        random=counted_random(),
    ).der


def test_openssl_reads_subject_serial_and_purposes() -> None:
    der = issue("CN={guid},OU={device_type},O={username} {serial}")
    text = openssl_output("x509", "-inform", "DER", "-noout", "-text", "-serial", data=der).decode()
    serial = re.search(r"^serial=([0-9A-F]+)$", text, re.MULTILINE)
    assert serial is not None
    wanted = f"Subject: CN = {APPLICANT.guid}, OU = Phone, O = anna {serial[1].lstrip('0')}"
    assert wanted in text
    flat = re.sub(r"\s+", " ", text)
    for expected in (
        "Signature Algorithm: sha256WithRSAEncryption",
        "X509v3 Basic Constraints: critical CA:FALSE",
        "X509v3 Key Usage: critical Digital Signature, Key Encipherment",
        "X509v3 Extended Key Usage: TLS Web Client Authentication",
        "X509v3 Subject Key Identifier:",
        "X509v3 Authority Key Identifier:",
    ):
        assert expected in flat


def test_lifetime_and_backdating_are_those_of_the_settings() -> None:
    der = issue(certificate_lifetime=timedelta(days=50), certificate_backdate=timedelta(minutes=30))
    found = parse_certificate(der)
    assert (found.not_before, found.not_after) == (
        NOW - timedelta(minutes=30),
        NOW + timedelta(days=50),
    )


@pytest.mark.slow
@pytest.mark.parametrize("bits", [2048, 3072, 4096])
def test_keys_of_each_size_are_certified(bits: int, tmp_path: Path) -> None:
    key = generate_key(bits)
    settings = ServerSettings(domains=("example.test",), minimal_key_length=bits)
    csr = parse_pkcs10(build_phone_csr(key, digest="sha256"))
    check_key(csr, settings)
    der = issue_for(
        APPLICANT, csr, settings, authority=make_authority(), now=NOW, random=counted_random()
    ).der
    (tmp_path / "leaf").write_bytes(certificate_pem(der))
    (tmp_path / "root").write_bytes(certificate_pem(make_authority().certificate))
    said = openssl_output(
        *("verify", "-x509_strict", "-purpose", "sslclient"),
        *("-attime", str(int(NOW.timestamp())), "-CAfile", str(tmp_path / "root")),
        str(tmp_path / "leaf"),
    )
    assert said.endswith(b"leaf: OK\n")
    text = openssl_output("x509", "-inform", "DER", "-noout", "-text", data=der)
    assert f"Public-Key: ({bits} bit)".encode() in text


def test_an_address_cannot_be_part_of_a_subject() -> None:
    applicant = Applicant(guid=APPLICANT.guid, username="anna@example.test", device_type="Phone")
    with pytest.raises(Refusal, match="it has '@'") as caught:
        issue("CN={guid},OU={username}", applicant)
    assert caught.value.subcode == "CertificateRequest"


def test_a_ca_that_has_ended_issues_nothing() -> None:
    settings = ServerSettings(domains=("example.test",))
    with pytest.raises(Refusal, match="ended on 2036-11-20") as caught:
        issue_for(
            APPLICANT,
            parse_pkcs10(build_request()),
            settings,
            authority=make_authority(),
            now=NOW + timedelta(days=4000),
            random=counted_random(),
        )
    assert caught.value.subcode == "CertificateRequest"


def test_each_applicant_has_a_guid_of_its_own() -> None:
    random = counted_random()
    first, second = (new_applicant("anna", "WindowsPhone", random) for _ in range(2))
    assert first.guid != second.guid
    assert re.fullmatch(
        r"[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}", first.guid
    )
    assert (first.username, first.device_type) == ("anna", "WindowsPhone")


def test_a_serial_that_is_taken_is_drawn_again() -> None:
    tried: list[int] = []

    def enroll() -> str:
        tried.append(1)
        if len(tried) < 3:
            raise AlreadyRecorded("serial")
        return "done"

    assert until_recorded(enroll) == "done"
    assert len(tried) == 3


def test_a_store_that_takes_none_is_not_tried_for_ever() -> None:
    tried: list[int] = []

    def enroll() -> str:
        tried.append(1)
        raise AlreadyRecorded("serial")

    with pytest.raises(AlreadyRecorded):
        until_recorded(enroll)
    assert len(tried) == 3


def test_the_next_certificate_has_the_subject_of_the_one_before() -> None:
    settings = ServerSettings(
        domains=("example.test",), subject=parse_subject_template("CN={guid},OU=Phones")
    )
    csr, random = parse_pkcs10(build_request()), counted_random()
    authority = make_authority()
    old = issue_for(APPLICANT, csr, settings, authority=authority, now=NOW, random=random)
    changed = ServerSettings(domains=("example.test",))
    new = reissue(csr, changed, old=old, authority=authority, now=NOW, random=random)
    assert parse_certificate(new.der).subject.raw == parse_certificate(old.der).subject.raw
    assert new.serial != old.serial
    assert (new.account, new.subject_cn) == (old.account, old.subject_cn)
