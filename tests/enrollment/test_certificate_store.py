"""The CertificateStore branch: which certificate stands where, and what stands beside it."""

from __future__ import annotations

from dataclasses import replace

from mdmcore.enrollment import Characteristic, ProvisioningDocument
from mdmcore.enrollment.provisioning_builder import certificate_store, thumbprint
from mdmcore.enrollment.provisioning_model import CertificateStore, Renew
from mdmcore.profiles import Store
from tests.enrollment.samples import CLIENT_DER, ROOT_DER


def certificates_of(**changes: object) -> CertificateStore:
    return replace(CertificateStore(client=CLIENT_DER, root=ROOT_DER), **changes)  # type: ignore[arg-type]


def paths(branch: Characteristic) -> list[str]:
    """The types that lead to each branch, thumbprints as the certificate's first byte word."""
    names = {thumbprint(ROOT_DER): "root", thumbprint(CLIENT_DER): "client", thumbprint(b"i"): "ca"}
    wrapped = ProvisioningDocument(characteristics=(branch,))
    return ["/".join(names.get(each, each) for each in types[1:]) for types, _ in wrapped.walk()][
        1:
    ]


def test_an_intermediate_stands_below_ca() -> None:
    branch = certificate_store(certificates_of(intermediate=b"i", renew=Renew()))
    assert paths(branch) == [
        *("Root", "Root/System", "Root/System/root"),
        *("CA", "CA/System", "CA/System/ca"),
        *("My", "My/User", "My/User/client", "My/User/PrivateKeyContainer"),
        *("My/WSTEP", "My/WSTEP/Renew"),
    ]


def test_an_intermediate_beside_the_client_certificate_comes_behind_it() -> None:
    store = Store(store="My", scope="User")
    branch = certificate_store(certificates_of(intermediate=b"i", intermediate_store=store))
    assert paths(branch)[3:] == [
        *("My", "My/User", "My/User/client", "My/User/PrivateKeyContainer", "My/User/ca"),
    ]


def test_a_container_inside_the_certificates_branch() -> None:
    branch = certificate_store(certificates_of(is_key_container_inside=True, root=None))
    assert paths(branch) == [
        *("My", "My/User", "My/User/client", "My/User/client/PrivateKeyContainer"),
    ]
    assert "PrivateKeyContainer" not in str(certificate_store(certificates_of(key_container=None)))


def test_the_renew_branch_has_datatypes() -> None:
    renew = Renew(robo_support=False, server_url="https://a.example.test/d")
    branch = certificate_store(certificates_of(renew=renew))
    found = ProvisioningDocument(characteristics=(branch,)).find(
        "CertificateStore", "My", "WSTEP", "Renew"
    )
    assert found is not None
    assert [(parm.name, parm.value, parm.datatype) for parm in found.parms] == [
        ("ROBOSupport", "false", "boolean"),
        ("RenewPeriod", "42", "integer"),
        ("RetryInterval", "4", "integer"),
        ("ServerURL", "https://a.example.test/d", "string"),
    ]
