"""All URIs of a message, untrimmed, each with its place."""

from __future__ import annotations

from mdmcore.enrollment import uri_texts
from mdmcore.namespaces import ADDRESSING, DISCOVERY, SECEXT, SOAP, VALUE_TYPE_PKCS10
from mdmcore.xml import parse_lenient, parse_strict
from tests.enrollment.captures import lumia_rst
from tests.enrollment.samples import messages


def test_namespaces_where_they_are_declared() -> None:
    data = f"""<s:Envelope xmlns:s="{SOAP}"><s:Body xmlns:a=" {ADDRESSING}">
      <Discover xmlns="{DISCOVERY} "><x xmlns="{DISCOVERY} "/></Discover>
    </s:Body></s:Envelope>"""
    assert list(uri_texts(parse_lenient(data.encode()).root)) == [
        ("/Envelope/@xmlns:s", SOAP),
        ("/Envelope/Body/@xmlns:a", f" {ADDRESSING}"),
        ("/Envelope/Body/Discover/@xmlns", f"{DISCOVERY} "),
        ("/Envelope/Body/Discover/x/@xmlns", f"{DISCOVERY} "),
    ]


def test_texts_and_attributes_are_untrimmed() -> None:
    data = b"""<e><Action> urn:act\n</Action><To/><Address>urn:a</Address><Name> x </Name>
      <BinarySecurityToken ValueType="urn:v " EncodingType=" urn:e" Id=" i">x</BinarySecurityToken>
      <TokenType>urn:t </TokenType><RequestType>urn:r</RequestType>
      <Password Type=" urn:p">s</Password><Other Type=" x "/>
      <EnrollmentServiceUrl>
        https://a.test/ </EnrollmentServiceUrl></e>"""
    assert list(uri_texts(parse_strict(data))) == [
        ("/e/Action", " urn:act\n"),
        ("/e/Address", "urn:a"),
        ("/e/BinarySecurityToken/@ValueType", "urn:v "),
        ("/e/BinarySecurityToken/@EncodingType", " urn:e"),
        ("/e/TokenType", "urn:t "),
        ("/e/RequestType", "urn:r"),
        ("/e/Password/@Type", " urn:p"),
        ("/e/EnrollmentServiceUrl", "\n        https://a.test/ "),
    ]


def test_urls_of_a_provisioning_document() -> None:
    data = b"""<wap-provisioningdoc><characteristic type="APPLICATION">
      <parm name="ADDR" value=" https://a.test/"/><parm name="NAME" value=" x"/>
      <parm name="ADDR"/></characteristic></wap-provisioningdoc>"""
    base = "/wap-provisioningdoc/characteristic"
    assert list(uri_texts(parse_strict(data))) == [
        (f"{base}/parm[1]/@value", " https://a.test/"),
        (f"{base}/parm[3]/@value", ""),
    ]


def test_a_real_request() -> None:
    found = dict(uri_texts(parse_strict(lumia_rst())))
    assert found["/Envelope/@xmlns:ns2"] == SECEXT
    assert found["/Envelope/Body/RequestSecurityToken/BinarySecurityToken/@ValueType"] == (
        VALUE_TYPE_PKCS10
    )
    assert len(found) == 14


def test_nothing_that_we_write_has_a_blank() -> None:
    for kind, data in messages().items():
        for path, text in uri_texts(parse_strict(data)):
            assert text, (kind, path)
            assert not any(character.isspace() for character in text), (kind, path)


def test_recovered_trees_are_walked_to_the_end() -> None:
    root = parse_lenient(b"<a>&x;<p:b/><Action>y&z;</Action><Action>urn:a</Action></a>").root
    assert ("/a/Action[2]", "urn:a") in list(uri_texts(root))
