"""Bodies: shown when they are understood, described when they are not."""

from __future__ import annotations

from mdmcore.report.html.body import MAX_READ, MAX_SHOWN, body_of
from mdmcore.syncml.wbxml import encode_wbxml
from mdmcore.syncml.xml import parse_syncml, serialize_syncml
from mdmcore.xml import parse_strict
from tests.report.html.material import PLANTED
from tests.support.story import device_cred, package1

SOAP = "application/soap+xml"


def test_a_message_is_shown_as_sent() -> None:
    body = b"<s:Envelope xmlns:s='u'>\n <s:Body/></s:Envelope>"
    (part,) = body_of(body, SOAP).parts
    assert part.heading == f"{SOAP}, {len(body)} bytes, as sent"
    assert part.text == body.decode()


def test_what_is_cut_is_counted() -> None:
    body = b"<Envelope>" + b"x" * MAX_SHOWN + b"</Envelope>"
    (part,) = body_of(body, SOAP).parts
    assert len(part.text) == MAX_SHOWN
    assert part.cut == len(body) - MAX_SHOWN


def test_what_is_not_understood_is_described() -> None:
    for body in (b"password=x", b'{"a": 1}', b"<html><input></html>", b"\0\1\2", b"<other/>"):
        (part,) = body_of(body, "text/plain").parts
        assert part.text == ""
        assert part.heading.startswith(f"text/plain, {len(body)} bytes, not shown")


def test_what_is_absent_is_said() -> None:
    assert body_of(b"", "").parts[0].heading == "no body"
    assert body_of(None, "").parts[0].heading == "the body is not recorded"
    assert body_of(None, "", length=7).parts[0].heading.endswith("7 bytes passed through")
    assert "too long" in body_of(b"x" * (MAX_READ + 1), "").parts[0].heading


def test_wbxml_is_shown_as_xml_and_masked() -> None:
    text = serialize_syncml(package1(cred=device_cred()))
    body = encode_wbxml(parse_syncml(parse_strict(text)))
    masked = body_of(body, "application/vnd.syncml.dm+wbxml")
    assert "WBXML as the XML that it stands for" in masked.parts[0].heading
    assert "<Data>***</Data>" in masked.parts[0].text
    assert "./DevInfo/DevId" in masked.parts[0].text
    shown = body_of(body, "", show_secrets=True)
    assert device_cred().data in shown.parts[0].text
    broken = body_of(body[:20], "", show_secrets=True)
    assert "cannot be read" in broken.parts[0].heading
    assert broken.parts[1].text.startswith("0000  ")


def test_secrets_are_shown_when_asked() -> None:
    assert body_of(b"password=x", "", show_secrets=True).parts[0].text == "password=x"
    body = f"<Envelope><Password>{PLANTED}</Password></Envelope>".encode()
    assert PLANTED not in body_of(body, SOAP).parts[0].text
    assert PLANTED in body_of(body, SOAP, show_secrets=True).parts[0].text
    dumped = body_of(bytes(range(256)) * 3, "", show_secrets=True)
    assert dumped.parts[1].heading == "bytes, the first 512"
    assert dumped.parts[1].text.splitlines()[4].startswith("0040  40 41 42")
