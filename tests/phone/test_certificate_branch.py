"""CertificateStore per generation: stores, letters, where the key is bound."""

from __future__ import annotations

import pytest

from mdmcore.enrollment import parse_provisioning
from mdmcore.phone import Caution, HeldCertificate, Refusal
from mdmcore.phone.certificate_branch import read_certificates
from mdmcore.phone.keyring import key_sha256
from tests.phone.generations import DOCUMENTS, phone_of, win10_document
from tests.phone.scripted import assert_refusal, b64, client_certificate, thumbprint
from tests.support.certificates import build_authority
from tests.support.keys import load_key

KEY = key_sha256(load_key("device"))
ROOT = build_authority().certificate
INTERMEDIATE = build_authority(key="enterprise", common_name="Intermediate").certificate


def read(profile: str, document: str, **changes: object) -> tuple[HeldCertificate, ...]:
    return read_certificates(
        parse_provisioning(document.encode()), phone_of(profile, **changes), KEY
    )


def places(held: tuple[HeldCertificate, ...]) -> list[tuple[str, str, bool]]:
    return [(one.store, one.scope, one.has_key) for one in held]


@pytest.mark.parametrize("profile", list(DOCUMENTS))
def test_root_and_client_certificate(profile: str) -> None:
    assert places(read(profile, DOCUMENTS[profile]())) == [
        ("Root", "System", False),
        ("My", "User", True),
    ]


@pytest.mark.parametrize(
    ("profile", "has_key"), [("wp8", False), ("wp81", False), ("win81", True), ("win10", True)]
)
def test_only_pcs_bind_the_key_in_the_system_store(profile: str, has_key: bool) -> None:
    held = read(profile, win10_document(scope="System"))
    assert places(held)[1] == ("My", "System", has_key)


@pytest.mark.parametrize(
    ("old", "new"), [("Root", "root"), ('"My"', '"MY"'), ("User", "user"), ("System", "SYSTEM")]
)
def test_letters_matter_on_phones_alone(old: str, new: str) -> None:
    document = win10_document().replace(
        f'type="{old.strip(chr(34))}"', f'type="{new.strip(chr(34))}"'
    )
    for profile in ("win81", "win10"):
        assert places(read(profile, document)) == [
            ("Root", "System", False),
            ("My", "User", True),
        ]
    for profile in ("wp8", "wp81"):
        with pytest.raises(Refusal) as caught:
            read(profile, document)
        assert_refusal(caught.value, "provisioning", "characteristic", "no such certificate store")
        assert caught.value.hresult == 0x8018001E


def test_a_store_that_no_device_has() -> None:
    for profile in DOCUMENTS:
        with pytest.raises(Refusal, match="no such certificate store"):
            read(profile, win10_document().replace('type="Root"', 'type="Trust"'))


def _with(certificate: bytes, store: str, scope: str) -> str:
    branch = (
        f'<characteristic type="{store}"><characteristic type="{scope}"><characteristic '
        f'type="{thumbprint(certificate)}"><parm name="EncodedCertificate" '
        f'value="{b64(certificate)}"/></characteristic></characteristic></characteristic>'
    )
    return win10_document().replace(
        '<characteristic type="CertificateStore">',
        f'<characteristic type="CertificateStore">{branch}',
    )


@pytest.mark.parametrize("profile", list(DOCUMENTS))
def test_an_intermediate_ca(profile: str) -> None:
    """In CA/System (MS-MDE, the CSP) or beside the client certificate (L-Fed)."""
    assert ("CA", "System", False) in places(read(profile, _with(INTERMEDIATE, "CA", "System")))
    beside = read(profile, _with(INTERMEDIATE, "My", "User"))
    assert places(beside).count(("My", "User", False)) == 1
    assert places(beside).count(("My", "User", True)) == 1


@pytest.mark.parametrize(("store", "scope"), [("CA", "System"), ("My", "User")])
def test_a_careful_device_takes_one_intermediate(store: str, scope: str) -> None:
    careful = frozenset({Caution.CA_COUNT})
    document = _with(INTERMEDIATE, store, scope)
    assert read("win10", document, cautions=careful)
    second = (
        f'<characteristic type="CA"><characteristic type="System"><characteristic '
        f'type="{thumbprint(ROOT)}"><parm name="EncodedCertificate" value="{b64(ROOT)}"/>'
        "</characteristic></characteristic></characteristic>"
    )
    document = document.replace(
        '<characteristic type="CertificateStore">',
        f'<characteristic type="CertificateStore">{second}',
    )
    assert read("win10", document)
    with pytest.raises(Refusal) as caught:
        read("win10", document, cautions=careful)
    assert_refusal(caught.value, "provisioning", "'CA'", "2 certificates in CA")


@pytest.mark.parametrize("profile", list(DOCUMENTS))
def test_a_careful_device_finds_its_key_container(profile: str) -> None:
    """Beside the certificate or in it; a PC of Windows 8.1 looks into it."""
    careful = frozenset({Caution.PRIVATE_KEY_CONTAINER})
    assert read(profile, DOCUMENTS[profile](), cautions=careful)
    if profile == "win81":
        document = DOCUMENTS[profile]().replace('<parm name="KeySpec" value="2"/>', "")
        with pytest.raises(Refusal) as caught:
            read(profile, document, cautions=careful)
        assert_refusal(caught.value, "provisioning", "PrivateKeyContainer", "lacks KeySpec")


def test_without_any_client_certificate_there_is_nothing_to_bind() -> None:
    document = win10_document().replace(b64(client_certificate()), b64(ROOT))
    document = document.replace(thumbprint(client_certificate()), thumbprint(ROOT))
    assert places(read("win10", document))[1] == ("My", "User", False)
    with pytest.raises(Refusal) as caught:
        read("win10", document.replace('type="My"', 'type="CA"').replace("User", "System"))
    assert_refusal(caught.value, "provisioning", "'My'", "bind the key")
    assert caught.value.hresult == 0x80180024
