"""Any mistake in a message of a session with HMAC leaves the HMAC right; one that is not right
before stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mdmcore.http import Headers, Request, Response
from mdmcore.server.faults.mac import signed_again
from mdmcore.server.faults.messages import message_of
from mdmcore.server.faults.model import Answered, Step
from mdmcore.syncml.hmac_header import HMAC_HEADER
from tests.matrix.play import Stage, play
from tests.server.faults.test_hmac_sessions import settings_for

XML = "application/vnd.syncml.dm+xml"


def test_a_phone_believes_a_server_that_makes_another_mistake(tmp_path: Path) -> None:
    played = play(
        tmp_path,
        "wp8",
        "synchdr-meta-ignored",
        settings=settings_for(XML),
        sends_cred_first=False,
    )
    assert played.refused == []
    assert "synchdr-meta-ignored" in played.rules()


@pytest.fixture
def answered(tmp_path: Path) -> Iterator[Answered]:
    """The first answer with an HMAC, before any mistake."""
    stage = Stage(tmp_path, "wp8", settings=settings_for(XML), sends_cred_first=False)
    stage.enroll()
    found: list[Answered] = []

    def keep(request: Request) -> bool:
        response = stage.ask(request)
        if HMAC_HEADER in response.headers and not found:
            found.append(
                Answered(step=Step.MANAGE, request=request, response=response, tools=stage.tools)
            )
        return bool(found)

    stage.loses_answer = keep
    stage.session()
    yield found[0]
    stage.close()


def signed(answered: Answered, response: Response) -> str | None:
    changed = signed_again(answered, message_of(answered.request), response)
    assert changed.body == response.body
    return changed.headers.get(HMAC_HEADER)


def test_another_body_gets_another_hmac(answered: Answered) -> None:
    right = answered.response
    before = right.headers.get(HMAC_HEADER)
    assert signed(answered, right) == before
    assert signed(answered, replace(right, body=b"other")) != before


@pytest.mark.parametrize(
    "value", ['username="MDMProxy", mac=AAAA', "nonsense"], ids=["wrong", "unreadable"]
)
def test_an_hmac_that_was_not_right_stays(answered: Answered, value: str) -> None:
    headers = answered.response.headers.replaced(HMAC_HEADER, value)
    other = replace(answered, response=replace(answered.response, headers=headers))
    assert signed(other, replace(other.response, body=b"other")) == value


def test_an_answer_without_hmac_gets_none(answered: Answered) -> None:
    response = replace(answered.response, headers=Headers([]))
    other = replace(answered, response=response)
    assert signed(other, response) is None
    assert signed_again(answered, None, answered.response) == answered.response


def test_a_stranger_s_answer_stays(answered: Answered) -> None:
    sent = message_of(answered.request)
    assert sent is not None
    stranger = replace(sent, header=replace(sent.header, source="urn:somebody"))
    changed = replace(answered.response, body=b"other")
    assert signed_again(answered, stranger, changed) == changed
