"""The WP8.0 document: valid, complete, in the order of the samples."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from mdmcore.enrollment import parse_provisioning, serialize_provisioning
from mdmcore.enrollment.provisioning_builder import thumbprint
from mdmcore.errors import ConfigError
from mdmcore.namespaces import ENROLLMENT_KEY, OMA_DM_RETRY_KEY
from mdmcore.records import AuthScheme
from tests.enrollment.oracles import check_provisioning
from tests.enrollment.samples import ACCOUNT, CLIENT_DER, HUB, ROOT_DER, document


def parms(*path: str, **changes: object) -> dict[str, str | None]:
    """Name to value at that path, as the standard library reads it."""
    element = ElementTree.fromstring(serialize_provisioning(document(**changes)))
    for step in path:
        found = element.find(f"characteristic[@type='{step}']")
        assert found is not None, step
        element = found
    return {str(parm.get("name")): parm.get("value") for parm in element.findall("parm")}


def test_the_document_is_valid() -> None:
    data = serialize_provisioning(document())
    check_provisioning(data)
    check_provisioning(serialize_provisioning(document(hub=None)))
    assert parse_provisioning(data) == document()
    assert b"\n" not in data


def test_branches_are_in_the_order_of_the_samples() -> None:
    order = ["CertificateStore", "APPLICATION", "Registry", "DMClient", "EnterpriseAppManagement"]
    assert [branch.type for branch in document().characteristics] == order
    assert [branch.type for branch in document(hub=None).characteristics] == order[:4]


@pytest.mark.parametrize(
    ("store", "scope", "der"), [("Root", "System", ROOT_DER), ("My", "User", CLIENT_DER)]
)
def test_certificates_are_named_by_their_digest(store: str, scope: str, der: bytes) -> None:
    name = hashlib.sha1(der).hexdigest().upper()
    assert thumbprint(der) == name
    assert parms("CertificateStore", store, scope, name) == {
        "EncodedCertificate": base64.b64encode(der).decode()
    }


def test_the_key_container_stands_beside_the_certificate() -> None:
    assert parms("CertificateStore", "My", "User", "PrivateKeyContainer") == {}


def test_the_account() -> None:
    assert parms("APPLICATION") == {
        "APPID": "w7",
        "PROVIDER-ID": "ExampleMDM",
        "NAME": "Example & Sons",
        "ADDR": "https://mdm.example.test/omadm",
        "CONNRETRYFREQ": "6",
        "INITIALBACKOFFTIME": "30000",
        "MAXBACKOFFTIME": "120000",
        "BACKCOMPATRETRYDISABLED": None,
        "DEFAULTENCODING": "application/vnd.syncml.dm+xml",
        "SSLCLIENTCERTSEARCHCRITERIA": f"Subject=CN%3D{ACCOUNT.name}&Stores=My%5CUser",
    }


def test_ampersands_are_escaped_once() -> None:
    data = serialize_provisioning(document())
    assert b"&amp;Stores=My%5CUser" in data
    assert b"&amp;amp;" not in data


def _auth(account: object) -> list[dict[str, str | None]]:
    root = ElementTree.fromstring(serialize_provisioning(document(account=account)))
    return [
        {str(parm.get("name")): parm.get("value") for parm in entry}
        for entry in root.findall("characteristic/characteristic[@type='APPAUTH']")
    ]


def test_both_credentials() -> None:
    assert _auth(ACCOUNT) == [
        {
            "AAUTHLEVEL": "CLIENT",
            "AAUTHTYPE": "DIGEST",
            "AAUTHSECRET": "server & secret",
            "AAUTHDATA": base64.b64encode(b"\x00\xff" * 8).decode(),
        },
        {
            "AAUTHLEVEL": "APPSRV",
            "AAUTHTYPE": "DIGEST",
            "AAUTHNAME": ACCOUNT.name,
            "AAUTHSECRET": "device <secret>",
            "AAUTHDATA": base64.b64encode(bytes(range(16))).decode(),
        },
    ]


def test_basic_needs_no_nonce() -> None:
    client, appsrv = _auth(replace(ACCOUNT, scheme=AuthScheme.BASIC, nonce_c2s=b""))
    assert client["AAUTHTYPE"] == "DIGEST"
    assert appsrv == {
        "AAUTHLEVEL": "APPSRV",
        "AAUTHTYPE": "BASIC",
        "AAUTHNAME": ACCOUNT.name,
        "AAUTHSECRET": "device <secret>",
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"account": replace(ACCOUNT, server_secret=None)}, "no server secret or no nonce"),
        ({"account": replace(ACCOUNT, nonce_s2c=b"")}, "nonce for the APPAUTH CLIENT"),
        ({"account": replace(ACCOUNT, nonce_c2s=b"")}, "nonce for the APPAUTH APPSRV"),
        ({"hub": replace(HUB, enrollment_token=None)}, "needs the EnrollmentToken"),
    ],
)
def test_what_is_missing_is_said(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        document(**changes)


def test_the_registry_values_are_integers() -> None:
    registry = document().find("Registry")
    assert registry is not None
    assert {parm.datatype for branch in registry.characteristics for parm in branch.parms} == {
        "integer"
    }
    assert parms("Registry", ENROLLMENT_KEY) == {"RenewalPeriod": "42"}
    assert parms("Registry", OMA_DM_RETRY_KEY) == {
        "NumRetries": "8",
        "RetryInterval": "60",
        "AuxNumRetries": "10",
        "AuxRetryInterval": "15",
        "Aux2NumRetries": "0",
        "Aux2RetryInterval": "480",
    }


def test_another_schedule() -> None:
    given = {"AuxNumRetries": 1}
    assert parms("Registry", OMA_DM_RETRY_KEY, retry_schedule=given) == {"AuxNumRetries": "1"}
    assert parms("Registry", ENROLLMENT_KEY, renewal_period_days=7) == {"RenewalPeriod": "7"}


def test_the_dm_client_has_the_providers_name() -> None:
    assert parms("DMClient", "Provider", "ExampleMDM") == {
        "EntDeviceName": "Example phone",
        "EntDMID": ACCOUNT.name,
    }


def test_the_hub() -> None:
    assert parms("EnterpriseAppManagement", "4000000001") == {
        "EnrollmentToken": HUB.enrollment_token,
        "StoreProductId": HUB.store_product_id,
        "StoreURI": HUB.store_uri,
        "StoreName": "Company Hub",
        "CertificateSearchCriteria": HUB.certificate_search_criteria,
        "CRLCheck": "0",
    }
    found = parms("EnterpriseAppManagement", "4000000001", hub=replace(HUB, store_name=None))
    assert "StoreName" not in found
