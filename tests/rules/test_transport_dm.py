"""Rules on the HTTP leg of DM sessions."""

from __future__ import annotations

import pytest

from mdmcore.http import Headers, Request, Response
from mdmcore.inspector import Inspection
from mdmcore.inspector.artifact import ArtifactSettings, inspect_artifact
from mdmcore.syncml.wbxml import WbxmlHeader, encode_wbxml
from mdmcore.syncml.xml import serialize_syncml
from tests.support.story import DM_URL, NOW, Story, answer, device_cred, package1, rules_of

FIRST = package1(cred=device_cred())
XML = "application/vnd.syncml.dm+xml"
WBXML = "application/vnd.syncml.dm+wbxml"
ASKED = serialize_syncml(FIRST)
ANSWERED = serialize_syncml(answer("1", "212"))


def told(
    body: bytes | None = ANSWERED,
    media_type: str | None = XML,
    *more: tuple[str, str],
    status: int = 200,
    asked: tuple[str, bytes] = (XML, ASKED),
    accepts: str = "",
    story: Story | None = None,
) -> Inspection:
    """The first message after enrolment, answered with that body and those headers."""
    sent = [("Content-Type", asked[0]), *([("Accept-Encoding", accepts)] if accepts else [])]
    back = [("Content-Type", media_type)] if media_type is not None else []
    return (story or Story("win10").enrolled()).tell(
        Request(method="POST", url=DM_URL, headers=Headers(sent), body=asked[1]),
        Response(status=status, headers=Headers([*back, *more]), body=body),
    )


def only_place(found: Inspection, rule: str) -> tuple[dict[str, str], str]:
    """Where the one finding is, which is of that rule, and its evidence."""
    (finding,) = found.findings
    assert finding.rule == rule
    (place,) = finding.places
    return dict(place.where), place.evidence


# --- empty-response-body


def test_an_empty_answer() -> None:
    found = Story("win10").enrolled().sync(FIRST, b"")
    assert rules_of(found.findings) == {"empty-response-body"}
    assert found.findings[0].severity == "warning"


@pytest.mark.parametrize(("body", "status"), [(None, 200), (b"", 500), (b"", 204)])
def test_a_body_that_was_not_recorded_or_another_status(body: bytes | None, status: int) -> None:
    found = Story("win10").enrolled().sync(FIRST, body, status=status)
    assert "empty-response-body" not in rules_of(found.findings)


def test_an_answer_with_a_body() -> None:
    assert Story("win10").enrolled().sync(FIRST, answer("1", "212")).findings == ()


# --- wrong-content-type


@pytest.mark.parametrize("written", [XML, f"{XML}; charset=utf-8", XML.upper()])
def test_the_media_type_of_syncml(written: str) -> None:
    assert told(ANSWERED, written).findings == ()


@pytest.mark.parametrize("written", ["text/xml", "text/html; charset=utf-8", "application/xml"])
def test_another_media_type(written: str) -> None:
    found = told(ANSWERED, written)
    where, evidence = only_place(found, "wrong-content-type")
    assert where == {"part": "response", "header": "Content-Type"}
    assert evidence == written
    assert found.findings[0].severity == "error"


def test_no_media_type_at_all() -> None:
    found = told(ANSWERED, None, ("Server", "x"))
    assert only_place(found, "wrong-content-type")[1] == "absent"


def test_a_log_without_headers_says_nothing_of_them() -> None:
    assert told(ANSWERED, None).findings == ()


def test_an_error_page_is_no_message() -> None:
    assert told(b"<html></html>", "text/html", status=500).findings == ()


# --- encoding-mismatch


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"\x02\x9f\x53\x6a\xff\xff\xff\x7f", "unreadable WBXML: "),
        (bytes(range(256)), "WBXML, but not SyncML: "),
    ],
)
def test_wbxml_that_cannot_be_read(body: bytes, why: str) -> None:
    asked = (WBXML, encode_wbxml(FIRST))
    found = told(body, WBXML, asked=asked)
    where, _ = only_place(found, "encoding-mismatch")
    assert where == {"part": "response", "offset": "0"}
    [message] = [one.message for one in found.findings if one.rule == "encoding-mismatch"]
    assert why in message
    assert found.summary.endswith("-> 200, SyncML that cannot be read")


