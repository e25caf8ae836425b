"""The rule on answers of a SCEP server."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest

from mdmcore.http import Headers, Request, Response
from mdmcore.inspector import Inspection
from tests.support.scep import CERTREP, DEVICE_NONCE, REQUEST, pki_message
from tests.support.story import Story

RULE = "scep-certrep-attribute-missing"
URL = "http://scep.example.test/scep?operation=PKIOperation"


def fetched(
    answered: bytes | None,
    *,
    profile: str = "win10",
    url: str = URL,
    by_get: bool = False,
    status: int = 200,
    story: Story | None = None,
) -> Inspection:
    """A device that fetches its certificate."""
    asked = pki_message(REQUEST)
    request = Request(method="POST", url=url, body=asked)
    if by_get:
        text = quote(base64.b64encode(asked).decode(), safe="")
        request = Request(method="GET", url=f"{url}&message={text}")
    headers = Headers([("Content-Type", "application/x-pki-message")])
    return (story or Story(profile).enrolled()).tell(
        request, Response(status=status, headers=headers, body=answered)
    )


def without(*names: str) -> bytes:
    return pki_message({name: value for name, value in CERTREP.items() if name not in names})


@pytest.mark.parametrize("by_get", [True, False])
def test_a_complete_answer(by_get: bool) -> None:
    assert fetched(pki_message(CERTREP), by_get=by_get).findings == ()


@pytest.mark.parametrize("name", ["transactionID", "messageType", "pkiStatus", "recipientNonce"])
def test_an_attribute_is_missing(name: str) -> None:
    (finding,) = fetched(without(name)).findings
    assert (finding.rule, finding.severity) == (RULE, "error")
    assert finding.places[0].evidence == f"{name} absent"


def test_all_that_is_missing_is_one_finding() -> None:
    (finding,) = fetched(without("messageType", "recipientNonce")).findings
    assert finding.places[0].evidence == "messageType, recipientNonce absent"


@pytest.mark.parametrize("by_get", [True, False])
def test_the_nonce_is_another(by_get: bool) -> None:
    wrong = pki_message({**CERTREP, "recipientNonce": DEVICE_NONCE[::-1]})
    (finding,) = fetched(wrong, by_get=by_get).findings
    assert finding.rule == RULE
    assert finding.places[0].evidence == "recipientNonce differs"


def test_the_servers_own_nonce_may_be_absent() -> None:
    assert fetched(without("senderNonce")).findings == ()


@pytest.mark.parametrize(
    ("profile", "severity"), [("wp8", None), ("wp81", "warning"), ("win81", "warning")]
)
def test_each_generation_has_its_letter(profile: str, severity: str | None) -> None:
    found = fetched(without("pkiStatus"), profile=profile).findings
    assert [finding.severity for finding in found] == ([severity] if severity else [])


def test_the_device_is_known_by_its_address() -> None:
    """Nobody said what generation it is but its own Discover."""
    story = Story()
    story.discover()
    story.policies()
    told = (("DeviceType", "CIMClient_Windows"), ("ApplicationVersion", "10.0.19041.1"))
    story.enroll(context=told)
    (finding,) = fetched(without("pkiStatus"), story=story).findings
    assert finding.severity == "error"


@pytest.mark.parametrize("body", [None, b"", b"\x30\x80 cut", b"<html/>"])
def test_what_is_no_message_is_not_judged(body: bytes | None) -> None:
    assert not fetched(body).findings


def test_other_operations_and_refusals_are_not_judged() -> None:
    incomplete = without("pkiStatus")
    assert not fetched(incomplete, url=URL.replace("PKIOperation", "GetCACert")).findings
    assert not fetched(incomplete, status=500).findings
