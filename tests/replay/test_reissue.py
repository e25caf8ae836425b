"""Certificates of a captured document for another request, judged by openssl."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mdmcore.inspector.decode import read_csr
from mdmcore.inspector.provisioning_part import read_provisioning
from mdmcore.pki.authority import certificate_pem
from mdmcore.pki.certificate import verify_issued_by
from mdmcore.pki.request import build_phone_csr
from mdmcore.replay.reissue import Applicant, Authorities, reissued_document, replaced_text
from mdmcore.rules.decoded import CsrPart, Provisioning
from tests.replay.replaying import recorded
from tests.support.keys import load_key, spki
from tests.support.openssl import openssl

NEW = read_csr(build_phone_csr(load_key("device2"), common_name="OTHER-NAME"))


def document(*faults: str) -> tuple[Provisioning, CsrPart]:
    for scene in recorded("wp8", *faults).scenes:
        if scene.decoded.provisioning is not None and scene.decoded.csr is not None:
            return scene.decoded.provisioning, scene.decoded.csr
    raise AssertionError("no document")


def reissued(*faults: str, later: timedelta = timedelta()) -> tuple[Provisioning, Provisioning]:
    """The captured document, and that for the new request."""
    part, csr = document(*faults)
    names = itertools.cycle(("enterprise", "device"))
    authorities = Authorities(lambda _bits: load_key(next(names)))
    applicant = Applicant(captured=csr, new=NEW, later=later)
    return part, read_provisioning(reissued_document(part, applicant, authorities))


def test_the_chain_is_that_of_a_stand_in(tmp_path: Path) -> None:
    _, new = reissued()
    ((stored, own),) = new.issued
    (root_stored, root), *_ = new.authorities
    assert own.spki == spki("device2")
    assert (stored.thumbprint, root_stored.thumbprint) == (own.thumbprint, root.thumbprint)
    assert own.authority_key_id == root.subject_key_id
    ca, leaf = tmp_path / "ca.pem", tmp_path / "own.pem"
    ca.write_bytes(certificate_pem(root.der))
    leaf.write_bytes(certificate_pem(own.der))
    done = openssl("verify", "-no_check_time", "-CAfile", str(ca), str(leaf))
    assert done.returncode == 0, done.stderr


def test_all_else_is_as_it_was() -> None:
    old, new = reissued()
    for before, after in zip(old.certificates, new.certificates, strict=True):
        assert before.certificate is not None
        assert after.certificate is not None
        assert before.certificate.subject.raw == after.certificate.subject.raw
        assert before.certificate.extension_oids == after.certificate.extension_oids
        assert before.certificate.not_after == after.certificate.not_after
        assert before.certificate.spki != after.certificate.spki
    assert old.account == new.account


def test_lifetimes_begin_later() -> None:
    old, new = reissued(later=timedelta(days=9))
    ((_, before),), ((_, after),) = old.issued, new.issued
    assert after.not_before - before.not_before == timedelta(days=9)


@pytest.mark.parametrize(
    "fault",
    ["cert-public-key-mismatch", "wap-thumbprint-mismatch", "cert-subject-not-printable"],
)
def test_a_mistake_is_made_again(fault: str) -> None:
    _, right = reissued()
    _, wrong = reissued(fault)
    ((stored, own),) = wrong.issued
    ((_, other),) = right.issued
    match fault:
        case "cert-public-key-mismatch":
            assert own.spki != spki("device2")
        case "wap-thumbprint-mismatch":
            assert stored.thumbprint != own.thumbprint
        case _:
            assert own.subject.attributes[0].type_name != other.subject.attributes[0].type_name


def test_a_certificate_of_nobody_stays_one_of_nobody() -> None:
    part, csr = document()
    without = replace(part, certificates=tuple(c for c in part.certificates if c.is_client))
    authorities = Authorities(lambda _bits: load_key("enterprise"))
    raw = reissued_document(without, Applicant(captured=csr, new=NEW), authorities)
    ((_, own),) = read_provisioning(raw).issued
    (_, root), *_ = part.authorities
    assert own.spki == spki("device2")
    assert own.issuer.raw == root.subject.raw
    assert not verify_issued_by(own, root)


def test_a_subject_that_was_the_request_s_is_so_again() -> None:
    part, csr = document()
    ((_, own),) = part.issued
    assert csr.csr is not None
    same = replace(csr, csr=replace(csr.csr, subject=own.subject))
    authorities = Authorities(lambda _bits: load_key("enterprise"))
    raw = reissued_document(part, Applicant(captured=same, new=NEW), authorities)
    new = read_provisioning(raw)
    ((_, again),) = new.issued
    assert NEW.csr is not None
    assert again.subject.raw == NEW.csr.subject.raw
    assert new.account is not None
    assert "OTHER-NAME" in (new.account.criteria or "")


@pytest.mark.parametrize(
    ("old", "text", "new"),
    [
        (b"<a>QUJD</a>", "QUJD", b"<a>WFla</a>"),
        (b"<a>QU\r\nJD</a>", "QU\nJD", b"<a>WF\r\nla</a>"),
        (b'<a v="QU&#13;&#10;JD"/>', "QU\r\nJD", b'<a v="WF&#13;&#10;la"/>'),
        ('<a v="QUJD"/>'.encode("utf-16-le"), "QUJD", '<a v="WFla"/>'.encode("utf-16-le")),
        (b"<a>other</a>", "QUJD", b"<a>other</a>"),
        (b"<a/>", "", b"<a/>"),
    ],
    ids=["plain", "lines", "references", "utf-16", "absent", "empty"],
)
def test_a_text_is_broken_as_the_old_one_was(old: bytes, text: str, new: bytes) -> None:
    assert replaced_text(old, text, "WFla") == new
