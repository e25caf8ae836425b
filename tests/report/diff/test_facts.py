"""Taking out what always differs, in whatever spelling it stands, and nothing more."""

from __future__ import annotations

import pytest

from mdmcore.report.diff.facts import Names, order, relation
from mdmcore.rules.life import Life

NAMES = Names(
    Life(
        email="anna@example.test",
        username="EXAMPLE\\anna",
        device_id="urn:uuid:00000000-0000-4000-8000-00000000ABCD",
        discovery_host="enterpriseenrollment.example.test",
    )
)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("anna@example.test", "{email}"),
        ("login_hint=anna%40example.test&x=1", "login_hint={email}&x=1"),
        ("ANNA@EXAMPLE.TEST_WindowsPhone", "{email}_WindowsPhone"),
        ("joanna@example.test", "joanna@{domain}"),
        ("https://mdm.example.test/omadm", "https://mdm.{domain}/omadm"),
        ("https://mdm.example.test.evil/x", "https://mdm.{domain}.evil/x"),
        ("myexample.test", "myexample.test"),
        ("URN:UUID:00000000-0000-4000-8000-00000000abcd", "{device id}"),
        ("{3F2504E0-4F89-11D3-9A0C-0305E82C3301}", "{guid}"),
        ("at 2026-11-23T12:00:00.000Z", "at {time}"),
        ("20261123T120000Z", "{time}"),
        ("EXAMPLE%5Canna", "{user name}"),
        ("8.0.10501.127", "8.0.10501.127"),
    ],
)
def test_own_names_in_any_spelling(text: str, key: str) -> None:
    assert NAMES.key(text) == key


def test_short_names_are_left_alone() -> None:
    assert Names(Life(email="a@b", username="bob")).key("bob a@b") == "bob a@b"


def test_a_fact_shows_the_value_and_compares_the_key() -> None:
    fact = NAMES.fact("EntDMID of anna@example.test", "anna@example.test")
    assert (fact.what, fact.value, fact.key) == (
        "EntDMID of {email}",
        "anna@example.test",
        "{email}",
    )


def test_relations_and_orders() -> None:
    assert [relation("fits", one).key for one in (True, False, None)] == ["yes", "no", "not known"]
    assert order("x", ["b", "a, c", "b"]).key.split("\n") == ["b", "a, c"]
