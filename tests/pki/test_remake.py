"""Requests and certificates with another key, checked by openssl and against real requests."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mdmcore.pki.authority import certificate_pem
from mdmcore.pki.certificate import parse_certificate, verify_issued_by
from mdmcore.pki.csr import parse_pkcs10, signature_problem
from mdmcore.pki.remake import Stand, remake_certificate, remake_csr, spki_of
from mdmcore.pki.request import build_phone_csr
from tests.support.keys import load_key
from tests.support.openssl import openssl
from tests.support.requirements import shared_file
from tests.support.server import make_authority

REAL = (
    ("wp81-lumia", "lumia630_csr.der"),
    ("csr", "win10_19043_csr.der"),
    ("csr", "poc_ngrok_win10_csr.der"),
    ("csr", "mdmtest_win11_csr.der"),
)


@pytest.mark.parametrize("place", REAL, ids=lambda place: place[1])
def test_a_real_request_for_another_key(place: tuple[str, str], tmp_path: Path) -> None:
    old = parse_pkcs10(shared_file("captures", *place).read_bytes())
    der = remake_csr(old, load_key("device"))
    new = parse_pkcs10(der)
    assert new.spki == spki_of(load_key("device"))
    assert (new.subject.raw, new.attributes_raw) == (old.subject.raw, old.attributes_raw)
    assert (new.version, new.algorithm_raw) == (old.version, old.algorithm_raw)
    assert signature_problem(new) is None
    path = tmp_path / "new.der"
    path.write_bytes(der)
    done = openssl("req", "-inform", "DER", "-in", str(path), "-verify", "-noout")
    assert done.returncode == 0, done.stderr


def test_a_bad_signature_stays_bad() -> None:
    csr = build_phone_csr(load_key("device"))
    broken = parse_pkcs10(csr[:-1] + bytes([csr[-1] ^ 1]))
    assert signature_problem(broken) is not None
    assert signature_problem(parse_pkcs10(remake_csr(broken, load_key("device2")))) is not None


def test_a_root_with_another_key(tmp_path: Path) -> None:
    root = parse_certificate(make_authority().certificate)
    key = load_key("enterprise")
    der = remake_certificate(
        root,
        Stand(
            spki=spki_of(key),
            issuer_key=key,
            issuer_spki=(root.spki, spki_of(key)),
            later=timedelta(days=30),
        ),
    )
    new = parse_certificate(der)
    assert new.subject.raw == root.subject.raw
    assert (new.extension_oids, new.key_usages) == (root.extension_oids, root.key_usages)
    assert new.not_before - root.not_before == timedelta(days=30)
    assert new.not_after - new.not_before == root.not_after - root.not_before
    assert new.subject_key_id != root.subject_key_id
    assert verify_issued_by(new, new)
    path = tmp_path / "root.pem"
    path.write_bytes(certificate_pem(der))
    done = openssl("verify", "-no_check_time", "-check_ss_sig", "-CAfile", str(path), str(path))
    assert done.returncode == 0, done.stderr


def test_a_certificate_that_was_not_signed_by_its_issuer_is_not_again() -> None:
    root = parse_certificate(make_authority().certificate)
    key = load_key("enterprise")
    stand = Stand(spki=spki_of(key), issuer_key=key, is_rightly_signed=False)
    new = parse_certificate(remake_certificate(root, stand))
    assert not verify_issued_by(new, new)


def test_a_lifetime_without_an_end_stays_so() -> None:
    root = parse_certificate(make_authority().certificate)
    endless = replace(root, not_after=root.not_after.replace(year=9999))
    key = load_key("enterprise")
    stand = Stand(spki=spki_of(key), issuer_key=key, later=timedelta(days=4000))
    assert parse_certificate(remake_certificate(endless, stand)).not_after.year == 9999
