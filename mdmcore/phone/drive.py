"""The smallest driver: hands a phone's requests to a function, until the phone is done.

No I/O of its own. A transport that cannot get an answer raises ``NoAnswer``; it is thrown into
the phone, which reacts as a device does.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

from mdmcore.http import Request, Response
from mdmcore.phone.refusal import NoAnswer


def run[T](phone: Generator[Request, Response, T], answer: Callable[[Request], Response]) -> T:
    """What the phone returns; Refusal when it gives up."""
    try:
        request = next(phone)
        while True:
            try:
                response = answer(request)
            except NoAnswer as reason:
                request = phone.throw(reason)
            else:
                request = phone.send(response)
    except StopIteration as done:
        result: T = done.value
        return result
