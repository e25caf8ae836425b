"""Spoilt captures and spoilt answers: a replay ends in words, never in an exception of ours."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from mdmcore.http import Exchange, Request, Response
from tests.replay.replaying import as_device, captured, recorded, served
from tests.report.diff.lives import exchanges_of

SEEDS = range(2)


def spoilt(body: bytes | None, dice: random.Random) -> bytes:
    """Cut, mixed up, without numbers, or something else altogether."""
    whole = bytearray(body or b"")
    match dice.randrange(4):
        case 0:
            return bytes(whole[: dice.randrange(len(whole) + 1)])
        case 1:
            for _ in range(20 if whole else 0):
                whole[dice.randrange(len(whole))] = dice.randrange(256)
            return bytes(whole)
        case 2:
            return bytes(whole).replace(b"CmdID", b"CmdNo").replace(b"SessionID", b"Session")
        case _:
            return dice.randbytes(100)


def spoilt_life(dice: random.Random) -> list[Exchange]:
    def one(exchange: Exchange) -> Exchange:
        response = exchange.response
        if response is None or dice.random() > 0.3:
            return exchange
        asked = replace(exchange.request, body=spoilt(exchange.request.body, dice))
        return replace(
            exchange,
            request=asked if dice.random() < 0.5 else exchange.request,
            response=replace(response, body=spoilt(response.body, dice)),
        )

    return [one(exchange) for exchange in exchanges_of("wp8")]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_spoilt_capture_is_served(seed: int) -> None:
    played, _told = served(captured(spoilt_life(random.Random(seed))), "wp8")
    assert played.exchanges


@pytest.mark.parametrize("seed", SEEDS)
def test_a_spoilt_capture_is_sent(seed: int) -> None:
    assert as_device(captured(spoilt_life(random.Random(seed))), "wp8").replayed.exchanges


@pytest.mark.parametrize("seed", SEEDS)
def test_a_server_that_answers_nonsense(seed: int) -> None:
    dice = random.Random(seed)

    def spoiling(answer: Callable[[Request], Response]) -> Callable[[Request], Response]:
        def spoil(request: Request) -> Response:
            response = answer(request)
            if dice.random() > 0.25:
                return response
            status = dice.choice((response.status, 200, 302, 500))
            return replace(response, body=spoilt(response.body, dice), status=status)

        return spoil

    found = as_device(recorded("wp8"), "wp8", wrap=spoiling)
    assert found.replayed.exchanges
