"""Loose CSRs, certificates and renewal tokens, with openssl as judge of the facts."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from mdmcore.inspector import ArtifactReport, ArtifactSettings, inspect_artifact
from mdmcore.inspector.artifact.pki_artifacts import certificates_of_bundle
from mdmcore.pki.pem import encode_pem
from tests.support.artifacts import renewal_token
from tests.support.certificates import captured_certificates
from tests.support.certification_requests import REAL_REQUESTS, real_request
from tests.support.openssl import openssl, openssl_output
from tests.support.server_certificates import HOST, server_certificate
from tests.support.story import CERT_CN, authority, certificate, phone_csr, rules_of

TYPES = {
    "PRINTABLESTRING": "PrintableString",
    "UTF8STRING": "UTF8String",
    "IA5STRING": "IA5String",
    "T61STRING": "T61String",
    "BMPSTRING": "BMPString",
}


def lint(data: bytes, profile: str = "auto") -> ArtifactReport:
    (report,) = inspect_artifact(data, name="x", settings=ArtifactSettings(profile=profile))
    return report


def openssl_facts(command: str, der: bytes) -> tuple[list[str], int, str]:
    """String types of the subject, key size and serial or empty, as openssl sees them."""
    given = (command, "-inform", "DER", "-noout")
    subject = openssl_output(
        *given, "-subject", "-nameopt", "show_type,sep_comma_plus,esc_ctrl", data=der
    ).decode("utf-8", "replace")
    text = openssl_output(*given, "-text", data=der).decode("utf-8", "replace")
    bits = re.search(r"Public-Key: \((\d+) bit", text)
    assert bits is not None
    serial = ""
    if command == "x509":
        serial = openssl_output(*given, "-serial", data=der).decode().strip().partition("=")[2]
    types = [TYPES[found] for found in re.findall(r"=\s?([A-Z0-9]+STRING):", subject)]
    return types, int(bits[1]), serial


@pytest.mark.parametrize("name", REAL_REQUESTS)
def test_real_requests_are_as_openssl_sees_them(name: tuple[str, str]) -> None:
    facts = lint(real_request(name)).facts
    types, bits, _ = openssl_facts("req", real_request(name))
    assert (facts["subject_types"], facts["key_bits"]) == (types, bits)


@pytest.mark.parametrize("number", range(2))
def test_real_certificates_are_as_openssl_sees_them(number: int) -> None:
    der = captured_certificates()[number]
    facts = lint(der, "win10").facts
    types, bits, serial = openssl_facts("x509", der)
    assert (facts["subject_types"], facts["key_bits"]) == (types, bits)
    assert int(facts["serial"], 16) == int(serial, 16)
    printed = openssl_output("x509", "-inform", "DER", "-noout", "-fingerprint", data=der)
    assert facts["thumbprint"] == printed.decode().strip().partition("=")[2].replace(":", "")


def test_a_certificate_of_openssl(tmp_path: Path) -> None:
    der = certificate()
    types, bits, _ = openssl_facts("x509", der)
    facts = lint(der).facts
    assert (facts["subject_types"], facts["key_bits"]) == (types, bits)


def test_a_renewal_token_is_as_openssl_sees_it(tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_bytes(encode_pem("CERTIFICATE", authority().certificate))
    token = renewal_token()
    result = openssl(
        "cms", "-verify", "-inform", "DER", "-binary", "-purpose", "any",
        "-no_check_time", "-CAfile", str(ca), data=token,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    report = lint(token)
    assert report.facts["signature"] == "valid"
    assert report.facts["signer"] == f"CN={CERT_CN}"
    csr = report.parts[0]
    assert (csr.kind, csr.facts["key_bits"]) == ("csr", 2048)
    assert result.stdout == phone_csr()
    text = openssl_output("cms", "-cmsout", "-print", "-noout", "-inform", "DER", data=token)
    assert b"algorithm: sha256 " in text
    assert report.facts["digest"] == "SHA-256"


@pytest.mark.parametrize("layers", [0, 1, 2])
@pytest.mark.parametrize("label", ["", "PKCS7", "CMS"])
def test_a_renewal_token_in_any_armour(layers: int, label: str) -> None:
    data = encode_pem(label, renewal_token()) if label else renewal_token()
    for _ in range(layers):
        data = base64.encodebytes(data)
    report = lint(data)
    assert (report.kind, report.findings, report.problem) == ("pkcs7", (), None)
    assert report.layers[-1] == "DER PKCS#7"
    assert report.layers[:layers] == ("base64",) * layers


def test_a_renewal_token_whose_signature_does_not_hold() -> None:
    token = renewal_token()
    report = lint(token[:-1] + bytes([token[-1] ^ 1]))
    assert "NOT valid" in report.summary
    assert report.notes[0].startswith("the signature does not hold")


def test_a_broken_csr_inside_a_renewal_token_is_found() -> None:
    token = renewal_token()
    at = token.index(phone_csr()) + len(phone_csr()) - 1
    report = lint(token[:at] + bytes([token[at] ^ 1]) + token[at + 1 :])
    assert rules_of(report.findings) == {"csr-signature-invalid"}


def test_a_cut_renewal_token_is_a_problem_with_its_offset() -> None:
    report = lint(base64.b64encode(renewal_token()[:300]))
    assert report.problem is not None
    assert report.problem.where == "offset 300 behind base64"


def test_bundles_only_are_taken_apart() -> None:
    assert certificates_of_bundle(renewal_token()) == ()
    assert certificates_of_bundle(certificate()) == ()
    pem = encode_pem("CERTIFICATE", certificate())
    bundle = openssl_output(
        "crl2pkcs7", "-nocrl", "-certfile", "/dev/stdin", "-outform", "DER", data=pem
    )
    assert certificates_of_bundle(bundle) == (certificate(),)


def test_a_loose_certificate_is_not_judged_for_the_document_that_is_not_there() -> None:
    rules = rules_of(lint(certificate(b"D\0")).findings)
    assert rules
    assert all(rule.startswith("cert-") for rule in rules)


def test_the_certificate_of_a_tls_server_is_not_judged_as_a_devices() -> None:
    found = lint(server_certificate(HOST))
    assert found.summary.startswith("TLS server certificate ")
    assert found.findings == ()
    assert "names hosts and is for servers" in found.notes[0]


def test_a_certificate_for_servers_that_names_no_host_is_judged() -> None:
    assert "cert-no-client-auth-eku" in rules_of(lint(server_certificate(common_name="D")).findings)
