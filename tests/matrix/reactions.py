"""Which Status codes the catalogue's words promise of a kind of device.

A part of a reaction that begins with a profile or with "phones" holds for these, and for those the
other parts that name somebody do not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from mdmcore.rules.model import PROFILES

_CODE = re.compile(r"\b[2-5]\d\d\b")
_WHO: Mapping[str, frozenset[str]] = MappingProxyType(
    {"phones": frozenset({"wp8", "wp81"}), **{one: frozenset({one}) for one in PROFILES}}
)


def promised_codes(reaction: str, profile: str) -> frozenset[str]:
    """The codes of the parts that speak of that profile, or of all parts where none does."""
    parts = [part.strip() for part in reaction.split(";")]
    own = [part for part in parts if profile in _named(part)]
    return frozenset(code for part in own or parts for code in _CODE.findall(part))


def _named(part: str) -> frozenset[str]:
    first = re.match(r"\w*", part)
    return _WHO.get(first[0] if first is not None else "", frozenset())
