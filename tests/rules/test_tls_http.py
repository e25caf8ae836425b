"""Rules on the bytes of messages: stray prefixes and blanks in URIs."""

from __future__ import annotations

import pytest

from mdmcore.enrollment.discovery import DiscoverResponse, serialize_discover_response
from mdmcore.syncml.xml import serialize_syncml
from tests.support.story import (
    ENROLLMENT_URL,
    MESSAGE_ID,
    Story,
    answer,
    device_cred,
    document,
    package1,
    rules_of,
)

ANSWER = serialize_discover_response(
    DiscoverResponse(auth_policy="OnPremise", enrollment_url=ENROLLMENT_URL),
    relates_to=MESSAGE_ID,
)
DECLARED = b'<?xml version="1.0" encoding="utf-8"?>' + ANSWER


def test_a_right_answer_has_no_finding() -> None:
    assert Story().discover(response=DECLARED).findings == ()


@pytest.mark.parametrize("prefix", [b"\r\n", b"garbage", b"\xef\xbb\xbf"])
def test_bytes_before_the_declaration(prefix: bytes) -> None:
    found = Story().discover(response=prefix + DECLARED)
    assert rules_of(found.findings) == {"xml-declaration-not-first"}
    assert found.summary.endswith("-> OnPremise")
    assert found.findings[0].places[0].where == {"part": "response", "offset": "0"}


def test_a_log_puts_blanks_before_the_declaration_itself() -> None:
    story = Story()
    story.verbatim = False
    assert story.discover(response=b"\n   " + DECLARED).findings == ()


NAMESPACE = b"http://schemas.microsoft.com/windows/management/2012/01/enrollment"


def test_a_blank_inside_a_namespace_is_one_finding() -> None:
    broken = ANSWER.replace(b'"' + NAMESPACE, b'" ' + NAMESPACE)
    assert broken != ANSWER
    found = Story().discover(response=broken)
    assert rules_of(found.findings) == {"namespace-whitespace"}
    assert found.findings[0].places[0].where["xpath"].endswith("/@xmlns")
    assert found.summary.endswith("-> OnPremise")


def test_a_line_break_in_a_url() -> None:
    broken = ANSWER.replace(ENROLLMENT_URL.encode(), ENROLLMENT_URL.encode() + b"\n")
    found = Story().discover(response=broken)
    assert rules_of(found.findings) == {"namespace-whitespace"}
    assert found.findings[0].severity == "error"


def test_a_log_wraps_texts_itself_but_not_inside() -> None:
    story = Story()
    story.verbatim = False
    url = ENROLLMENT_URL.encode()
    assert story.discover(response=ANSWER.replace(url, b"\n  " + url + b"\n")).findings == ()
    inside = story.discover(response=ANSWER.replace(url, url[:20] + b" " + url[20:]))
    assert rules_of(inside.findings) == {"namespace-whitespace"}


def test_a_blank_in_a_url_of_the_provisioning_document() -> None:
    story = Story()
    found = story.enroll(document().replace(b'/omadm"', b'/omadm "'))
    assert rules_of(found.findings) == {"namespace-whitespace"}
    assert found.findings[0].places[0].where["part"] == "document"


def test_a_blank_in_the_namespace_of_syncml() -> None:
    story = Story().enrolled()
    right = serialize_syncml(answer("2", "212"))
    broken = right.replace(b"SYNCML:SYNCML1.2", b"SYNCML:SYNCML1.2 ")
    found = story.sync(package1(cred=device_cred()), broken)
    assert rules_of(found.findings) == {"namespace-whitespace"}
