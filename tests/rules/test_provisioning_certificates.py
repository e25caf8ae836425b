"""Rules on CertificateStore in the provisioning document."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from cryptography import x509

from mdmcore.pki.asn1.name import PRINTABLE_STRING
from mdmcore.pki.authority import create_authority
from mdmcore.pki.certificate import Certificate, verify_issued_by
from mdmcore.pki.certificate_builder import CertificateForm, encode_common_name, sign_certificate
from mdmcore.rules import Finding, provisioning_certificates
from tests.support import story as told
from tests.support.keys import load_key, spki
from tests.support.provisioning_samples import (
    CLIENT,
    RIGHT,
    ROOT,
    certificate_branch,
    changed,
)
from tests.support.renewals import renew
from tests.support.story import Story, document, rules_of

STORE = "/wap-provisioningdoc/characteristic[@type='CertificateStore']"
CLIENT_TEXT = base64.b64encode(CLIENT).decode()


def findings(wap: bytes, profile: str = "wp8") -> tuple[Finding, ...]:
    return Story(profile).enroll(wap).findings


def other_authority(name: str = "Another CA", key: str = "enterprise") -> bytes:
    return create_authority(
        common_name=name,
        private_key=load_key(key),
        now=told.NOW,
        serial=7,
        lifetime=timedelta(days=3650),
    ).certificate


def issue_authority(name: str, key: str, *, issuer: str, issuer_key: str) -> bytes:
    """A CA certificate that another one signed."""
    form = CertificateForm(
        serial=8,
        issuer=encode_common_name(issuer.encode(), PRINTABLE_STRING),
        subject=told.authority().parsed.subject.raw,
        spki=spki(key),
        not_before=told.NOW,
        not_after=told.NOW + timedelta(days=3650),
        extensions=((x509.BasicConstraints(ca=True, path_length=None), True),),
    )
    return sign_certificate(form, load_key(issuer_key))


# --- thumbprints


def client_name(wap: bytes) -> bytes:
    return wap[wap.index(b'type="', wap.index(b'type="User"') + 6) + 6 :][:40]


def test_a_certificate_named_by_something_else() -> None:
    wap = document()
    start = wap.index(b'type="My"')
    name = client_name(wap)
    found = findings(wap[:start] + wap[start:].replace(name, b"01" * 20))
    assert rules_of(found) == {"wap-thumbprint-mismatch"}
    assert name.decode() in found[0].message


def test_a_thumbprint_in_lower_case_is_the_same() -> None:
    wap = document()
    name = client_name(wap)
    assert findings(wap.replace(name, name.lower())) == ()


# --- formatting


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"-----BEGIN CERTIFICATE-----{CLIENT_TEXT}-----END CERTIFICATE-----", "PEM"),
        (f"{CLIENT_TEXT[:64]}&#10;{CLIENT_TEXT[64:]}", "line breaks"),
        (f"{CLIENT_TEXT} ", "blanks"),
        (CLIENT_TEXT[:-1], "not base64"),
        ("", "is empty"),
        (base64.b64encode(b"-----BEGIN CERTIFICATE-----").decode(), "holds no certificate"),
    ],
)
def test_a_certificate_in_another_form(text: str, says: str) -> None:
    found = [
        f for f in findings(changed("wp8", CLIENT_TEXT, text)) if f.rule == "wap-cert-formatting"
    ]
    assert [f.severity for f in found] == ["error"]
    assert says in found[0].message
    where = found[0].places[0].where["xpath"]
    assert where.startswith(f"{STORE}/characteristic[@type='My']/characteristic[@type='User']/")
    assert where.endswith("/parm[@name='EncodedCertificate']")
    assert len(found[0].places[0].evidence) <= 40


def test_a_line_break_is_one_mistake() -> None:
    wap = changed("wp8", CLIENT_TEXT, f"{CLIENT_TEXT[:64]}&#10;{CLIENT_TEXT[64:]}")
    assert rules_of(findings(wap)) == {"wap-cert-formatting"}


# --- store names


@pytest.mark.parametrize(("right", "written"), [("My", "MY"), ("User", "user"), ("Root", "root")])
def test_a_store_in_other_letters(right: str, written: str) -> None:
    wap = changed("wp8", f'type="{right}"', f'type="{written}"')
    found = [f for f in findings(wap) if f.rule == "wap-store-case"]
    assert [f.severity for f in found] == ["error"]
    assert f"the phone knows only {right!r}" in found[0].message
    assert found[0].places[0].where["xpath"].endswith(f"/characteristic[@type='{written}']")
    assert found[0].places[0].evidence == written


def test_a_pc_takes_other_letters() -> None:
    found = findings(changed("win10", 'type="My"', 'type="MY"'), "win10")
    assert [(f.rule, f.severity) for f in found] == [("wap-store-case", "info")]


# --- which store


SYSTEM = changed("wp8", '<characteristic type="User">', '<characteristic type="System">')


def test_the_certificate_of_a_phone_below_system() -> None:
    found = findings(SYSTEM)
    assert rules_of(found) == {"wap-client-cert-store"}
    assert found[0].severity == "warning"
    assert found[0].places[0].evidence == "My/System"
    assert "/characteristic[@type='System']/" in found[0].places[0].where["xpath"]


def test_a_device_nobody_knows_may_have_it_there() -> None:
    without_key = SYSTEM.replace(rb"HKLM\Software\Microsoft", rb"HKLM\Software\Other")
    for wap, expected in ((SYSTEM, True), (without_key, False)):
        found = Story("auto").enroll(wap, context=()).findings
        assert ("wap-client-cert-store" in rules_of(found)) is expected


def test_a_device_that_tells_its_kind() -> None:
    context = (("DeviceType", "WindowsPhone"), ("ApplicationVersion", "8.10.1"))
    wap = RIGHT["wp81"].replace(b'<characteristic type="User">', b'<characteristic type="System">')
    found = Story("auto").enroll(wap, context=context).findings
    assert rules_of(found) == {"wap-client-cert-store"}
    assert findings(wap, "win10") == ()


# --- PrivateKeyContainer


CONTAINER = '<characteristic type="PrivateKeyContainer"/>'


@pytest.mark.parametrize("profile", ["wp8", "wp81", "win10"])
def test_no_key_container(profile: str) -> None:
    found = findings(changed(profile, CONTAINER, ""), profile)
    assert [(f.rule, f.severity) for f in found] == [
        ("wap-private-key-container-missing", "warning")
    ]
    scope = "System" if profile == "win10" else "User"
    where = found[0].places[0].where["xpath"]
    assert where.startswith(f"{STORE}/characteristic[@type='My']/characteristic[@type='{scope}']/")
    assert found[0].places[0].evidence == "absent"


def test_a_key_container_of_another_store_is_none() -> None:
    wap = changed("wp8", CONTAINER, "").replace(
        b'<characteristic type="System">', f'<characteristic type="System">{CONTAINER}'.encode()
    )
    assert rules_of(findings(wap)) == {"wap-private-key-container-missing"}


def test_a_renewal_may_leave_it_out() -> None:
    wap = (
        '<wap-provisioningdoc version="1.1"><characteristic type="CertificateStore">'
        '<characteristic type="My"><characteristic type="User">'
        f"{certificate_branch(CLIENT)}</characteristic></characteristic></characteristic>"
        "</wap-provisioningdoc>"
    ).encode()
    assert renew(Story("wp8").enrolled(), wap).findings == ()


# --- CAs


def with_more(*branches: str, store: str = "CA") -> bytes:
    more = f'<characteristic type="{store}"><characteristic type="System">{"".join(branches)}'
    return changed(
        "wp8",
        '<characteristic type="My">',
        f'{more}</characteristic></characteristic><characteristic type="My">',
    )


def test_one_intermediate_is_right() -> None:
    assert findings(with_more(certificate_branch(other_authority()))) == ()


def test_two_intermediates() -> None:
    branches = [
        certificate_branch(other_authority()),
        certificate_branch(other_authority("Third CA", "device2")),
    ]
    found = findings(with_more(*branches))
    assert [(f.rule, f.severity) for f in found] == [("wap-too-many-cas", "warning")]
    assert "2 intermediate certificates" in found[0].message
    assert found[0].places[0].evidence == "2 in CA/System"
    assert "/characteristic[@type='CA']/" in found[0].places[0].where["xpath"]


def test_an_intermediate_may_stand_in_my_user() -> None:
    # The vendor's page on federated enrolment puts it there.
    one = certificate_branch(other_authority())
    wap = changed("wp8", CONTAINER, CONTAINER + one)
    assert findings(wap) == ()
    both = with_more(certificate_branch(other_authority("Third CA", "device2")))
    both = both.replace(CONTAINER.encode(), (CONTAINER + one).encode())
    assert rules_of(findings(both)) == {"wap-too-many-cas"}


def test_two_roots() -> None:
    wap = changed(
        "wp8",
        certificate_branch(ROOT),
        certificate_branch(ROOT) + certificate_branch(other_authority()),
    )
    found = findings(wap)
    assert rules_of(found) == {"wap-too-many-cas"}
    assert "2 root certificates" in found[0].message


# --- the chain


def test_a_root_that_did_not_issue() -> None:
    wrong = certificate_branch(other_authority())
    found = findings(changed("wp8", certificate_branch(ROOT), wrong))
    assert [(f.rule, f.severity) for f in found] == [("wap-root-not-issuer", "warning")]
    assert found[0].places[0].evidence == "CN=Story CA"
    assert "/characteristic[@type='Root']/" in found[0].places[0].where["xpath"]


def test_a_root_of_the_right_name_with_another_key() -> None:
    wrong = certificate_branch(other_authority("Story CA"))
    found = findings(changed("wp8", certificate_branch(ROOT), wrong))
    assert rules_of(found) == {"wap-root-not-issuer"}


def test_without_a_root_there_is_nothing_to_chain_to() -> None:
    assert findings(changed("wp8", certificate_branch(ROOT), "")) == ()


def test_a_chain_through_the_intermediate() -> None:
    top = other_authority("Top CA")
    middle = issue_authority("Story CA", "authority", issuer="Top CA", issuer_key="enterprise")
    wap = changed("wp8", certificate_branch(ROOT), certificate_branch(top))
    branch = (
        f'<characteristic type="CA"><characteristic type="System">{certificate_branch(middle)}'
        '</characteristic></characteristic><characteristic type="My">'
    )
    with_middle = wap.replace(b'<characteristic type="My">', branch.encode())
    assert rules_of(findings(wap)) == {"wap-root-not-issuer"}
    assert findings(with_middle) == ()


def test_few_signatures_are_verified_whatever_the_document_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[Certificate] = []

    def verify(certificate: Certificate, issuer: Certificate) -> bool:
        tried.append(issuer)
        return verify_issued_by(certificate, issuer)

    monkeypatch.setattr(provisioning_certificates, "verify_issued_by", verify)
    # Same name, other keys: each would have to be tried by its signature.
    wrong = certificate_branch(other_authority("Story CA"))
    found = findings(changed("wp8", certificate_branch(ROOT), wrong * 60))
    assert "wap-root-not-issuer" in rules_of(found)
    assert 1 <= len(tried) <= 16
