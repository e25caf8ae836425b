"""Changing each request of a leg on its way out, whatever the leg does with the answers."""

from __future__ import annotations

from collections.abc import Callable, Generator

from mdmcore.http import Request, Response
from mdmcore.phone.refusal import NoAnswer


def changing[T](
    change: Callable[[Request], Request], leg: Generator[Request, Response, T]
) -> Generator[Request, Response, T]:
    """That leg, each of its requests as ``change`` leaves it."""
    try:
        request = next(leg)
        while True:
            try:
                response = yield change(request)
            except NoAnswer as error:
                request = leg.throw(error)
            else:
                request = leg.send(response)
    except StopIteration as done:
        result: T = done.value
        return result
    finally:
        leg.close()
