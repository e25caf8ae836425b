"""Store names, key containers and the renewal branch."""

from __future__ import annotations

import pytest
from lxml import etree

from mdmcore.enrollment import (
    ProvisioningDocument,
    key_containers,
    parse_provisioning,
    renewal_settings,
    unknown_stores,
)
from tests.support.provisioning_samples import RIGHT, changed


def store(*levels: str, inner: str = '<parm name="EncodedCertificate" value="MIIB"/>') -> str:
    if not levels:
        return inner
    return f'<characteristic type="{levels[0]}">{store(*levels[1:], inner=inner)}</characteristic>'


def read(*branches: str) -> ProvisioningDocument:
    return parse_provisioning(
        f"<wap-provisioningdoc>{''.join(branches)}</wap-provisioningdoc>".encode()
    )


@pytest.mark.parametrize("profile", sorted(RIGHT))
def test_the_stores_of_right_documents_are_known(profile: str) -> None:
    assert list(unknown_stores(parse_provisioning(RIGHT[profile]))) == []


@pytest.mark.parametrize(
    ("levels", "name", "expected"),
    [
        (("certificatestore", "Root", "System", "AB"), "certificatestore", "CertificateStore"),
        (("CertificateStore", "root", "System", "AB"), "root", "Root"),
        (("CertificateStore", "MY", "User", "AB"), "MY", "My"),
        (("CertificateStore", "My", "user", "AB"), "user", "User"),
        (("CertificateStore", "Trust", "System", "AB"), "Trust", ""),
        (("CertificateStore", "My", "Machine", "AB"), "Machine", ""),
    ],
)
def test_a_name_no_phone_knows(levels: tuple[str, ...], name: str, expected: str) -> None:
    (found,) = unknown_stores(read(store(*levels)))
    assert (found.name, found.expected) == (name, expected)
    assert found.path.endswith(f"/characteristic[@type='{name}']")


def test_branches_without_certificates_are_no_stores() -> None:
    renew = store("CertificateStore", "My", "WSTEP", "Renew", inner="")
    assert list(unknown_stores(read(renew, store("Other", "my", "user", "AB")))) == []


def test_containers_in_both_places() -> None:
    for profile, below in (("wp8", ("My", "User")), ("win10", ("My", "System"))):
        assert key_containers(parse_provisioning(RIGHT[profile])) == {below}
    (inside,) = key_containers(parse_provisioning(RIGHT["win81"]))
    assert inside[:2] == ("My", "User")
    assert len(inside[2]) == 40


def test_the_renewal_branch() -> None:
    doc = parse_provisioning(RIGHT["wp81"])
    found = renewal_settings(doc)
    assert found is not None
    assert [(each.text, each.datatype) for each in found.settings] == [
        ("true", "boolean"),
        ("60", "integer"),
        ("4", "integer"),
    ]
    tree = etree.fromstring(RIGHT["wp81"])
    for each in found.settings:
        assert tree.xpath(f"{each.path}/@value") == [each.text]
    assert renewal_settings(parse_provisioning(RIGHT["wp8"])) is None


def test_the_other_name_of_the_period() -> None:
    wap = changed("wp81", '"RenewPeriod"', '"RenewalPeriod"')
    found = renewal_settings(parse_provisioning(wap))
    assert found is not None
    assert (found.renew_period.name, found.renew_period.number) == ("RenewalPeriod", 60)
