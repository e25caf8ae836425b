"""Rules on the hub: its branch of the document, and its download."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest
from cryptography import x509

from mdmcore.http import Headers, Request, Response, TlsFacts
from mdmcore.inspector import Inspection
from mdmcore.pki.asn1.name import PRINTABLE_STRING
from mdmcore.pki.certificate_builder import CertificateForm, encode_common_name, sign_certificate
from mdmcore.rules import Finding
from tests.support import story as told
from tests.support.keys import load_key, spki
from tests.support.provisioning_samples import RIGHT, changed
from tests.support.story import (
    CERT_CN,
    ENTERPRISE,
    HUB,
    STORE_URL,
    Story,
    answer,
    certificate,
    device_cred,
    document,
    package,
    package1,
    rules_of,
)

BRANCH = (
    "/wap-provisioningdoc/characteristic[@type='EnterpriseAppManagement']"
    f"/characteristic[@type='{ENTERPRISE}']"
)


def download(*fields: tuple[str, str], status: int = 206, url: str = STORE_URL) -> Inspection:
    request = Request(method="GET", url=url, headers=Headers([("Range", "bytes=0-99")]))
    response = Response(status=status, headers=Headers(fields), body=b"x" * 100)
    return Story("wp8").tell(request, response)


def test_206_with_content_range() -> None:
    assert download(("content-range", "bytes 0-99/300")).findings == ()


@pytest.mark.parametrize("url", [STORE_URL, "https://h.test/other", "https://h.test/"])
def test_206_without_content_range(url: str) -> None:
    found = download(("Content-Type", "application/octet-stream"), url=url)
    assert rules_of(found.findings) == {"hub-206-no-content-range"}
    assert found.findings[0].severity == "error"
    assert found.findings[0].places[0].where == {"part": "response", "header": "Content-Range"}
    assert found.findings[0].places[0].evidence == "bytes=0-99"


def test_a_whole_answer() -> None:
    assert download(status=200).findings == ()


# --- CertificateSearchCriteria


def enrolled_with(criteria: str | None, client: bytes | None = None) -> tuple[Finding, ...]:
    hub = replace(HUB, certificate_search_criteria=criteria)
    return Story("wp8").enroll(document(hub=hub, client=client)).findings


@pytest.mark.parametrize(
    "criteria",
    [
        f"CN%3D{CERT_CN}",
        f"CN={CERT_CN}",
        f"CN={CERT_CN}".replace("-", "%2D"),  # the blog's second comment
        None,
    ],
)
def test_the_subject_alone_in_any_encoding(criteria: str | None) -> None:
    assert enrolled_with(criteria) == ()


@pytest.mark.parametrize(
    ("criteria", "says"),
    [
        (f"Subject=CN%3D{CERT_CN}", "begins with Subject="),
        (f"Subject=CN%3D{CERT_CN}&Stores=My%5CUser", "begins with Subject="),
        (f"CN%3D{CERT_CN}&Stores=My%5CUser", "names Stores"),
        (f"CN%3D{CERT_CN}%00", "holds a NUL"),
        ("CN%3DOTHER", f"the certificate's subject is CN={CERT_CN}"),
        (f"CN%3D{CERT_CN.lower()}", "the certificate's subject is"),
        (f"CN%253D{CERT_CN}", "the certificate's subject is"),
        (CERT_CN, "the certificate's subject is"),
        ("", "the certificate's subject is"),
    ],
)
def test_hub_criteria_in_another_form(criteria: str, says: str) -> None:
    (found,) = enrolled_with(criteria)
    assert (found.rule, found.severity) == ("eam-criteria-wrong-form", "error")
    assert says in found.message
    assert found.places[0].where["xpath"] == f"{BRANCH}/parm[@name='CertificateSearchCriteria']"
    assert found.places[0].evidence == criteria


def test_a_nul_in_the_certificate_is_not_the_criterias_mistake() -> None:
    criteria = "CN%3DDEVICE-1"
    found = enrolled_with(criteria, client=certificate(b"DEVICE-1\0"))
    assert "cert-subject-has-nul" in rules_of(found)
    assert "eam-criteria-wrong-form" not in rules_of(found)


def test_windows_10_has_no_hub() -> None:
    hub = replace(HUB, certificate_search_criteria="CN%3DOTHER", store_product_id="x")
    assert Story("win10").enroll(document(hub=hub)).findings == ()


# --- StoreProductId


@pytest.mark.parametrize(
    "product_id", ["{5e1b0e5a-7c54-4e5b-9d5c-6a1f6d1c0de0}", HUB.store_product_id, None]
)
def test_a_guid_in_braces(product_id: str | None) -> None:
    assert (
        Story("wp8").enroll(document(hub=replace(HUB, store_product_id=product_id))).findings == ()
    )


@pytest.mark.parametrize(
    "product_id",
    ["5E1B0E5A-7C54-4E5B-9D5C-6A1F6D1C0DE0", "%7B5E1B0E5A-7C54-4E5B-9D5C-6A1F6D1C0DE0%7D", "Hub"],
)
def test_another_product_id(product_id: str) -> None:
    found = Story("wp8").enroll(document(hub=replace(HUB, store_product_id=product_id))).findings
    assert [(f.rule, f.severity) for f in found] == [("eam-product-id-format", "warning")]
    assert found[0].places[0].where["xpath"] == f"{BRANCH}/parm[@name='StoreProductId']"
    assert found[0].places[0].evidence == product_id


# --- the revocation list of the server's certificate

CRL = "http://pki.example.test/ca.crl"


@cache
def server_certificate(*urls: str) -> bytes:
    """A certificate for the DM host; its revocation list is to be had at these places."""
    points = [
        x509.DistributionPoint(
            full_name=[x509.UniformResourceIdentifier(url) for url in urls],
            relative_name=None,
            reasons=None,
            crl_issuer=None,
        )
        for _ in urls[:1]
    ]
    form = CertificateForm(
        serial=9,
        issuer=told.authority().parsed.subject.raw,
        subject=encode_common_name(b"mdm.example.test", PRINTABLE_STRING),
        spki=spki("enterprise"),
        not_before=told.NOW,
        not_after=told.NOW + timedelta(days=365),
        extensions=((x509.CRLDistributionPoints(points), False),) if urls else (),
    )
    return sign_certificate(form, load_key("authority"))


def first_sync(story: Story, *urls: str) -> list[tuple[str, str, int]]:
    """Crl findings after a first session over that server's TLS."""
    tls = TlsFacts(version="TLSv1.2", server_certificates=(server_certificate(*urls),))
    story.sync(package1(cred=device_cred()), answer("2", "212"), tls=tls)
    story.sync(package("2"), answer("3", "200", "2"), tls=tls)
    return [
        (f.places[0].evidence, f.severity, f.count)
        for f in story.inspector.findings()
        if f.rule == "crl-unreachable"
    ]


