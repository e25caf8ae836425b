"""Content views: who claims what, what is shown, and that nothing makes them raise."""

from __future__ import annotations

import base64
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mitmproxy import contentviews
from mitmproxy.contentviews import Metadata
from mitmproxy.http import Headers
from mitmproxy.test import taddons, tflow, tutils

from mdmcore.enrollment.fault import serialize_fault
from mdmcore.mitm.views import (
    MAX_SHOWN_BYTES,
    VIEWS,
    HubView,
    JwtView,
    Pkcs7View,
    ProvisioningView,
    SoapView,
    SyncmlView,
    register_views,
)
from mdmcore.syncml.wbxml import encode_wbxml
from mdmcore.syncml.xml import parse_syncml
from tests.support.artifacts import aet, aetx, jwt, renewal_rst, renewal_token
from tests.support.certification_requests import build_request
from tests.support.messages import discover, request_security_token, syncml
from tests.support.server import make_authority
from tests.syncml.wbxml.vectors import W1, W2, W2_XML

CERTIFICATE = make_authority().certificate
DOCUMENT = (
    '<wap-provisioningdoc version="1.1"><characteristic type="CertificateStore">'
    '<characteristic type="Root"><characteristic type="System"><characteristic type="AB">'
    f'<parm name="EncodedCertificate" value="{base64.b64encode(CERTIFICATE).decode()}"/>'
    "</characteristic></characteristic></characteristic></characteristic></wap-provisioningdoc>"
).encode()
SOAP = "application/soap+xml; charset=utf-8"


def shown(view: contentviews.Contentview, data: bytes) -> str:
    return view.prettify(data, Metadata())


def test_they_are_registered_once_under_their_names() -> None:
    register_views()
    before = {name: contentviews.registry[name] for name in contentviews.registry}
    register_views()
    assert {name: contentviews.registry[name] for name in contentviews.registry} == before
    ours = {"mdm soap", "wap provisioning", "aet", "syncml dm", "x.509", "pkcs#7", "jwt"}
    assert ours | {"app package"} <= set(before)


@pytest.mark.parametrize(
    ("data", "content_type", "name"),
    [
        (discover(), SOAP, "MDM SOAP"),
        (discover(), "text/xml", "MDM SOAP"),
        (b"", SOAP, "MDM SOAP"),
        (syncml(""), "application/vnd.syncml.dm+xml", "SyncML DM"),
        (syncml(""), "text/xml; charset=utf-8", "SyncML DM"),
        (DOCUMENT, "text/vnd.wap.connectivity-xml", "WAP Provisioning"),
        (DOCUMENT, "text/xml", "WAP Provisioning"),
        (CERTIFICATE, "application/x-x509-ca-cert", "X.509"),
        (b"-----BEGIN CERTIFICATE-----\n", "application/octet-stream", "X.509"),
        (b"<html/>", "text/xml", None),
        (b"<html/>", "text/html", None),
        (discover(), "image/png", None),
        (W2, "application/vnd.syncml.dm+wbxml", "SyncML DM"),
        (W1, "application/vnd.syncml+wbxml; charset=utf-8", "SyncML DM"),
        (b"", "application/vnd.syncml.dm+wbxml", "SyncML DM"),
        (W2, "application/vnd.wap.wbxml", None),
        (CERTIFICATE, "application/octet-stream", "X.509"),
        (CERTIFICATE, "image/png", None),
        (renewal_token(), "application/octet-stream", "PKCS#7"),
        (renewal_token(), "application/pkcs7-mime; smime-type=signed-data", "PKCS#7"),
        (b"-----BEGIN PKCS7-----\n", "text/plain", "PKCS#7"),
        (jwt(upn="demo"), "application/jwt", "JWT"),
        (jwt(upn="demo"), "text/plain", "JWT"),
        (jwt(upn="x" * 4000), "application/octet-stream", "JWT"),
        (b"eyJustAWord and more", "text/plain", None),
        (aetx(), "application/octet-stream", "WAP Provisioning"),
        (aet(), "application/octet-stream", "AET"),
        (aet(), "text/xml", "AET"),
        (b"PK\x03\x04", "application/x-silverlight-app", "App package"),
        (b"PK\x03\x04", "application/zip", None),
    ],
)
def test_each_message_is_claimed_by_its_view_alone(
    data: bytes, content_type: str, name: str | None
) -> None:
    metadata = Metadata(content_type=content_type)
    claims = {view.name: view.render_priority(data, metadata) for view in VIEWS}
    assert claims == {view.name: 2 if view.name == name else -1 for view in VIEWS}


