"""In which forms a device's DM messages came, and which of them the server turned away."""

from __future__ import annotations

from dataclasses import replace

from mdmcore.http import Exchange
from mdmcore.rules.decoded import Decoded
from mdmcore.rules.life import MAX_DM_WAYS, DmWay

_OTHER_REASONS = frozenset({401, 407, 408, 413, 415, 429})
"""Statuses that speak of credentials, time, size, encoding or load, not of the form."""
_MAX_TEXT = 200


def ways_after(ways: tuple[DmWay, ...], exchange: Exchange, decoded: Decoded) -> tuple[DmWay, ...]:
    """The forms with this exchange added."""
    request, response = exchange.request, exchange.response
    if response is None:
        return ways
    is_taken = response.status < 300 and decoded.response_syncml is not None
    is_refused = 400 <= response.status < 500 and response.status not in _OTHER_REASONS
    if not (is_taken or is_refused):
        return ways
    agent = (request.headers.get("User-Agent") or "")[:_MAX_TEXT]
    query = request.query[:_MAX_TEXT]
    for number, one in enumerate(ways):
        if (one.agent, one.query) == (agent, query):
            is_same = one.is_taken or not is_taken, one.is_refused or not is_refused
            if all(is_same):
                return ways
            new = replace(
                one, is_taken=one.is_taken or is_taken, is_refused=one.is_refused or is_refused
            )
            return (*ways[:number], new, *ways[number + 1 :])
    new = DmWay(agent=agent, query=query, is_taken=is_taken, is_refused=is_refused)
    return (*ways, new)[:MAX_DM_WAYS]
