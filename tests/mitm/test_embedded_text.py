"""What is embedded in messages is laid out below them: in tokens, documents and items' Data."""

from __future__ import annotations

import base64
from html import escape
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mitmproxy.contentviews import Metadata

from mdmcore.mitm.embedded_text import MAX_EMBEDDED
from mdmcore.mitm.views import AetView, ProvisioningView, SoapView, SyncmlView
from mdmcore.syncml.wbxml import encode_wbxml
from mdmcore.syncml.xml import parse_syncml
from tests.support.artifacts import aet, aetx, jwt, renewal_rst, renewal_token
from tests.support.messages import syncml
from tests.support.server import make_authority

CERTIFICATE = make_authority().certificate


def item(data: str, uri: str = "./Vendor/MSFT/Node") -> bytes:
    return syncml(
        "<Replace><CmdID>1</CmdID><Item>"
        f"<Target><LocURI>{uri}</LocURI></Target><Data>{data}</Data></Item></Replace>"
    )


def shown(data: bytes, view: type[SyncmlView] | type[SoapView] = SyncmlView) -> str:
    return view().prettify(data, Metadata())


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.mark.parametrize(
    ("payload", "name", "line"),
    [
        (
            "<MgmtTree><Node><NodeName>A</NodeName></Node></MgmtTree>",
            "management tree (DDF/TNDS)",
            "\n  <Node>",
        ),
        ('<WLANProfile xmlns="w"><name>Office</name></WLANProfile>', "Wi-Fi profile", "Office"),
        ("<AppPolicy><Allow><App/></Allow></AppPolicy>", "app list", "\n    <App/>"),
        ("<RuleCollection Type='Appx'/>", "app list (AppLocker rules)", "Appx"),
        ("<policyDefinitions><policies/></policyDefinitions>", "ADMX file", "\n  <policies/>"),
        ('<enabled/><data id="x" value="1"/>', "policy value (ADMX)", '\n<data id="x" value="1"/>'),
        ("<wap-provisioningdoc><characteristic/></wap-provisioningdoc>", "provisioning doc", "\n "),
        (
            '<?xml version="1.0" encoding="utf-16"?><Other><a/></Other>',
            "Other document",
            "\n  <a/>",
        ),
    ],
)
def test_escaped_xml_is_named_and_laid_out(payload: str, name: str, line: str) -> None:
    uri = "./Vendor/MSFT/Policy"
    for data in (escape(payload), f"<![CDATA[{payload}]]>"):
        text = shown(item(data, uri))
        head, _, below = text.partition(f"<!-- in Data of {uri}, {name}")
        assert head.rstrip().endswith("</SyncML>")
        assert line in below


def test_wbxml_has_its_payloads_laid_out_too() -> None:
    message = encode_wbxml(parse_syncml(item(escape("<MgmtTree><Node/></MgmtTree>"))))
    assert "management tree (DDF/TNDS), 28 bytes, escaped: -->\n<MgmtTree>\n  <Node/>" in shown(
        message
    )


def test_xml_in_base64_is_laid_out() -> None:
    text = shown(item(base64_of(b"<AppPolicy><Allow/></AppPolicy>")))
    assert "app list, 31 bytes, base64: -->\n<AppPolicy>\n  <Allow/>" in text


def test_certificates_and_pkcs7_in_base64_are_described() -> None:
    assert "subject: CN=Test enrollment CA" in shown(item(base64_of(CERTIFICATE)))
    assert "PKCS#7 SignedData" in shown(item(base64_of(renewal_token())))


def test_a_token_in_an_item_is_taken_apart() -> None:
    text = shown(item(jwt(upn="demo@example.test").decode()))
    assert '"upn": "demo@example.test"' in text
    assert "not verified" in text


def test_what_was_escaped_twice_is_said_and_laid_out() -> None:
    text = shown(item(escape(escape("<MgmtTree><Node/></MgmtTree>"))))
    assert "is escaped twice" in text
    assert "\n<MgmtTree>\n  <Node/>" in text


def test_payloads_inside_a_payload_are_laid_out() -> None:
    inner = base64_of(CERTIFICATE)
    parm = f'<parm name="EncodedCertificate" value="{inner}"/>'
    document = f"<wap-provisioningdoc>{parm}</wap-provisioningdoc>"
    text = shown(item(escape(document)))
    assert "in EncodedCertificate" in text
    assert "CA: yes" in text


def test_plain_values_stay_alone() -> None:
    for value in ("1", "hello world", "AAAA", "0", "com.microsoft.mdm"):
        assert "<!-- in Data" not in shown(item(value))


def test_no_more_than_a_bounded_number_is_shown() -> None:
    one = "<Item><Data>&lt;a/&gt;</Data></Item>"
    message = syncml(f"<Add><CmdID>1</CmdID>{one * (MAX_EMBEDDED + 5)}</Add>")
    text = shown(message)
    assert text.count("a document, 4 bytes") == MAX_EMBEDDED
    assert f"only the first {MAX_EMBEDDED} embedded objects are shown" in text


def test_nesting_ends() -> None:
    payload = "<a/>"
    for _ in range(12):
        payload = f"<Item><Data>{escape(payload)}</Data></Item>"
    assert 1 < shown(item(escape(payload))).count("<!-- in Data of") <= 6


def test_the_pkcs7_of_a_renewal_is_taken_apart() -> None:
    text = shown(renewal_rst(), SoapView)
    assert "PKCS#7 SignedData" in text
    assert "  signature: valid" in text
    assert "PKCS#10 certificate request" in text
    assert "  certificate 1:" in text
    ElementTree.fromstring(text)


def test_the_token_of_a_federated_request_is_taken_apart() -> None:
    token = base64_of(jwt(upn="demo@example.test", exp=0))
    data = f"<Envelope><BinarySecurityToken>{token}</BinarySecurityToken></Envelope>"
    text = shown(data.encode(), SoapView)
    assert '"upn": "demo@example.test"' in text
    assert "exp: 1970-01-01 00:00:00 UTC" in text


def test_an_aetx_file_shows_the_document_inside() -> None:
    text = ProvisioningView().prettify(aetx(), Metadata())
    assert "<!-- in EnrollmentToken, AET document, " in text
    assert "<EnterpriseId" in text.partition("in EnrollmentToken")[2]


def test_an_aet_document_shows_its_signer() -> None:
    signer = f"<X509Certificate>{base64_of(CERTIFICATE)}</X509Certificate>"
    signed = f"<AET><Signature>{signer}</Signature></AET>"
    assert "subject: CN=Test enrollment CA" in AetView().prettify(signed.encode(), Metadata())


def test_no_cut_payload_makes_a_view_raise() -> None:
    documents = (
        aet().decode(),
        jwt(upn="x").decode(),
        base64_of(renewal_token()),
        "<enabled/><data/>",
    )
    for document in documents:
        for length in range(0, len(document), 11):
            cut = document[:length]
            assert shown(item(escape(cut))).startswith("<SyncML")
            assert shown(item(escape(escape(cut)))).startswith("<SyncML")
            assert shown(item(base64_of(cut.encode()))).startswith("<SyncML")


@given(data=st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=200))
def test_no_payload_makes_a_view_raise(data: str) -> None:
    assert isinstance(shown(item(escape(data))), str)
    assert isinstance(shown(item(base64_of(data.encode()))), str)
