"""The same life with and without a mistake: all is counted and fixed, so that both are the same
until the mistake is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mdmcore.http import Exchange, Request, Response
from mdmcore.syncml.model import SyncML
from mdmcore.syncml.wire import decode_body
from tests.matrix.play import play


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The first answer of a life that a mistake has changed."""

    request: Request
    right: Response
    spoilt: Response

    @property
    def sent(self) -> SyncML:
        """The device's message."""
        return message_of(self.request)

    @property
    def messages(self) -> tuple[SyncML, SyncML]:
        """The right message and the one with the mistake, both well-formed."""
        return message_of(self.right), message_of(self.spoilt)


def message_of(carrier: Request | Response) -> SyncML:
    """The message in a body; raises for one that is not strictly right in form."""
    return decode_body(carrier.body or b"", carrier.headers)[0]


def exchanges(folder: Path, profile: str, *faults: str, **options: Any) -> list[Exchange]:
    """Everything that a life came to."""
    folder.mkdir()
    return play(folder, profile, *faults, **options).exchanges


def first_difference(
    folder: Path, profile: str, fault: str, life: Callable[..., None], **options: Any
) -> Difference | None:
    """Where a life with the mistake leaves the right one; ``None`` where it never does."""
    right = exchanges(folder / "right", profile, life=life, **options)
    spoilt = exchanges(folder / "spoilt", profile, fault, life=life, **options)
    for one, other in zip(right, spoilt, strict=False):
        assert one.request == other.request
        if one.response != other.response:
            assert one.response is not None
            assert other.response is not None
            return Difference(request=one.request, right=one.response, spoilt=other.response)
    return None
