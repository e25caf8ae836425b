"""The typed reading: real values, each with a path that leads to it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lxml import etree

from mdmcore.enrollment import (
    Characteristic,
    Parm,
    ProvisioningDocument,
    app_management,
    certificates,
    dm_client,
    located,
    parm_path,
    parse_provisioning,
    parse_rstrc,
    serialize_provisioning,
    w7_account,
)
from mdmcore.enrollment.provisioning_view import setting
from tests.enrollment.captures import win10_body
from tests.enrollment.samples import CLIENT_DER, HUB, ROOT_DER, document


def read(xml: str) -> ProvisioningDocument:
    return parse_provisioning(f"<wap-provisioningdoc>{xml}</wap-provisioningdoc>".encode())


def branch(type: str, content: str = "", **parms: str) -> str:
    texts = "".join(f'<parm name="{name}" value="{value}"/>' for name, value in parms.items())
    return f'<characteristic type="{type}">{texts}{content}</characteristic>'


def test_the_account_of_the_capture() -> None:
    account = w7_account(parse_provisioning(parse_rstrc(win10_body(5)).document))
    assert account is not None
    assert account.provider_id == "DEMO MDM"
    assert account.addr == "https://mdmwindows.com/ManagementServer/MDM.svc"
    assert account.name == "FleetDM Demo Server - Windows"
    assert account.encoding == "application/vnd.syncml.dm+xml"
    assert account.criteria is None
    client, appsrv = account.appauth
    assert (client.level, client.type, client.name) == ("CLIENT", "DIGEST", None)
    assert (appsrv.level, appsrv.type, appsrv.name) == ("APPSRV", "DIGEST", "dummy")
    assert (client.secret, appsrv.secret) == ("dummy", "dummy")
    assert (client.data, appsrv.data) == ("nonce", "nonce")
    assert client.nonce is None
    assert account.auth("APPSRV") is appsrv
    assert account.auth("appsrv") is None


def test_the_rest_of_the_capture() -> None:
    doc = parse_provisioning(parse_rstrc(win10_body(5)).document)
    found = certificates(doc)
    assert [(item.store, item.scope, item.thumbprint) for item in found] == [
        ("Root", "System", "D9A88E04AF18A4D399CEE62F2C71469C3AE1E675"),
        ("My", "User", "ADA7B35A30F986465CE4C176D527D4B80848EEF4"),
    ]
    client = dm_client(doc)
    assert client is not None
    assert (client.provider_id, client.ent_dmid, client.ent_device_name) == ("DEMO MDM", None, None)
    assert app_management(doc) is None


def test_a_document_of_ours() -> None:
    doc = document()
    account, client, hub = w7_account(doc), dm_client(doc), app_management(doc)
    assert account is not None
    assert account.auth("CLIENT") is not None
    assert [item.nonce for item in account.appauth] == [b"\x00\xff" * 8, bytes(range(16))]
    assert [item.der for item in certificates(doc)] == [ROOT_DER, CLIENT_DER]
    assert client is not None
    assert client.ent_device_name == "Example phone"
    assert hub is not None
    assert replace(hub, path="") == HUB


@pytest.mark.parametrize(
    ("parm", "is_required"),
    [
        ("", False),
        ('<parm name="RequireMessageSigning" value="true" datatype="boolean"/>', True),
        ('<parm name="RequireMessageSigning" value=" True "/>', True),
        ('<parm name="RequireMessageSigning" value="false" datatype="boolean"/>', False),
        ('<parm name="RequireMessageSigning"/>', False),
        ('<parm name="requiremessagesigning" value="true"/>', False),
    ],
)
def test_signatures_may_be_asked_for(parm: str, is_required: bool) -> None:
    client = dm_client(
        read(
            '<characteristic type="DMClient"><characteristic type="Provider">'
            f'<characteristic type="A">{parm}</characteristic></characteristic></characteristic>'
        )
    )
    assert client is not None
    assert client.requires_message_signing is is_required


def test_every_path_leads_to_its_branch() -> None:
    doc = document()
    tree = etree.fromstring(serialize_provisioning(doc))
    for types, path, found in located(doc):
        (element,) = tree.xpath(path)
        assert element.get("type") == types[-1] == found.type
        for parm in found.parms:
            (element,) = tree.xpath(parm_path(path, parm.name))
            assert element.get("value") == parm.value
    account = w7_account(doc)
    assert account is not None
    for path in (account.path, account.appauth[1].path, certificates(doc)[0].path):
        assert len(tree.xpath(path)) == 1
    assert tree.xpath(f"{account.addr_path}/@value") == [account.addr]


def test_a_quote_in_a_type_stays_an_xpath() -> None:
    odd = Characteristic(type="it's", parms=(Parm(name="n'", value="v"),))
    doc = ProvisioningDocument(characteristics=(odd,))
    ((_, path, _),) = located(doc)
    tree = etree.fromstring(serialize_provisioning(doc))
    assert tree.xpath(parm_path(path, "n'"))[0].get("value") == "v"


def test_the_account_is_the_w7_one() -> None:
    other = branch("APPLICATION", APPID="w2") + branch("application", APPID="w7")
    assert w7_account(read(other)) is None
    account = w7_account(read(other), ignore_case=True)
    assert account is not None
    assert account.path == "/wap-provisioningdoc/characteristic[@type='application']"
    found = w7_account(read(other + branch("APPLICATION", APPID="w7", NAME="x")))
    assert found is not None
    assert found.path == "/wap-provisioningdoc/characteristic[@type='APPLICATION'][2]"
    assert (found.name, found.provider_id, found.addr, found.appauth) == ("x", None, None, ())


def test_addr_under_appaddr() -> None:
    doc = read(branch("APPLICATION", branch("APPADDR", ADDR="https://a.test/"), APPID="w7"))
    account = w7_account(doc)
    assert account is not None
    assert account.addr == "https://a.test/"
    assert account.addr_path.endswith("/characteristic[@type='APPADDR']/parm[@name='ADDR']")


@pytest.mark.parametrize(
    ("text", "der"), [(" MI\nIB ", b"0\x82\x01"), ("-----BEGIN", None), ("", None)]
)
def test_certificates_keep_their_text(text: str, der: bytes | None) -> None:
    node = branch("ab12", EncodedCertificate=text.replace("\n", "&#10;"))
    store = branch("CertificateStore", branch("CA", branch("System", node + branch("empty"))))
    (found,) = certificates(read(store))
    assert (found.text, found.der, found.thumbprint) == (text, der, "ab12")
    assert (found.store, found.scope) == ("CA", "System")


def test_certificates_at_another_depth_are_none() -> None:
    node = branch("ab12", EncodedCertificate="MIIB")
    assert certificates(read(branch("CertificateStore", branch("My", node)))) == ()
    assert certificates(read(branch("certificatestore", branch("My", branch("User", node))))) == ()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("15", 15),
        (" 0 ", 0),
        ("-1", -1),
        ("", None),
        ("ten", None),
        ("9" * 99, None),
        ("1.5", None),
    ],
)
def test_a_setting_and_its_number(text: str, number: int | None) -> None:
    ((_, path, found),) = located(read(branch("X", Name=text)))
    read_back = setting(path, found, "Other", "Name")
    assert (read_back.name, read_back.text, read_back.number) == ("Name", text, number)
    assert read_back.path == "/wap-provisioningdoc/characteristic[@type='X']/parm[@name='Name']"
    absent = setting(path, found, "Other", "Else")
    assert (absent.name, absent.text, absent.number, absent.is_written) == (
        "Other",
        None,
        None,
        False,
    )
    assert absent.path.endswith("/parm[@name='Other']")


def test_a_provider_by_name() -> None:
    providers = branch("A", EntDMID="1") + branch("B", EntDMID="2")
    doc = read(branch("DMClient", branch("Provider", providers)))
    first, second = dm_client(doc), dm_client(doc, "B")
    assert first is not None
    assert second is not None
    assert (first.ent_dmid, second.ent_dmid) == ("1", "2")
    assert dm_client(doc, "b") is None
    assert dm_client(doc, "b", ignore_case=True) == second


def test_the_other_spellings_of_the_app_branch() -> None:
    content = branch("4000000001", StoreUri="https://a.test/", StoreProductID="{1}")
    found = app_management(read(branch("EnterpriseAppManagement", content)))
    assert found is not None
    assert (found.enterprise_id, found.store_uri, found.store_product_id) == (
        "4000000001",
        "https://a.test/",
        "{1}",
    )
    assert found.enrollment_token is None


def test_secrets_stay_out_of_repr() -> None:
    assert "secret" not in repr(w7_account(document()))


def test_flags_count_by_being_there() -> None:
    plain = w7_account(read(branch("APPLICATION", APPID="w7")))
    assert plain is not None
    assert (plain.version, plain.is_older_version_disabled, plain.uses_hardware_id) == (
        None,
        False,
        False,
    )
    flags = (
        '<characteristic type="APPLICATION"><parm name="APPID" value="w7"/>'
        '<parm name="PROTOVER" value="1.1"/><parm name="BACKCOMPATRETRYDISABLED"/>'
        '<parm name="USEHWDEVID" value=""/></characteristic>'
    )
    account = w7_account(read(flags))
    assert account is not None
    assert (account.version, account.is_older_version_disabled, account.uses_hardware_id) == (
        "1.1",
        True,
        True,
    )
    assert w7_account(read(flags.replace("USEHW", "usehw"))) == replace(
        account, uses_hardware_id=False
    )