@pytest.mark.parametrize("check", ["1", None])
def test_a_revocation_list_that_is_to_be_checked(check: str | None) -> None:
    story = Story("wp8").enrolled(document(hub=replace(HUB, crl_check=check)))
    assert first_sync(story, CRL, "ldap:///CN=ca") == [(f"{CRL}, ldap:///CN=ca", "warning", 1)]
    (found,) = [f for f in story.inspector.findings() if f.rule == "crl-unreachable"]
    assert found.places[0].where == {"part": "certificate", "field": "CRL distribution points"}


def test_no_check_no_list_or_no_hub_is_no_mistake() -> None:
    for hub, urls in (
        (HUB, (CRL,)),
        (replace(HUB, crl_check="1"), ()),
        (None, (CRL,)),
    ):
        assert first_sync(Story("wp8").enrolled(document(hub=hub)), *urls) == []


def test_the_8_1_pc_has_it_in_its_account() -> None:
    wap = changed("win81", 'name="CRLCheck" value="0"', 'name="CRLCheck" value="1"')
    assert first_sync(Story("win81").enrolled(wap), CRL) == [(CRL, "warning", 1)]
    assert first_sync(Story("win81").enrolled(RIGHT["win81"]), CRL) == []


def test_the_hub_has_a_certificate_of_its_own() -> None:
    story = Story("wp8").enrolled(document(hub=replace(HUB, crl_check="1")))
    tls = TlsFacts(version="TLSv1.2", server_certificates=(server_certificate(CRL),))
    for _ in range(2):
        request = Request(method="GET", url=STORE_URL)
        story.tell(request, Response(status=200, body=b"x" * 100), tls=tls)
    (found,) = [f for f in story.inspector.findings() if f.rule == "crl-unreachable"]
    assert (found.count, found.places[0].exchange) == (1, "story:4")
