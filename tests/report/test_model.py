"""The words of the model are those of the core."""

from __future__ import annotations

from typing import get_args

from mdmcore.capture import CaptureFormat
from mdmcore.report import model
from mdmcore.rules import MAX_PLACES, PROFILES, Severity
from mdmcore.rules.decoded import Kind
from mdmcore.rules.life import Outcome


def test_names_are_those_of_the_core():
    assert get_args(model.KindName) == tuple(kind.value for kind in Kind)
    assert get_args(model.OutcomeName) == tuple(outcome.value for outcome in Outcome)
    assert get_args(model.ProfileName) == PROFILES
    assert set(get_args(model.SeverityName)) == {each.value for each in Severity} - {"none"}
    assert set(get_args(CaptureFormat)) < set(get_args(model.Format))


def test_a_document_has_as_many_places_as_a_finding_keeps():
    schema = model.FindingRow.__annotations__["places"]
    assert f"max_length={MAX_PLACES}" in str(schema)
