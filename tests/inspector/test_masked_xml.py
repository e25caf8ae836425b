"""Masked text: what is hidden, what stays as it was sent."""

from __future__ import annotations

import pytest

from mdmcore.base64_text import encode_base64
from mdmcore.errors import XmlError
from mdmcore.inspector.masked_xml import masked_xml
from tests.report.html.material import right_life
from tests.support.story import phone_csr

SECRET = "S3cr3t-planted-value"
PACKED = encode_base64(f"<x password='{SECRET}'/>".encode())
DOCUMENT = f'<wap-provisioningdoc><parm name="AAUTHSECRET" value="{SECRET}"/></wap-provisioningdoc>'


def item(uri: str, data: str, more: str = "") -> str:
    return f"<Item><Target><LocURI>{uri}</LocURI></Target>{more}<Data>{data}</Data></Item>"


@pytest.mark.parametrize(
    "secret",
    [
        f"<wsse:Password Type='x'>{SECRET}</wsse:Password>",
        f"<Password><![CDATA[{SECRET}]]></Password>",
        f"<wsse:Security><saml:Thing>{SECRET}</saml:Thing></wsse:Security>",
        f"<wsse:BinarySecurityToken>{encode_base64(SECRET.encode())}</wsse:BinarySecurityToken>",
        f"<wsse:BinarySecurityToken>{SECRET}</wsse:BinarySecurityToken>",
        f"<Cred><Meta/><Data>{SECRET}</Data></Cred>",
        f"<Chal><Meta><NextNonce>{SECRET}</NextNonce></Meta></Chal>",
        item("./SyncML/DMAcc/A/AppAuth/B/AAuthSecret", SECRET),
        item("./x", SECRET, "<Meta><Type>com.microsoft/MDM/AADUserToken</Type></Meta>"),
        item("./x", f"&lt;a Password='{SECRET}'/>"),
        item("./x", PACKED),
        f"<parm name='aauthsecret' value='{SECRET}'/>",
        f'<parm value = "{SECRET}" name="EnrollmentToken"></parm>',
        f"<ContextItem Name='EnrollmentPassword'><Value>{SECRET}</Value></ContextItem>",
        f"<x clientSecret='{SECRET}'/>",
        f"<Assertion><Name><b>{SECRET}</b></Name></Assertion>",
        f"<!-- {SECRET} -->",
        f"<?note {SECRET}?>",
    ],
    ids=lambda text: text[1:24],
)
def test_a_secret_is_hidden_and_all_else_stays(secret: str) -> None:
    head = "<?xml version='1.0'?>\n<a:E xmlns:a='u' xmlns:wsse='w' xmlns:saml='s'>\n <b  c = 'd'/>"
    found = masked_xml(f"{head}{secret}<z>end ]]&gt;</z>\n</a:E>".encode())
    assert SECRET not in found.text
    assert encode_base64(SECRET.encode()) not in found.text
    assert PACKED not in found.text
    assert "***" in found.text
    assert found.is_as_sent
    assert found.text.startswith(head)
    assert found.text.endswith("<z>end ]]&gt;</z>\n</a:E>")


def test_requests_and_certificates_are_no_secrets() -> None:
    token = encode_base64(phone_csr())
    body = f"<E><BinarySecurityToken>{token}</BinarySecurityToken></E>"
    found = masked_xml(body.encode())
    assert found.text == body
    assert not found.is_masked


def test_a_packed_document_comes_out_to_be_masked_itself() -> None:
    token = encode_base64(DOCUMENT.encode())
    body = f"<E><BinarySecurityToken>{token}</BinarySecurityToken></E>"
    found = masked_xml(body.encode())
    assert token not in found.text
    assert found.documents == (DOCUMENT.encode(),)
    assert SECRET not in masked_xml(found.documents[0]).text


def test_what_is_hidden_is_told_to_be_looked_for_elsewhere() -> None:
    assert masked_xml(f"<E><Password> {SECRET} </Password></E>".encode()).secrets == (SECRET,)
    assert masked_xml(b"<E><Password>ab</Password></E>").secrets == ()


@pytest.mark.parametrize(
    "broken",
    [
        f"<E><Password>{SECRET}</Password><b></E>",
        f"<E><Password>{SECRET}</E>",
        f"<E><x:Password>{SECRET}</x:Password></E>",
        f"<E><!-- {SECRET} --><b></E>",
        f"<E><parm name='AAUTHSECRET' value='{SECRET}'><b></E>",
    ],
    ids=["tags", "unclosed", "prefix", "comment", "attribute"],
)
def test_what_is_not_well_formed_is_written_anew(broken: str) -> None:
    found = masked_xml(broken.encode())
    assert not found.is_as_sent
    assert SECRET not in found.text


@pytest.mark.parametrize(
    "broken",
    [
        f"<E><wsse Password>{SECRET}</wsse></E>",
        f"<E><x Password=>{SECRET}</x></E>",
        f"<E><Password {SECRET}</Password></E>",
        f"<E><Password<{SECRET}</Password></E>",
        f"<E><parm name=AAUTHSECRET value={SECRET}></E>",
        f"<E><NextNonce<x>{SECRET}</x></E>",
    ],
    ids=["blank", "no-value", "no-end", "no-bracket", "no-quotes", "nonce"],
)
def test_what_is_so_broken_that_a_secret_may_be_anywhere_is_refused(broken: str) -> None:
    with pytest.raises(XmlError):
        masked_xml(broken.encode())


def test_policies_name_no_secret() -> None:
    response = right_life()[2].response
    assert response is not None
    assert response.body is not None
    found = masked_xml(response.body)
    assert not found.is_masked
    assert "<minimalKeyLength>2048<" in found.text.replace("xcep:", "")


def test_other_encodings_are_read() -> None:
    text = f"<?xml version='1.0' encoding='utf-16'?><E>ü<Password>{SECRET}</Password></E>"
    found = masked_xml(text.encode("utf-16"))
    assert found.is_as_sent
    assert "<E>ü<Password>***</Password></E>" in found.text


def test_what_is_no_xml_is_refused() -> None:
    with pytest.raises(XmlError):
        masked_xml(b"password=x")


def test_names_in_text_and_attributes_are_no_tags() -> None:
    body = f"""<E a="<not>" b='>'><c d=">"/><Password>{SECRET}</Password></E>"""
    broken = masked_xml(body.encode())
    assert not broken.is_as_sent  # a bare < in an attribute
    well = masked_xml(body.replace("<not>", "&lt;not>").encode())
    assert well.is_as_sent
    assert well.text.endswith("""<c d=">"/><Password>***</Password></E>""")
