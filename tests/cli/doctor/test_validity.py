"""Dates of certificates against the clock."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mdmcore.cli.doctor.result import Level
from mdmcore.cli.doctor.validity import validity_result
from tests.cli.doctor.setups import authority
from tests.support.server import NOW


@pytest.mark.parametrize(
    ("days", "later", "level", "words"),
    [
        (3650, 0, Level.OK, "is valid until 2036-11-20"),
        (40, 15, Level.WARNING, "is valid until 2027-01-02 only"),
        (40, 41, Level.PROBLEM, "ended on 2027-01-02"),
        (40, -1, Level.PROBLEM, "and this computer says it is 2026-11-22 12:00 UTC"),
    ],
)
def test_dates(days: int, later: int, level: Level, words: str) -> None:
    certificate = authority(days=days).parsed
    now = NOW + timedelta(days=later)
    result = validity_result(certificate, now, "it", renew="make a new one", facts={"a": 1})
    assert result.level is level
    assert words in result.message
    assert result.facts["a"] == 1
    assert str(result.facts["not_after"]).endswith("+00:00")


def test_a_certificate_of_the_future_points_to_the_clock() -> None:
    result = validity_result(
        authority(begins=timedelta(days=2)).parsed, NOW, "it", renew="no", facts={}
    )
    assert "set the computer's clock" in result.fix
