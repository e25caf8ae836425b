"""Lives against the emulated server, gathered for a comparison."""

from __future__ import annotations

import functools
import itertools
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mdmcore.http import Exchange
from mdmcore.inspector import Inspector
from mdmcore.phone import Keyring
from mdmcore.report.diff import DiffDocument, GatheredLife, compare_lives, gather
from tests.matrix.material import aetx
from tests.matrix.play import Stage
from tests.matrix.variations import USUAL, VARIATIONS
from tests.support.keys import load_key
from tests.support.server import counted_random

_KEYS = (("device", "device2"), ("enterprise", "authority"))


@functools.cache
def exchanges_of(
    profile: str, *faults: str, number: int = 0, policies: tuple[str, ...] = ()
) -> tuple[Exchange, ...]:
    """The life of the device of that number (0 or 1), with these mistakes of its server. The two
    have nothing in common: names, keys, nonces and times are their own."""
    variation = VARIATIONS.get(faults[0], USUAL) if faults else USUAL
    settings: dict[str, Any] = {"seed": f"server {number}", **variation.settings}
    if policies:
        settings["auth_policies"] = policies
    names = itertools.cycle(_KEYS[number])
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder), profile, *faults, settings=settings, **variation.phone)
        own, user = stage.settings, f"user{number}@example.test"
        device_id = f"{own.device_id[:-1]}{number}"
        stage.settings = replace(own, email=user, username=user, device_id=device_id)
        stage.random = counted_random(f"phone {number}")
        stage.keys = Keyring(
            lambda bits: load_key("short" if bits < 2048 else next(names))  # as the life's own
        )
        stage.peer = f"192.0.2.{number + 1}"
        stage.clock.advance(days=number, hours=number)
        variation.life(stage)
        return tuple(stage.close().exchanges)


@functools.cache
def life(
    profile: str, *faults: str, number: int = 0, policies: tuple[str, ...] = ()
) -> GatheredLife:
    """The same, gathered."""
    exchanges = exchanges_of(profile, *faults, number=number, policies=policies)
    (found,) = gather(exchanges, Inspector(aetx=aetx()), f"{number}.mitm")
    return found


def differences(profile: str, *faults: str, **other: Any) -> DiffDocument:
    """A right life beside that of another device with these mistakes."""
    return compare_lives(life(profile), life(profile, *faults, number=1, **other))


def places(diff: DiffDocument) -> list[tuple[str, str]]:
    """Step and place of each difference in what was said; not what was found, nor how it ended,
    nor what one side never came to."""
    return [
        (one.step, one.what)
        for one in diff.differences
        if one.step not in ("findings", "outcome")
        and one.what not in ("step", "the session goes on otherwise")
    ]


def values(diff: DiffDocument) -> Mapping[str, tuple[str | None, str | None]]:
    """What both sides have, by place."""
    return {one.what: (one.a, one.b) for one in diff.differences}
