"""What a device itself tells, as a value and as plain JSON."""

from __future__ import annotations

import json

import pytest

from mdmcore.errors import ParseError
from mdmcore.observation import Observation, observation_fields, parse_observation

WHOLE = Observation(
    source="Admin",
    text="failed",
    event=76,
    level="error",
    session="0x1",
    device="PC-1",
    users=("anna@example.test",),
    hosts=("mdm.example.test",),
    enrollments=("AAAAAAAA-AAAA-AAAA-AAAA-AAAAAAAAAAAA",),
    thumbprints=("AB" * 20,),
    local_time="24.11.2026 10:00",
    facts={"mdm_server": "https://mdm.example.test"},
)


def test_it_comes_back_from_json():
    told = json.loads(json.dumps(observation_fields(WHOLE)))
    assert parse_observation(told) == WHOLE


def test_what_is_not_known_is_left_out():
    assert observation_fields(Observation(source="a", text="b")) == {"source": "a", "text": "b"}


def test_unknown_fields_are_passed_over():
    assert parse_observation({"source": "a", "more": 1}) == Observation(source="a", text="")


def test_titles():
    assert (WHOLE.title, Observation(source="pasted text", text="").title) == (
        "event 76",
        "pasted text",
    )


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        {"event": "76"},
        {"event": -1},
        {"text": 1},
        {"users": "anna"},
        {"users": ["x"] * 1000},
        {"facts": []},
    ],
)
def test_a_damaged_record_is_refused(told: object):
    with pytest.raises(ParseError):
        parse_observation(told)
