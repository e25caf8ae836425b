"""What a recording knows of a body that was not kept."""

from __future__ import annotations

import pytest

from mdmcore.capture.body_record import PASSED_FIELD, passed_of
from mdmcore.errors import ParseError
from mdmcore.passed_body import PassedBody, passed_fields
from tests.capture.flow_files import flow_bytes, http_flow, read

BODY = PassedBody(length=7, is_whole=False, beginning=b"PK")
OURS = {"schema": 1, "summary": "x", "findings": [], PASSED_FIELD: passed_fields(BODY)}


@pytest.mark.parametrize("metadata", [{}, {"mdmproxy": "x"}, {"mdmproxy": {"schema": 1}}])
def test_nothing_is_known(metadata: dict[str, object]) -> None:
    assert passed_of(metadata) is None


def test_it_is_read_from_our_metadata() -> None:
    assert passed_of({"mdmproxy": OURS}) == BODY


def test_a_damaged_record_is_told() -> None:
    with pytest.raises(ParseError, match="record of a body"):
        passed_of({"mdmproxy": {PASSED_FIELD: 1}})


def test_a_flow_without_body_has_what_is_known_of_it() -> None:
    kept, streamed, old = (
        http_flow(content=b"abc"),
        http_flow(content=None),
        http_flow(content=None),
    )
    for flow in (kept, streamed):
        flow.metadata["mdmproxy"] = OURS
    exchanges, reading = read(flow_bytes(kept, streamed, old))
    assert reading.problems == []
    found = [one.response for one in exchanges if one.response is not None]
    assert [(one.body, one.passed) for one in found] == [(b"abc", None), (None, BODY), (None, None)]
    assert [one.body_length for one in found] == [3, 7, None]


def test_a_flow_with_a_damaged_record_is_a_problem_of_its_own() -> None:
    broken, whole = http_flow(content=None), http_flow()
    broken.metadata["mdmproxy"] = {PASSED_FIELD: {"length": -1, "whole": True, "beginning": ""}}
    exchanges, reading = read(flow_bytes(broken, whole))
    assert len(exchanges) == 1
    assert "wrong length" in str(reading.problems[0])
