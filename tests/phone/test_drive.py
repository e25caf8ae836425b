"""The driver: requests in turn, results back, missing answers thrown into the phone."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from mdmcore.http import Request, Response
from mdmcore.phone import NoAnswer, run

A = Request(method="GET", url="https://a.test/")
B = Request(method="GET", url="https://b.test/")


def phone() -> Generator[Request, Response, list[int | str]]:
    seen: list[int | str] = []
    for request in (A, B):
        try:
            response = yield request
        except NoAnswer as error:
            seen.append(error.reason)
        else:
            seen.append(response.status)
    return seen


def test_answers_are_handed_to_the_phone_in_turn() -> None:
    asked: list[str] = []

    def answer(request: Request) -> Response:
        asked.append(request.url)
        return Response(status=200 + len(asked))

    assert run(phone(), answer) == [201, 202]
    assert asked == [A.url, B.url]


def test_a_missing_answer_is_thrown_into_the_phone() -> None:
    def answer(request: Request) -> Response:
        if request is A:
            raise NoAnswer("TLS refused")
        return Response(status=200)

    assert run(phone(), answer) == ["TLS refused", 200]


def test_a_phone_that_asks_nothing_just_returns() -> None:
    def silent() -> Generator[Request, Response, int]:
        if False:
            yield A
        return 7

    assert run(silent(), lambda _request: Response(status=200)) == 7


def test_other_errors_of_the_transport_pass_through() -> None:
    def broken(_request: Request) -> Response:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(phone(), broken)
