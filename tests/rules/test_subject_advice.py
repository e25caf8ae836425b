"""What the catalogue tells about tools is so: tried with the tools that are here."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import cryptography
import pytest
from cryptography import x509
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID

from mdmcore.pki.asn1.name import DistinguishedName, parse_name
from mdmcore.pki.certificate import parse_certificate
from mdmcore.pki.criteria import criteria_match
from mdmcore.pki.pem import pem_blocks
from mdmcore.rules import entry
from tests.support.keys import key_path
from tests.support.openssl import openssl, openssl_output
from tests.support.requirements import shared_file
from tests.support.story import CERT_CN, authority, certificate

CONFIGURATION = """
[ca]
default_ca = own
[own]
database = {folder}/index.txt
new_certs_dir = {folder}
certificate = {folder}/ca.pem
private_key = {key}
serial = {folder}/serial
default_md = sha256
default_days = 30
policy = any
{mask}
[any]
commonName = supplied
[req]
distinguished_name = none
{mask}
[none]
"""
SUBJECT = ("-subj", f"/CN={CERT_CN}")


def how(rule_id: str) -> dict[str, str]:
    return dict(entry(rule_id).how)


class Tool:
    """An OpenSSL CA in a folder, and the real CSR of a phone that it is to sign."""

    def __init__(self, folder: Path, mask: str = "") -> None:
        line = f"string_mask = {mask}" if mask else ""
        self.folder = folder
        self.config = folder / "own.cnf"
        self.config.write_text(
            CONFIGURATION.format(folder=folder, key=key_path("authority"), mask=line), "utf-8"
        )
        (folder / "index.txt").write_bytes(b"")
        (folder / "serial").write_text("01", "ascii")
        for name, kind, der in (
            ("ca", "x509", authority().certificate),
            ("csr", "req", shared_file("captures", "wp81-lumia", "lumia630_csr.der").read_bytes()),
        ):
            out = str(folder / f"{name}.pem")
            openssl_output(kind, "-inform", "DER", "-out", out, data=der)

    def sign(self, command: str, *more: str) -> DistinguishedName | None:
        """The subject of the certificate, ``None`` when the command gives none."""
        file = {name: str(self.folder / f"{name}.pem") for name in ("ca", "csr", "out")}
        key = str(key_path("authority"))
        arguments = {
            "ca": ("ca", "-batch", "-notext", "-config", str(self.config)),
            "req": ("req", "-x509", "-config", str(self.config), "-CA", file["ca"], "-CAkey", key),
            "x509": ("x509", "-req", "-CA", file["ca"], "-CAkey", key),
        }[command]
        openssl(*arguments, "-in", file["csr"], *more, "-out", file["out"])
        path = self.folder / "out.pem"
        blocks = pem_blocks(path.read_bytes()) if path.exists() else ()
        return parse_certificate(blocks[0].der).subject if blocks else None


def types(name: DistinguishedName | None) -> list[str]:
    assert name is not None
    assert name.common_name == CERT_CN
    return [attribute.type_name for attribute in name.attributes]


@pytest.mark.parametrize("command", ["ca", "req"])
@pytest.mark.parametrize(
    ("mask", "expected"),
    [
        ("pkix", "PrintableString"),
        ("default", "PrintableString"),
        ("nombstr", "PrintableString"),
        ("utf8only", "UTF8String"),
        ("", "UTF8String"),
    ],
)
def test_string_mask_of_openssl(tmp_path: Path, command: str, mask: str, expected: str) -> None:
    assert types(Tool(tmp_path, mask).sign(command, *SUBJECT)) == [expected]
    assert "string_mask = pkix" in how("cert-subject-not-printable")["OpenSSL"]


def test_openssl_x509_does_not_listen_and_copies_the_nul(tmp_path: Path) -> None:
    tool = Tool(tmp_path, "pkix")
    assert types(tool.sign("x509", *SUBJECT)) == ["UTF8String"]
    copied = tool.sign("x509")
    assert copied is not None
    assert copied.attributes[0].has_nul


def test_openssl_ca_refuses_the_phones_subject(tmp_path: Path) -> None:
    assert Tool(tmp_path).sign("ca") is None
    assert "openssl ca without -subj refuses" in how("cert-subject-has-nul")["OpenSSL"]


def type_written(attribute: x509.NameAttribute[str]) -> str:
    return parse_name(x509.Name([attribute]).public_bytes()).attributes[0].type_name


def test_the_string_type_in_python() -> None:
    plain = x509.NameAttribute(NameOID.COMMON_NAME, CERT_CN)
    told = x509.NameAttribute(NameOID.COMMON_NAME, CERT_CN, _type=_ASN1Type.PrintableString)
    assert (type_written(plain), type_written(told)) == ("UTF8String", "PrintableString")
    assert "_type=_ASN1Type.PrintableString" in how("cert-subject-not-printable")["Python"]


def test_python_writes_a_nul() -> None:
    attribute = x509.NameAttribute(NameOID.COMMON_NAME, "A\0", _type=_ASN1Type.PrintableString)
    assert parse_name(x509.Name([attribute]).public_bytes()).attributes[0].has_nul


@pytest.mark.skipif(int(cryptography.__version__.split(".")[0]) < 45, reason="since version 45")
def test_python_refuses_the_phones_csr() -> None:
    data = shared_file("captures", "wp81-lumia", "lumia630_csr.der").read_bytes()
    with pytest.raises(ValueError, match="PrintableString"):
        x509.load_der_x509_csr(data)
    assert "from version 45 on" in how("cert-default-subject")["Python"]


def test_the_criteria_in_python() -> None:
    criteria = "Subject=" + quote(f"CN={CERT_CN}", safe="") + "&Stores=My%5CUser"
    assert criteria_match(criteria, parse_certificate(certificate()).subject)
    assert 'quote(f"CN={cn}", safe="")' in how("criteria-subject-mismatch")["Python"]
