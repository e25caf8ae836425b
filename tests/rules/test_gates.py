"""A device that is taken in one form and turned away in another."""

from __future__ import annotations

import pytest

from mdmcore.http import Headers, Request, Response
from mdmcore.namespaces import SYNCML_XML_MEDIA_TYPE
from mdmcore.syncml.xml import serialize_syncml
from tests.support.story import DM_URL, Story, answer, device_cred, package1

AGENT, QUERY = "user-agent-gate", "query-gate"
OWN, OTHER = "MSFT OMA DM Client/1.2.0.1", "ENROLLClient"


def told(*forms: tuple[str, str, int]) -> list[set[str]]:
    """What each message says of gates: User-Agent, query, status of the answer."""
    story = Story("win10").enrolled()
    found = []
    for number, (agent, query, status) in enumerate(forms, start=1):
        headers = Headers([("Content-Type", SYNCML_XML_MEDIA_TYPE), ("User-Agent", agent)])
        asked = package1(session_id=str(number), cred=device_cred())
        back = serialize_syncml(answer("2", "212", session_id=str(number)))
        request = Request(
            method="POST", url=f"{DM_URL}{query}", headers=headers, body=serialize_syncml(asked)
        )
        body = back if status == 200 else b"no"
        inspection = story.tell(request, Response(status=status, headers=headers, body=body))
        found.append({one.rule for one in inspection.findings} & {AGENT, QUERY})
    return found


def test_an_agent_that_is_not_known() -> None:
    assert told((OWN, "", 404), (OTHER, "", 200), (OWN, "", 404)) == [set(), {AGENT}, set()]
    assert told((OTHER, "", 200), (OWN, "", 403)) == [set(), {AGENT}]


def test_a_query_that_is_not_routed() -> None:
    assert told((OWN, "?mode=Maintenance", 404), (OWN, "", 200)) == [set(), {QUERY}]
    assert told((OWN, "", 200), (OWN, "?Platform=WoA", 404)) == [set(), {QUERY}]


@pytest.mark.parametrize(
    "forms",
    [
        ((OWN, "", 404), (OWN, "", 200)),
        ((OWN, "", 404), (OTHER, "?a", 200)),
        ((OWN, "", 200), (OWN, "", 404), (OTHER, "", 200)),
        ((OWN, "", 404), (OTHER, "", 404)),
        ((OWN, "", 401), (OTHER, "", 200)),
        ((OWN, "", 500), (OTHER, "", 200)),
        ((OWN, "", 429), (OWN, "?a", 200)),
    ],
    ids=["later", "two things", "now and then", "never", "credentials", "server", "load"],
)
def test_what_has_another_reason(forms: tuple[tuple[str, str, int], ...]) -> None:
    assert told(*forms) == [set()] * len(forms)
