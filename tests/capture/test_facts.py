"""Facts that a format would lose: only what differs is noted, and damage is said with its place."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdmcore.capture.facts import MAX_CERTIFICATES, facts_of, with_facts
from mdmcore.capture.har import read_har
from mdmcore.capture.source import Reading
from mdmcore.errors import ParseError
from mdmcore.http import Exchange, Headers, Request, Response, TlsFacts
from mdmcore.passed_body import PassedBody
from tests.capture.any_exchange import any_exchange
from tests.capture.archives import exchange, har_bytes

BARE = Exchange(id="c:1", index=1, capture="c", request=Request(method="GET", url="http://h.test/"))


def test_what_is_seen_is_not_noted() -> None:
    assert facts_of(exchange(), exchange()) == {}


def test_only_what_differs_is_noted() -> None:
    other = replace(BARE, request=replace(BARE.request, headers=Headers([("A", "b")])), peer="x")
    assert facts_of(other, BARE) == {"peer": "x", "request": {"headers": [["A", "b"]]}}


@given(one=any_exchange(), seen=any_exchange())
@settings(max_examples=60)
def test_they_make_the_exchange_of_any_other(one: Exchange, seen: Exchange) -> None:
    facts = json.loads(json.dumps(facts_of(one, seen)))
    found = with_facts(seen, facts)
    assert replace(found, notes=one.notes, connection=one.connection) == one


def test_a_long_chain_keeps_its_first_certificates() -> None:
    long = replace(BARE, tls=TlsFacts(server_certificates=(b"0",) * (MAX_CERTIFICATES + 1)))
    tls = with_facts(BARE, facts_of(long, BARE)).tls
    assert tls is not None
    assert len(tls.server_certificates) == MAX_CERTIFICATES


def test_unknown_facts_are_passed_over() -> None:
    assert with_facts(BARE, {"later": 1, "request": {"later": 1}}) == BARE


DAMAGED: tuple[dict[str, Any], ...] = (
    {"tls": 1},
    {"tls": {"version": 1}},
    {"tls": {"server_certificates": ["?"]}},
    {"peer": 1},
    {"started": "yesterday"},
    {"started": "2026-01-01T00:00:00"},
    {"verbatim": None},
    {"is_begun": "yes"},
    {"remarks": "one"},
    {"remarks": None},
    {"request": None},
    {"request": {"url": None}},
    {"request": {"body": "?"}},
    {"request": {"headers": [["a"]]}},
    {"response": []},
    {"response": {"status": "200"}},
    {"response": {"status": True}},
    {"response": {"passed": {"length": -1}}},
)


@pytest.mark.parametrize("facts", DAMAGED, ids=json.dumps)
def test_damaged_facts_are_refused(facts: dict[str, Any]) -> None:
    with pytest.raises(ParseError):
        with_facts(BARE, facts)


def test_damage_is_said_with_its_place() -> None:
    document = json.loads(har_bytes([exchange(), exchange()]))
    document["log"]["entries"][0]["_mdmproxy"]["facts"] = {"peer": 1}
    reading = Reading(name="c")
    found = list(read_har(io.BytesIO(json.dumps(document).encode()), reading))
    assert [one.index for one in found] == [1]
    (problem,) = reading.problems
    assert (problem.where, problem.message) == (
        "log.entries[0]",
        "this entry cannot be read: the facts have a wrong peer",
    )


@given(st.text(st.characters(categories=["Cs", "L"]), max_size=5))
def test_no_lone_surrogate_is_noted(text: str) -> None:
    odd = replace(BARE, error=text, remarks=(text,), response=Response(status=200, body=None))
    json.dumps(facts_of(odd, BARE), ensure_ascii=False).encode("utf-8")


def test_what_is_known_of_a_body_that_passed_is_noted() -> None:
    passed = Response(status=200, body=None, passed=PassedBody(length=7, beginning=b"PK"))
    one = replace(BARE, response=passed)
    assert with_facts(BARE, facts_of(one, BARE)) == one
