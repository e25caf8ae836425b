"""Values of messages under dotted names."""

from __future__ import annotations

from mdmcore.inspector.artifact.message_facts import flat_facts, soap_summary, syncml_words
from mdmcore.rules.decoded import BodySide, Decoded, Kind
from tests.support.story import GET, package, package1


def test_parts_stand_under_dotted_names_and_a_message_under_none() -> None:
    content = {
        "soap": {"version": "1.2", "username": None},
        "discover": {"email_address": "a@b.test", "auth_policies": ["OnPremise"]},
        "fault": {"code": "s:Receiver"},
        "csr": {"key_bits": 2048},
    }
    assert flat_facts(content) == {
        "soap_version": "1.2",
        "email_address": "a@b.test",
        "auth_policies": ["OnPremise"],
        "fault.code": "s:Receiver",
    }


def test_names_and_values_and_other_rows() -> None:
    rows = [{"name": "MAC", "value": "1"}, {"name": "MAC", "value": "2"}]
    oids = [{"value": "1.2.3", "group": 1}, {"value": "4", "group": None}]
    assert flat_facts({"rst": {"context": rows, "oids": oids}}) == {
        "context.MAC": "1",
        "context.MAC (2)": "2",
        "oids": ["value 1.2.3, group 1", "value 4"],
    }


def test_the_number_of_facts_is_bounded() -> None:
    facts = flat_facts({f"n{number}": "x" for number in range(500)})
    assert len(facts) == 61
    assert list(facts)[-1] == "more"


def test_a_summary_is_one_bounded_line() -> None:
    side = BodySide(part="request", body=b"<x", is_xml=True)
    text = soap_summary("Discover\n" + "x" * 900, Decoded(kind=Kind.DISCOVER, request=side))
    assert len(text) <= 300
    assert "\n" not in text


def test_the_words_of_a_message() -> None:
    assert syncml_words(package1()) == "session 1, message 1: Alert, Replace"
    assert syncml_words(package("2", GET, GET)) == "session 1, message 2: Get x2"
    assert syncml_words(package("3")) == "session 1, message 3: nothing"
