"""Server certificates with a mistake, judged by the ``openssl`` command."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate

from mdmcore.mitm.transport_faults.certificates import MISTAKES, CertificateMaker, Issuer
from mdmcore.server.faults import TRANSPORT_FAULTS, Part
from tests.support.keys import load_key
from tests.support.openssl import openssl
from tests.support.tls_server import lasting_authority

HOST = "enterpriseenrollment.example.test"


@pytest.fixture(scope="module")
def maker() -> CertificateMaker:
    root = load_der_x509_certificate(lasting_authority().certificate)
    issuer = Issuer(certificate=root, key=load_key("authority"))
    return CertificateMaker(issuer, now=datetime.now(UTC))


def verdict(maker: CertificateMaker, folder: Path, *mistakes: str) -> str:
    """What ``openssl verify`` says of the chain, with the right root trusted."""
    chain = [
        one.public_bytes(Encoding.PEM)
        for one in maker.identity(HOST, "example.test", mistakes).chain
    ]
    root = load_der_x509_certificate(lasting_authority().certificate)
    names = [folder / name for name in ("root.pem", "leaf.pem", "others.pem")]
    names[0].write_bytes(root.public_bytes(Encoding.PEM))
    names[1].write_bytes(chain[0])
    names[2].write_bytes(b"".join(chain[1:]) or names[0].read_bytes())
    done = openssl(
        *("verify", "-verify_hostname", HOST, "-purpose", "sslserver"),
        *("-CAfile", str(names[0]), "-untrusted", str(names[2]), str(names[1])),
    )
    return (done.stdout + done.stderr).decode()


def test_the_table_and_the_certificates_agree() -> None:
    wanted = {one.id for one in TRANSPORT_FAULTS.values() if one.part is Part.CERTIFICATE}
    assert wanted == MISTAKES


@pytest.mark.parametrize(
    ("mistakes", "said"),
    [
        ((), "leaf.pem: OK"),
        (("tls-name-mismatch",), "hostname mismatch"),
        (("hub-tls-no-request",), "hostname mismatch"),
        (("tls-wildcard-certificate",), "leaf.pem: OK"),
        (("tls-root-not-on-device",), "self-signed certificate in certificate chain"),
        (("tls-chain-incomplete",), "unable to get local issuer certificate"),
        (("tls-certificate-expired",), "certificate has expired"),
        (("crl-unreachable",), "leaf.pem: OK"),
    ],
)
def test_a_certificate(
    maker: CertificateMaker, tmp_path: Path, mistakes: tuple[str, ...], said: str
) -> None:
    assert said in verdict(maker, tmp_path, *mistakes)


def test_an_incomplete_chain_is_the_leaf_alone_and_the_intermediate_stays_the_same(
    maker: CertificateMaker,
) -> None:
    one, two = (maker.identity(HOST, "example.test", {"tls-chain-incomplete"}) for _ in range(2))
    assert len(one.chain) == len(two.chain) == 1
    assert one.chain[0].issuer == two.chain[0].issuer