def test_nothing_is_claimed_without_metadata() -> None:
    assert [view.render_priority(b"hello", Metadata()) for view in VIEWS] == [-1] * len(VIEWS)


async def test_mitmproxy_chooses_our_view() -> None:
    register_views()
    with taddons.context():
        metadata = Metadata(content_type="application/soap+xml")
        assert contentviews.registry.get_view(discover(), metadata).name == "MDM SOAP"


def test_an_envelope_is_laid_out() -> None:
    text = shown(SoapView(), discover())
    assert len(text.splitlines()) > 10
    assert ElementTree.canonicalize(text, strip_text=True) == ElementTree.canonicalize(
        discover().decode(), strip_text=True
    )


def test_the_request_inside_a_token_is_summarised() -> None:
    text = shown(SoapView(), request_security_token(build_request()))
    assert "PKCS#10 certificate request" in text
    assert "subject: CN=DEVICE-0001" in text
    assert "self-signature: valid" in text


def test_the_document_inside_a_token_is_laid_out_with_its_certificates() -> None:
    token = base64.b64encode(DOCUMENT)
    data = b'<s:Envelope xmlns:s="x"><BinarySecurityToken>%s</BinarySecurityToken></s:Envelope>'
    text = shown(SoapView(), data % token)
    assert '<characteristic type="CertificateStore">' in text
    assert "subject: CN=Test enrollment CA" in text


def test_a_document_is_laid_out_with_its_certificates() -> None:
    text = shown(ProvisioningView(), DOCUMENT)
    assert "\n  <characteristic" in text
    assert "CA: yes" in text


async def test_mitmproxy_chooses_it_for_wbxml() -> None:
    register_views()
    with taddons.context():
        for content_type in ("application/vnd.syncml.dm+wbxml", "application/vnd.syncml+wbxml"):
            metadata = Metadata(content_type=content_type)
            assert contentviews.registry.get_view(W2, metadata).name == "SyncML DM"


def test_wbxml_is_laid_out_as_xml_below_a_line_for_its_header() -> None:
    first, _, xml = shown(SyncmlView(), W2).partition("\n")
    assert first == (
        "<!-- WBXML 1.3, public identifier 0x1201 (SyncML 1.2), charset UTF-8 (106), "
        "string table 0 bytes -->"
    )
    assert ElementTree.canonicalize(xml, strip_text=True) == ElementTree.canonicalize(W2_XML)
    assert "\n    <SessionID>7</SessionID>" in xml


def test_wbxml_is_never_cut_before_it_is_read() -> None:
    data = "x" * (MAX_SHOWN_BYTES + 1)
    body = f"<Add><CmdID>1</CmdID><Item><Data>{data}</Data></Item></Add>"
    text = shown(SyncmlView(), encode_wbxml(parse_syncml(syncml(body))))
    assert data in text


def test_syncml_is_laid_out() -> None:
    assert "\n    <SessionID>1A</SessionID>" in shown(SyncmlView(), syncml(""))


def test_mistakes_of_a_document_stand_before_it() -> None:
    text = shown(SoapView(), b"<a><b></a>")
    assert text.startswith("<!-- line 1, column ")
    assert "<a>" in text


def test_what_is_no_xml_is_shown_as_it_is() -> None:
    assert shown(SoapView(), b"plain \xff words").endswith("plain \ufffd words")


@pytest.mark.parametrize(
    "view", [view for view in VIEWS if view.name != "App package"], ids=lambda view: view.name
)
def test_a_large_message_is_cut(view: contentviews.Contentview) -> None:
    data = b"<a>" + b"<b/>" * 200_000
    text = shown(view, data)
    assert text.endswith(f"... {len(data) - MAX_SHOWN_BYTES} bytes not shown")
    assert len(text) < 5 * MAX_SHOWN_BYTES


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
@given(data=st.binary(max_size=300))
def test_nothing_makes_a_view_raise(view: contentviews.Contentview, data: bytes) -> None:
    for content_type in (None, "", SOAP, "text/xml", "application/pkix-cert"):
        view.render_priority(data, Metadata(content_type=content_type))
    assert isinstance(shown(view, data), str)


