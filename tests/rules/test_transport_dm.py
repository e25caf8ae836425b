"""Rules on the HTTP leg of DM sessions."""

from __future__ import annotations

import pytest

from tests.support.story import Story, answer, device_cred, package1, rules_of

FIRST = package1(cred=device_cred())


def test_an_empty_answer() -> None:
    found = Story("win10").enrolled().sync(FIRST, b"")
    assert rules_of(found.findings) == {"empty-response-body"}
    assert found.findings[0].severity == "warning"


@pytest.mark.parametrize(("body", "status"), [(None, 200), (b"", 500), (b"", 204)])
def test_a_body_that_was_not_recorded_or_another_status(body: bytes | None, status: int) -> None:
    found = Story("win10").enrolled().sync(FIRST, body, status=status)
    assert "empty-response-body" not in rules_of(found.findings)


def test_an_answer_with_a_body() -> None:
    assert Story("win10").enrolled().sync(FIRST, answer("1", "212")).findings == ()
