"""The document of a renewal, by the shared schema and the stdlib's parser."""

from __future__ import annotations

from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest

from mdmcore.enrollment.provisioning import serialize_provisioning
from mdmcore.profiles import PROFILES
from mdmcore.records import IssuedCertificate
from mdmcore.server.renewal_document import NewAuthorities, renewal_document
from tests.enrollment.oracles import check_shape
from tests.support.server import NOW, make_authority

ISSUED = IssuedCertificate(
    serial=1,
    subject_cn="DEVICE",
    thumbprint="A" * 40,
    der=b"\x30\x00",
    spki_sha256="",
    issued=NOW,
    not_after=NOW + timedelta(days=1),
)


def built(
    profile: str = "wp8",
    store: tuple[str, str] = ("My", "User"),
    *,
    root: bytes | None = None,
    intermediate: bytes | None = None,
) -> ET.Element:
    document = serialize_provisioning(
        renewal_document(
            ISSUED,
            store=store,
            profile=PROFILES[profile],
            provider_id="A & B",
            authorities=NewAuthorities(root=root, intermediate=intermediate),
        )
    )
    check_shape(document)
    return ET.fromstring(document)


def paths(element: ET.Element, prefix: str = "") -> list[str]:
    """Every branch by the types that lead to it."""
    found = []
    for branch in element.findall("characteristic"):
        path = f"{prefix}/{branch.get('type')}"
        found += [path, *paths(branch, path)]
    return found


@pytest.mark.parametrize("profile", PROFILES)
def test_the_branches(profile: str) -> None:
    leaf = "A" * 40
    assert paths(built(profile)) == [
        "/CertificateStore",
        "/CertificateStore/My",
        "/CertificateStore/My/User",
        f"/CertificateStore/My/User/{leaf}",
        f"/CertificateStore/My/User/{leaf}/PrivateKeyContainer",
        "/APPLICATION",
    ]


def test_the_store_is_that_of_the_enrolment() -> None:
    assert "/CertificateStore/My/System" in paths(built(store=("My", "System")))


def test_the_root_goes_first() -> None:
    root = make_authority().parsed
    listed = paths(built(root=root.der))
    assert listed[1:4] == [
        "/CertificateStore/Root",
        "/CertificateStore/Root/System",
        f"/CertificateStore/Root/System/{root.thumbprint}",
    ]


def test_a_new_intermediate_comes_along() -> None:
    authority = make_authority().parsed
    listed = paths(built(root=authority.der, intermediate=authority.der))
    assert listed[4:7] == [
        "/CertificateStore/CA",
        "/CertificateStore/CA/System",
        f"/CertificateStore/CA/System/{authority.thumbprint}",
    ]


def test_the_account_is_named_and_nothing_else_is_set() -> None:
    parms = built().findall("characteristic[@type='APPLICATION']/parm")
    assert [parm.attrib for parm in parms] == [{"name": "PROVIDER-ID", "value": "A & B"}]