@pytest.mark.parametrize(
    "data",
    [
        discover(),
        DOCUMENT,
        CERTIFICATE,
        syncml(""),
        build_request(),
        W1,
        renewal_token(),
        jwt(upn="demo"),
        aetx(),
        renewal_rst(),
    ],
    ids=["soap", "wap", "certificate", "syncml", "csr", "wbxml", "cms", "jwt", "aetx", "renewal"],
)
def test_no_cut_message_makes_a_view_raise(data: bytes) -> None:
    for length in range(0, len(data), 7):
        for view in VIEWS:
            shown(view, data[:length])


def test_codes_are_explained_below_the_message() -> None:
    body = (
        "<Status><CmdID>1</CmdID><MsgRef>1</MsgRef><CmdRef>2</CmdRef><Cmd>Get</Cmd>"
        "<Data>405</Data></Status>"
    )
    text = shown(SyncmlView(), syncml(body))
    assert text.index("</SyncML>") < text.index("<!-- Status 405 Command not allowed: not allowed")
    assert text.count("<Data>405</Data>") == 1
    ElementTree.fromstring(text)
    text = shown(SoapView(), serialize_fault("CertificateRequest", "no -- really"))
    assert "<!-- CertificateRequest: 0x80180004 MENROLL_E_DEVICE_CERTIFICATEREQUEST_ERROR" in text
    ElementTree.fromstring(text)


def test_a_token_is_taken_apart_and_said_to_be_unverified() -> None:
    text = shown(JwtView(), jwt(upn="demo@example.test", exp=1_700_000_000))
    assert '"alg": ' in text
    assert '"upn": "demo@example.test"' in text
    assert "exp: 2023-11-14 22:13:20 UTC" in text
    assert "claims are unverified" in text


def test_a_pkcs7_is_taken_apart() -> None:
    text = shown(Pkcs7View(), renewal_token())
    assert "  signer: CN=" in text
    assert "PKCS#10 certificate request" in text


def download(content: bytes, name: str = "hub.xap", **headers: str) -> Metadata:
    fields = Headers([(n.replace("_", "-").encode(), v.encode()) for n, v in headers.items()])
    flow = tflow.tflow(
        req=tutils.treq(
            path=f"/{name}?a=b".encode(), headers=Headers(((b"Range", b"bytes=0-65535"),))
        ),
        resp=tutils.tresp(status_code=206, content=content, headers=fields),
    )
    return Metadata(flow=flow, http_message=flow.response, content_type=headers["content_type"])


def test_a_download_is_told_in_words() -> None:
    content = b"PK\x03\x04" + bytes(96)
    metadata = download(
        content, content_type="application/x-silverlight-app", content_range="bytes 0-99/2000000"
    )
    assert HubView().render_priority(content, metadata) == 2
    lines = HubView().prettify(content, metadata).splitlines()
    assert lines == [
        "app package",
        "  name: hub.xap",
        "  asked: bytes=0-65535",
        "  status: 206",
        "  came: bytes 0-99/2000000",
        "  media type: application/x-silverlight-app",
        "  bytes here: 100",
        "  these bytes are: the beginning of an archive (ZIP); they are not shown",
    ]


def test_a_download_that_lies_about_its_range() -> None:
    metadata = download(b"abc", content_type="application/zip", content_range="bytes 5-9/10")
    assert HubView().render_priority(b"abc", metadata) == 2
    text = HubView().prettify(b"abc", metadata)
    assert "came: bytes 5-9/10, which is 5 bytes, but 3 are here" in text
    metadata = download(b"abc", content_type="application/zip", content_range="5-9")
    assert "(no valid Content-Range)" in HubView().prettify(b"abc", metadata)
    assert (
        HubView().render_priority(b"", download(b"", "a.zip", content_type="application/zip")) < 0
    )
