"""The documents as devices get them: valid, complete, in the order of the samples."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from mdmcore.enrollment import (
    build_document,
    parse_provisioning,
    serialize_provisioning,
)
from mdmcore.enrollment.provisioning_builder import thumbprint
from mdmcore.enrollment.provisioning_extra import parse_extra
from mdmcore.enrollment.provisioning_model import (
    ApplicationParms,
    DmClientBranch,
)
from mdmcore.errors import ConfigError
from mdmcore.namespaces import ENROLLMENT_KEY, OMA_DM_RETRY_KEY
from mdmcore.profiles import PROFILES, device_profile
from mdmcore.records import AuthScheme
from tests.enrollment.oracles import check_provisioning
from tests.enrollment.samples import (
    ACCOUNT,
    CLIENT_DER,
    HUB,
    ROOT_DER,
    document,
    sample_content,
)
from tests.support.provisioning import content_of

EAM = "EnterpriseAppManagement"
SAMPLE_ORDER = {
    "wp8": ["CertificateStore", "APPLICATION", "Registry", "DMClient", EAM],
    "wp81": ["CertificateStore", "APPLICATION", "DMClient", EAM],
    "win81": ["CertificateStore", "APPLICATION", "Registry", "DMClient"],
    "win10": ["CertificateStore", "APPLICATION", "DMClient"],
}


def tree(**changes: object) -> ElementTree.Element:
    """The document as the standard library reads it."""
    return ElementTree.fromstring(serialize_provisioning(document(**changes)))


def parms(*path: str, **changes: object) -> dict[str, str | None]:
    """Name to value at that path, as the standard library reads it."""
    element = tree(**changes)
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


@pytest.mark.parametrize("profile", PROFILES)
def test_the_document_of_each_profile_is_valid_and_in_the_order_of_the_samples(
    profile: str,
) -> None:
    found = document(profile=profile)
    check_provisioning(serialize_provisioning(found))
    assert [branch.type for branch in found.characteristics] == SAMPLE_ORDER[profile]
    without_hub = document(profile=profile, hub=None)
    check_provisioning(serialize_provisioning(without_hub))
    wanted = [name for name in SAMPLE_ORDER[profile] if name != EAM]
    assert [branch.type for branch in without_hub.characteristics] == wanted


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
    root = tree(account=account)
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
        ({"account": replace(ACCOUNT, nonce_c2s=b"")}, "no nonce for the APPAUTH APPSRV"),
        ({"account": replace(ACCOUNT, secret="")}, "no secret for the APPAUTH APPSRV"),
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


def test_the_dm_client_has_the_providers_name() -> None:
    assert parms("DMClient", "Provider", "ExampleMDM") == {
        "EntDeviceName": "Example phone",
        "EntDMID": ACCOUNT.name,
    }


def test_a_device_is_told_to_sign_its_messages() -> None:
    base = content_of(**sample_content())
    content = replace(base, dm_client=DmClientBranch(requires_message_signing=True))
    for profile, wanted in (("win10", [("true", "boolean")]), ("wp8", [])):
        data = serialize_provisioning(build_document(device_profile(profile), content))
        found = ElementTree.fromstring(data).findall(".//parm[@name='RequireMessageSigning']")
        assert [(parm.get("value"), parm.get("datatype")) for parm in found] == wanted


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


def test_every_parm_of_the_application_in_its_place() -> None:
    base = content_of(**sample_content())
    parms_ = ApplicationParms(
        conn_retry_freq=1,
        initial_backoff_time=2,
        max_backoff_time=3,
        backcompat_retry_disabled=False,
        default_encoding="application/vnd.syncml.dm+wbxml",
        proto_ver="1.2",
        role=32,
        to_napid="AP",
        use_hw_dev_id=True,
        ssp_hyperlink="http://go.example.test",
        server_list="https://mdm.example.test/list",
        crl_check=True,
    )
    content = replace(base, application=replace(base.application, parms=parms_))
    found = build_document(device_profile("win81"), content).find("APPLICATION")
    assert found is not None
    assert [(parm.name, parm.value) for parm in found.parms] == [
        ("APPID", "w7"),
        ("PROVIDER-ID", "ExampleMDM"),
        ("NAME", "Example & Sons"),
        ("SSPHyperlink", "http://go.example.test"),
        ("ADDR", "https://mdm.example.test/omadm"),
        ("ServerList", "https://mdm.example.test/list"),
        ("ROLE", "32"),
        ("CRLCheck", "1"),
        ("CONNRETRYFREQ", "1"),
        ("INITIALBACKOFFTIME", "2"),
        ("MAXBACKOFFTIME", "3"),
        ("USEHWDEVID", None),
        ("DEFAULTENCODING", "application/vnd.syncml.dm+wbxml"),
        ("PROTOVER", "1.2"),
        ("TO-NAPID", "AP"),
        ("SSLCLIENTCERTSEARCHCRITERIA", f"Subject=CN%3D{ACCOUNT.name}&Stores=My%5CUser"),
    ]


def test_what_is_added_stands_last_as_it_is() -> None:
    extra = parse_extra('<characteristic type="Z"><parm name="a" value=" b "/></characteristic>')
    content = replace(content_of(**sample_content()), extra=extra)
    found = build_document(device_profile("wp8"), content)
    assert found.characteristics[-1:] == extra
    check_provisioning(serialize_provisioning(found))


def test_what_is_added_does_not_contradict_what_is_there() -> None:
    xml = (
        '<characteristic type="DMClient"><characteristic type="Provider"><characteristic '
        'type="ExampleMDM"><parm name="EntDMID" value="other"/></characteristic></characteristic>'
        "</characteristic>"
    )
    content = replace(content_of(**sample_content()), extra=parse_extra(xml))
    with pytest.raises(ConfigError, match="DMClient/Provider/ExampleMDM/EntDMID is in the doc"):
        build_document(device_profile("wp8"), content)


def test_the_addresses_are_one_text_with_angle_brackets() -> None:
    base = content_of(**sample_content())
    addresses = ("https://a.example.test/x", "https://b.example.test/y?z=1&q")
    dm_client = DmClientBranch(management_server_address_list=addresses)
    content = replace(base, dm_client=dm_client)
    data = serialize_provisioning(build_document(device_profile("win10"), content))
    assert b'value="&lt;https://a.example.test/x&gt;&lt;https://b' in data
    (parm,) = ElementTree.fromstring(data).findall(".//parm[@name='ManagementServerAddressList']")
    assert parm.get("value") == "<https://a.example.test/x><https://b.example.test/y?z=1&q>"