def test_wbxml_is_answered_with_wbxml() -> None:
    asked = (WBXML, encode_wbxml(FIRST))
    assert told(encode_wbxml(answer("1", "212")), WBXML, asked=asked).findings == ()


def test_wbxml_is_answered_with_xml() -> None:
    found = told(asked=(WBXML, encode_wbxml(FIRST)))
    where, evidence = only_place(found, "encoding-mismatch")
    assert where == {"part": "response", "offset": "0"}
    assert evidence == "XML"
    assert found.findings[0].message == "the request is WBXML, the answer XML"


def test_xml_is_answered_with_wbxml() -> None:
    found = told(encode_wbxml(answer("1", "212")), WBXML)
    assert only_place(found, "encoding-mismatch")[1] == "WBXML"


@pytest.mark.parametrize(
    ("body", "written"), [(ANSWERED, WBXML), (encode_wbxml(answer("1", "212")), XML)]
)
def test_the_bytes_are_not_what_the_header_says(body: bytes, written: str) -> None:
    where, evidence = only_place(told(body, written), "encoding-mismatch")
    assert where == {"part": "response", "header": "Content-Type"}
    assert evidence == written


# --- content-length-wrong


@pytest.mark.parametrize(
    "fields",
    [
        (("Content-Length", str(len(ANSWERED))),),
        (("Content-Length", "1"), ("Transfer-Encoding", "chunked")),
        (("Content-Length", "many"),),
        (),
    ],
)
def test_lengths_that_are_right_or_do_not_count(fields: tuple[tuple[str, str], ...]) -> None:
    assert told(ANSWERED, XML, *fields).findings == ()


@pytest.mark.parametrize("off", [-1, 2])
def test_a_length_that_is_not_that_of_the_body(off: int) -> None:
    length = str(len(ANSWERED) + off)
    found = told(ANSWERED, XML, ("Content-Length", length))
    where, evidence = only_place(found, "content-length-wrong")
    assert where == {"part": "response", "header": "Content-Length"}
    assert evidence == length


def test_counting_characters_is_another_rule() -> None:
    body = ANSWERED.replace(b"</SyncML>", "<!-- Gerät --></SyncML>".encode())
    found = told(body, XML, ("Content-Length", str(len(body) - 1)))
    assert rules_of(found.findings) == {"content-length-counts-characters"}


def test_a_log_that_printed_the_body_anew_has_other_lengths() -> None:
    story = Story("win10").enrolled()
    story.verbatim = False
    assert told(ANSWERED, XML, ("Content-Length", "1"), story=story).findings == ()


# --- wrong-charset

LATIN1 = b'<?xml version="1.0" encoding="ISO-8859-1"?>'
UMLAUT = ANSWERED.replace(b"</SyncBody>", "<!-- Gerät --></SyncBody>".encode())


@pytest.mark.parametrize(
    "body", [UMLAUT, b'<?xml version="1.0" encoding="UTF-8"?>' + UMLAUT, b"\xef\xbb\xbf" + UMLAUT]
)
def test_utf_8_is_right(body: bytes) -> None:
    assert told(body, f"{XML}; charset=UTF-8").findings == ()


def test_a_declaration_of_another_charset() -> None:
    found = told(LATIN1 + ANSWERED)
    where, evidence = only_place(found, "wrong-charset")
    assert (where, evidence) == ({"part": "response", "offset": "0"}, "iso-8859-1")
    assert found.findings[0].severity == "error"


def test_utf_16() -> None:
    assert only_place(told(ANSWERED.decode().encode("utf-16")), "wrong-charset")[1] == "utf-16"


def test_the_header_names_another_charset() -> None:
    where, evidence = only_place(told(ANSWERED, f"{XML}; charset=latin1"), "wrong-charset")
    assert (where, evidence) == ({"part": "response", "header": "Content-Type"}, "latin1")


