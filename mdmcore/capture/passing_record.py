"""What a proxy notes on a flow about how an answer passed, which the flow itself does not keep.

It stands in our metadata (design.md section 5), so that a recording is judged as the exchange was
live: whether the answer was streamed, so that the device had its beginning when it broke off,
whether the device had left, and the words with which mitmproxy itself failed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mdmcore.capture.connection_record import METADATA_KEY

PASSING_FIELD = "passing"
_MAX_TEXT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """``is_begun``: the device had the beginning of an answer before its end was there.
    ``has_left``: the device had ended its connection when the exchange ended. ``crash`` has
    mitmproxy's words when it failed at this exchange."""

    is_begun: bool = False
    has_left: bool = False
    crash: str = ""


def passing_of(metadata: Mapping[Any, Any]) -> Passing:
    """What was noted; what is damaged counts as not noted."""
    ours = metadata.get(METADATA_KEY)
    noted = ours.get(PASSING_FIELD) if isinstance(ours, Mapping) else None
    if not isinstance(noted, Mapping):
        return Passing()
    crash = noted.get("crash")
    return Passing(
        is_begun=noted.get("begun") is True,
        has_left=noted.get("left") is True,
        crash=crash[:_MAX_TEXT] if isinstance(crash, str) else "",
    )


def passing_fields(passing: Passing) -> dict[str, Any]:
    """The note in plain JSON types; what has its default value is left out."""
    flags = {"begun": passing.is_begun, "left": passing.has_left}
    fields: dict[str, Any] = {name: True for name, is_set in flags.items() if is_set}
    return fields | ({"crash": passing.crash[:_MAX_TEXT]} if passing.crash else {})
