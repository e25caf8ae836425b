"""Requests for revocation lists in the story of a device: before and after they are named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from mdmcore.http import Exchange, Request, Response, TlsFacts
from mdmcore.inspector.revocation_lists import RevocationLists
from mdmcore.rules import Finding
from mdmcore.rules.decoded import Kind
from mdmcore.rules.life import Life
from tests.support.story import HUB, Story, answer, device_cred, document, package1
from tests.support.tls_chains import leaf, revocation_list, root

URL = "http://pki.example.test/ca.crl"
SERVER = leaf("mdm.example.test", issuer=root(), revocation_list=URL).public_bytes(Encoding.DER)
LIST = Response(status=200, body=revocation_list(root()))
MISSING = Response(status=404)


def life(check: str = "1", profile: str = "wp8") -> Story:
    return Story(profile).enrolled(document(hub=replace(HUB, crl_check=check)))


def session(story: Story) -> tuple[Finding, ...]:
    tls = TlsFacts(server_certificates=(SERVER,))
    return story.sync(package1(cred=device_cred()), answer("2", "212"), tls=tls).findings


def fetch(story: Story, response: Response | None, **facts: Any) -> tuple[Finding, ...]:
    return story.tell(Request(method="GET", url=URL), response, **facts).findings


def findings(story: Story) -> list[tuple[str, int]]:
    found = [one for one in story.inspector.findings() if one.rule == "crl-unreachable"]
    return [(str(one.severity), one.count) for one in found]


def test_while_nobody_asks_it_is_a_warning() -> None:
    story = life()
    assert [one.severity for one in session(story)] == ["warning"]
    assert findings(story) == [("warning", 1)]


@pytest.mark.parametrize(
    ("response", "facts"),
    [(MISSING, {}), (Response(status=200, body=b"no list"), {}), (None, {"error": "timed out"})],
)
def test_a_list_that_does_not_come_is_an_error(
    response: Response | None, facts: dict[str, Any]
) -> None:
    story = life()
    session(story)
    (one,) = fetch(story, response, **facts)
    assert (one.rule, one.severity, one.places[0].evidence) == ("crl-unreachable", "error", URL)
    assert findings(story) == [("error", 2)]
    (whole,) = [one for one in story.inspector.findings() if one.rule == "crl-unreachable"]
    assert "cannot be fetched" in whole.message  # the graver hit speaks


def test_a_list_that_comes_is_none() -> None:
    story = life()
    session(story)
    assert fetch(story, LIST) == ()
    assert findings(story) == []


def test_a_device_asks_before_its_first_message() -> None:
    story = life()
    assert fetch(story, LIST) == ()
    assert session(story) == ()
    story = life()
    assert fetch(story, MISSING) == ()  # whose it is, is not known yet
    (one,) = session(story)
    assert (one.severity, "status 404" in one.message) == ("error", True)


def test_what_came_last_counts() -> None:
    story = life()
    session(story)
    fetch(story, MISSING)
    fetch(story, LIST)
    assert findings(story) == []


def test_without_a_check_nobody_minds() -> None:
    story = life("0")
    session(story)
    assert fetch(story, MISSING) == ()
    assert findings(story) == []


def test_a_generation_without_the_setting_is_not_told_of_errors() -> None:
    story = life(profile="win10")
    session(story)
    assert fetch(story, MISSING) == ()
    assert findings(story) == []


def test_other_requests_are_not_kept_and_the_oldest_are_forgotten() -> None:
    lists = RevocationLists()

    def exchange(url: str) -> Exchange:
        request = Request(method="GET", url=url)
        return Exchange(id="x:1", index=1, capture="x", request=request, response=MISSING)

    def known(*urls: str) -> int:
        return len(lists.told(Life(named_lists=(urls,))).known_lists)

    lists.note(exchange("http://a.test/page"), Kind.OTHER, is_named=False)
    lists.note(exchange("http://b.test/x.crl"), Kind.HUB, is_named=False)
    assert known("http://a.test/page", "http://b.test/x.crl") == 0
    lists.note(exchange("http://a.test/page"), Kind.OTHER, is_named=True)
    assert known("http://a.test/page") == 1
    for number in range(200):
        lists.note(exchange(f"http://a.test/{number}.crl"), Kind.OTHER, is_named=False)
    assert known("http://a.test/page") == 0
    assert known("http://a.test/0.crl", "http://a.test/199.crl") == 2