def test_bytes_that_are_not_utf_8_explain_what_is_not_wellformed() -> None:
    body = UMLAUT.decode().encode("latin-1")
    found = told(body)
    by_rule = {finding.rule: finding for finding in found.findings}
    assert set(by_rule) == {"wrong-charset", "xml-not-wellformed"}
    (place,) = by_rule["wrong-charset"].places
    assert place.where["offset"] == str(body.index(b"\xe4"))
    assert place.evidence == "0xE4"
    assert by_rule["xml-not-wellformed"].caused_by == ("wrong-charset",)


def test_a_cut_character_is_no_other_charset() -> None:
    body = UMLAUT[: UMLAUT.index(b"\xa4")]
    assert rules_of(told(body).findings) == {"xml-not-wellformed"}


def test_wbxml_in_another_charset() -> None:
    latin1 = WbxmlHeader(public_id=0x1201, charset=4)
    body = encode_wbxml(answer("1", "212"), header=latin1)
    found = told(body, WBXML, asked=(WBXML, encode_wbxml(FIRST)))
    assert only_place(found, "wrong-charset")[1] == "iso-8859-1"


@pytest.mark.parametrize("message", [ASKED, ANSWERED])
def test_a_loose_message_in_another_charset(message: bytes) -> None:
    (right,) = inspect_artifact(message, name="x", settings=ArtifactSettings(now=NOW))
    assert right.findings == ()
    (wrong,) = inspect_artifact(LATIN1 + message, name="x", settings=ArtifactSettings(now=NOW))
    assert rules_of(wrong.findings) == {"wrong-charset"}


# --- http-401-instead-of-syncml


@pytest.mark.parametrize("status", [401, 403, 407])
def test_the_web_server_refuses(status: int) -> None:
    found = told(b"", None, ("Server", "x"), status=status)
    where, evidence = only_place(found, "http-401-instead-of-syncml")
    assert (where, evidence) == ({"part": "response", "field": "status"}, str(status))


@pytest.mark.parametrize("status", [200, 404, 500])
def test_other_statuses_refuse_nobody(status: int) -> None:
    assert told(status=status).findings == ()


def test_a_proxy_that_asks_is_another_rule() -> None:
    found = told(b"", None, ("Proxy-Authenticate", "Basic"), status=407)
    assert rules_of(found.findings) == {"proxy-auth-challenge"}


# --- redirect-or-compression


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect(status: int) -> None:
    found = told(b"", None, ("Location", f"{DM_URL}/other"), status=status)
    where, evidence = only_place(found, "redirect-or-compression")
    assert (where, evidence) == ({"part": "response", "field": "status"}, str(status))
    assert found.findings[0].severity == "warning"


def test_a_redirect_of_a_message_without_credentials_is_one_mistake() -> None:
    asked = (XML, serialize_syncml(package1()))
    found = told(b"", None, ("Location", DM_URL), status=302, asked=asked)
    assert rules_of(found.findings) == {"redirect-or-compression"}


@pytest.mark.parametrize("accepts", ["", "deflate", "gzip;q=0, deflate", "gzip; q=0.00"])
def test_compression_that_was_not_asked_for(accepts: str) -> None:
    found = told(ANSWERED, XML, ("Content-Encoding", "gzip"), accepts=accepts)
    where, evidence = only_place(found, "redirect-or-compression")
    assert where == {"part": "response", "header": "Content-Encoding"}
    assert evidence == "gzip"


@pytest.mark.parametrize(
    ("accepts", "coding"),
    [("gzip", "gzip"), ("deflate, gzip;q=0.5", "gzip"), ("*", "br"), ("gzip", "x-gzip")],
)
def test_compression_that_was_asked_for(accepts: str, coding: str) -> None:
    assert told(ANSWERED, XML, ("Content-Encoding", coding), accepts=accepts).findings == ()


def test_identity_is_no_compression() -> None:
    assert told(ANSWERED, XML, ("Content-Encoding", "identity")).findings == ()
