"""Rows of the matrix that do not come out yet, and what is missing: nothing else may fail, and each
of these must (strictly), so that this list can only grow shorter."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_NO_ROOM = "the usual life gives this mistake no room; it needs a life of its own"
_NO_RULE = "the rule has no function yet"
_UNTOLD = "the rule does not tell it from a server that never accepts anything"
_ANSWERS = "the simulated device answers with another status than the entry says"

_FAULTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "appauth-levels-swapped": ("wp8 win10", _UNTOLD),
        "challenge-differs-by-device": ("wp8 win10", _NO_RULE),
        "user-agent-gate": ("wp8 win10", _NO_RULE),
        "query-gate": ("wp8 win10", _NO_RULE),
        "replay-not-idempotent": ("wp8 win10", _NO_ROOM),
        "generic-alert-unanswered": ("wp8", _NO_ROOM),
        "get-on-write-only": ("wp8 win10", _NO_ROOM),
        "user-scope-without-user": ("wp8", _NO_ROOM),
        "newpin-separate-message": ("wp81 win10", _NO_ROOM),
        "client-cert-both-stores": ("win10", _NO_ROOM),
        "poll-node-not-added": ("wp81 win10", _NO_ROOM),
        "commands-before-previous-answered": ("wp8 win10", _NO_ROOM),
        "policy-key-length-mismatch": ("wp8 win10", _NO_ROOM),
        "client-unfinished-not-continued": ("wp8 win10", _NO_ROOM),
        "atomic-contains-get": ("wp8", _ANSWERS),
        "missing-format": ("win10", _ANSWERS),
        "devicelock-range": ("win10", _ANSWERS),
    }
)

OPEN: Mapping[str, str] = MappingProxyType(
    {
        f"{fault}-{profile}": why
        for fault, (profiles, why) in _FAULTS.items()
        for profile in profiles.split()
    }
)
"""Row -> why it is open."""
