"""Subjects of certificates, however the file holds them."""

from __future__ import annotations

import base64

import pytest

from mdmcore.inspector import ReadProblem, subjects_of
from mdmcore.pki.asn1.name import DistinguishedName
from mdmcore.pki.pem import encode_pem
from tests.inspector.artifact.test_certutil_dump import INSIDE, NO_OFFSETS
from tests.inspector.artifact.test_certutil_text import CERTIFICATE as DUMP_TEXT
from tests.support.artifacts import aet, jwt, rstrc
from tests.support.asn_dump import certutil_asn
from tests.support.keys import key_path
from tests.support.story import CERT_CN, certificate, document, phone_csr

PEM = encode_pem("CERTIFICATE", certificate())


def names(data: bytes) -> list[str]:
    found = subjects_of(data)
    assert all(isinstance(one, DistinguishedName) for one in found), found
    return [one.rfc4514() for one in found if isinstance(one, DistinguishedName)]


@pytest.mark.parametrize(
    "data",
    [
        certificate(),
        PEM,
        base64.encodebytes(certificate()),
        base64.b64encode(base64.b64encode(certificate())),
        certutil_asn(certificate()).encode(),
        certutil_asn(certificate()).encode("utf-16"),
        certificate().hex().encode(),
        PEM + key_path("device").read_bytes(),
        document(),
        rstrc(),
        base64.b64encode(document()),
    ],
)
def test_the_subject_comes_out(data: bytes) -> None:
    assert names(data) == [f"CN={CERT_CN}"]


def test_several_certificates() -> None:
    assert names(PEM + encode_pem("CERTIFICATE", certificate(b"OTHER"))) == [
        f"CN={CERT_CN}",
        "CN=OTHER",
    ]


def test_incomplete_dumps_have_names() -> None:
    assert names(NO_OFFSETS.encode()) == ["CN=TestCN"]
    assert names(INSIDE.encode()) == ["CN=DEVICE-1\\00"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the file is empty"),
        (b"hello", "nothing of the enrolment"),
        (phone_csr(), "this is a CSR"),
        (certutil_asn(phone_csr()).encode(), "this is a CSR"),
        ("\n".join(certutil_asn(phone_csr()).splitlines()[:20]).encode(), "this is a CSR"),
        (DUMP_TEXT.encode(), "neither string types nor NULs"),
        (certificate()[:100], "truncated"),
        (key_path("device").read_bytes(), "private key"),
        (jwt(upn="a"), "user-token is no certificate"),
        (aet(), "aet is no certificate"),
        (b"<s:Envelope xmlns:s='x'><s:Body/></s:Envelope>", "no answer with a certificate"),
        (b"<wap-provisioningdoc/>", "no client certificate to read"),
        (b"0000: 02 01 05 05 00 ; NULL\n", "no name in it"),
        (base64.b64encode(certificate())[:101], "cut off"),
    ],
)
def test_why_there_is_none(data: bytes, said: str) -> None:
    (found,) = subjects_of(data)
    assert isinstance(found, ReadProblem)
    assert said in found.message


def test_a_broken_block_does_not_hide_the_others() -> None:
    data = encode_pem("CERTIFICATE", certificate()[:50]) + PEM
    broken, good = subjects_of(data)
    assert isinstance(broken, ReadProblem)
    assert isinstance(good, DistinguishedName)
