"""Rules on what is set up and then forgotten: SCEP servers, hubs, joined devices, schedules."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mdmcore.http import Headers, Request, Response
from tests.support.story import (
    STORE_URL,
    Story,
    answer,
    device_cred,
    document,
    package1,
    rules_of,
)

SCEP = "https://scep.example.test/scep?operation={}&message=x"


def scep(story: Story, operation: str) -> set[str]:
    """One request to a SCEP server."""
    request = Request(method="GET", url=SCEP.format(operation))
    response = Response(status=200, headers=Headers([("Content-Type", "text/plain")]), body=b"x")
    return rules_of(story.tell(request, response).findings)


@pytest.mark.parametrize(
    ("operations", "speaks"),
    [
        (("GetCACert", "GetCACaps", "GetCACert"), True),
        (("GetCACert", "PKIOperation", "GetCACert"), False),
        (("GetCACert", "GetCACert"), False),
    ],
)
def test_a_scep_server_that_is_only_looked_at(operations: tuple[str, ...], speaks: bool) -> None:
    story = Story("win10").enrolled(document(profile="win10"))
    story.sync(package1(cred=device_cred()), answer("2", "212"))
    found = [scep(story, operation) for operation in operations]
    assert any("scep-no-pkioperation" in rules for rules in found) is speaks


def session(story: Story, number: int) -> set[str]:
    """One whole session."""
    session_id = str(number)
    asked = package1(session_id=session_id, cred=device_cred())
    return rules_of(story.sync(asked, answer("2", "212", session_id=session_id)).findings)


@pytest.mark.parametrize("asks", [True, False])
def test_a_hub_that_is_never_asked_for(asks: bool) -> None:
    story = Story("wp8").enrolled()
    found = [session(story, 1)]
    if asks:
        story.tell(Request(method="GET", url=STORE_URL), Response(status=200, body=b"xap"))
    for number in (2, 3):
        story.now += timedelta(minutes=70)
        found.append(session(story, number))
    assert ["hub-no-attempt" in rules for rules in found] == [False, not asks, False]


def test_without_a_hub_nothing_is_missed() -> None:
    story = Story("wp8").enrolled(document(hub=None))
    session(story, 1)
    story.now += timedelta(hours=2)
    assert "hub-no-attempt" not in session(story, 2)
