"""Certificates, requests and PKCS#7 made anew, judged by openssl and by the eye of a parser."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from cryptography import x509

from mdmcore.capture.redact.scrubber import Scrubber
from mdmcore.pki.certificate import parse_certificate, verify_issued_by
from mdmcore.pki.csr import parse_pkcs10, signature_problem
from mdmcore.pki.renewal import peel_renewal_token
from tests.capture.redact import planted
from tests.capture.redact.keys import KEY, FixedKeys
from tests.support.certificates import forge_certificate
from tests.support.keys import spki
from tests.support.openssl import asn1_elements, cms_verifies, openssl_output, request_verifies
from tests.support.renewals import renewal_token
from tests.support.requirements import require
from tests.support.server import make_authority
from tests.support.server_certificates import intermediate_authority, server_certificate
from tests.support.story import NOW, authority, certificate, phone_csr

CAPTURED = (
    "wp81-lumia/lumia630_csr.der",
    "csr/win10_19043_csr.der",
    "csr/poc_ngrok_win10_csr.der",
    "csr/mdmtest_win11_csr.der",
)


def remade(*ders: bytes) -> list[bytes]:
    """What takes their place in one capture."""
    run = Scrubber(KEY, FixedKeys())
    for der in ders:
        run.octets(der)
    run.is_learning = False
    found = [run.octets(der) for der in ders]
    assert None not in found
    return [one for one in found if one is not None]


def pem(der: bytes) -> bytes:
    lines = base64.encodebytes(der)
    return b"-----BEGIN CERTIFICATE-----\n" + lines + b"-----END CERTIFICATE-----\n"


@pytest.mark.parametrize("name", CAPTURED)
def test_a_request_keeps_its_form_and_its_signature(name: str) -> None:
    der = (require("captures") / name).read_bytes()
    (new,) = remade(der)
    assert new != der
    assert request_verifies(new)
    before, after = parse_pkcs10(der), parse_pkcs10(new)
    assert after.spki != before.spki
    assert after.key_bits == before.key_bits
    assert after.signature_algorithm == before.signature_algorithm
    tags = [[item.tag for item in one.subject.attributes] for one in (before, after)]
    assert tags[0] == tags[1]
    lengths = [[len(item.raw) for item in one.subject.attributes] for one in (before, after)]
    assert lengths[0] == lengths[1]
    assert [item.has_nul for item in after.subject.attributes] == [
        item.has_nul for item in before.subject.attributes
    ]
    kinds = [[element[3] for element in asn1_elements(one)] for one in (der, new)]
    assert kinds[0] == kinds[1]


def test_a_broken_request_stays_broken() -> None:
    der = phone_csr()
    broken = der[:-8] + bytes(8)
    right, wrong = remade(der, broken)
    assert signature_problem(parse_pkcs10(right)) is None
    assert signature_problem(parse_pkcs10(wrong)) is not None


def test_a_chain_stays_a_chain(tmp_path: Path) -> None:
    root = authority()
    between = intermediate_authority(root)
    leaf = server_certificate("mdm.contoso.com", "10.1.2.3.contoso.com", issuer=between)
    new_root, new_between, new_leaf = remade(root.certificate, between.certificate, leaf)
    chain = [parse_certificate(der) for der in (new_leaf, new_between, new_root)]
    assert verify_issued_by(chain[0], chain[1])
    assert verify_issued_by(chain[1], chain[2])
    (tmp_path / "root.pem").write_bytes(pem(new_root))
    (tmp_path / "between.pem").write_bytes(pem(new_between))
    said = openssl_output(
        *("verify", "-attime", str(int(NOW.timestamp())), "-check_ss_sig"),
        *("-CAfile", str(tmp_path / "root.pem"), str(tmp_path / "between.pem")),
    )
    assert b"OK" in said
    before, after = parse_certificate(leaf), parse_certificate(new_leaf)
    assert (after.not_before, after.not_after) == (before.not_before, before.not_after)
    assert after.dns_names[0].startswith("mdm.d")
    assert after.dns_names[0].endswith(".test")
    assert "contoso" not in "".join(after.dns_names)
    assert after.spki != before.spki


def test_a_certificate_that_another_signed_stays_so() -> None:
    root = authority()
    forged = bytearray(certificate())
    forged[-1] ^= 1
    new_root, right, wrong = map(
        parse_certificate, remade(root.certificate, certificate(), bytes(forged))
    )
    assert verify_issued_by(right, new_root)
    assert not verify_issued_by(wrong, new_root)


def test_request_and_certificate_share_their_key_as_before() -> None:
    asked, given = remade(phone_csr(), certificate())
    assert parse_pkcs10(asked).spki == parse_certificate(given).spki


def test_key_ids_follow_the_keys() -> None:
    issuer = make_authority()
    der = forge_certificate(spki("device"), authority=issuer, now=NOW)
    root, leaf = remade(issuer.certificate, der)
    above = x509.load_der_x509_certificate(root)
    below = x509.load_der_x509_certificate(leaf)
    subject = above.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    wanted = x509.SubjectKeyIdentifier.from_public_key(above.public_key())
    assert subject == wanted
    named = below.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert named.key_identifier == subject.digest


def test_a_renewal_is_signed_by_the_new_certificate(tmp_path: Path) -> None:
    root, holder, token = remade(authority().certificate, certificate(), renewal_token())
    assert cms_verifies(token, tmp_path, root=pem(root), at=NOW)
    inside = (tmp_path / "cms-content").read_bytes()
    assert request_verifies(inside)
    signed, _ = peel_renewal_token(token)
    assert signed.certificates[0].der == holder


def test_names_of_persons_go() -> None:
    (new,) = remade(planted.certificate())
    text = parse_certificate(new).subject.x500_text()
    for one in (planted.PERSON, planted.COMPANY, planted.DOMAIN):
        assert one.lower() not in text.lower()
    assert parse_certificate(new).serial != parse_certificate(planted.certificate()).serial


def test_thumbprints_follow() -> None:
    run = Scrubber(KEY, FixedKeys())
    run.octets(planted.certificate())
    run.is_learning = False
    new = run.octets(planted.certificate())
    assert new is not None
    old_name, new_name = (parse_certificate(one).thumbprint for one in (planted.certificate(), new))
    (edit,) = run.free(f"the certificate {old_name} is gone")
    assert edit.new == new_name
