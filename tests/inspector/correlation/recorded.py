"""Whole lives of several devices against the emulated server, recorded once, and how to compare
what an inspector makes of them."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from mdmcore.http import Exchange, TlsFacts
from mdmcore.inspector import Inspector
from mdmcore.phone import Keyring
from mdmcore.profiles import FEDERATED
from tests.matrix.material import aetx
from tests.matrix.play import Stage
from tests.support.server import counted_random

SIGNS_IN = MappingProxyType({"auth_policies": (FEDERATED,)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """Who enrols, how, and what its server does wrong. ``is_shy``: its sessions begin without
    credentials."""

    profile: str
    user: str
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)
    faults: tuple[str, ...] = ()
    is_shy: bool = False


DEVICES = (
    Device(profile="wp8", user="anna@example.test"),
    Device(
        profile="wp81",
        user="bert@example.test",
        settings=SIGNS_IN,
        faults=("criteria-unescaped",),
    ),
    Device(profile="win10", user="cleo@example.test", settings=SIGNS_IN, faults=("stale-nonce",)),
    Device(profile="win10", user="anna@example.test", faults=("missing-212",)),
    Device(profile="wp81", user="dora@example.test", is_shy=True),
    Device(profile="win10", user="emil@example.test", settings=SIGNS_IN, is_shy=True),
)


@functools.cache
def recorded(number: int) -> tuple[Exchange, ...]:
    """The life of the device of that number: enrolment, hub, sessions, renewal, leaving. The
    device shows its certificate where it loads the hub; each exchange has an id of its own."""
    device = DEVICES[number]
    settings = {"seed": f"server {number}", **device.settings}
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder), device.profile, *device.faults, settings=settings)
        own = stage.settings
        stage.settings = replace(
            own,
            email=device.user,
            username=device.user,
            device_id=f"{own.device_id[:-1]}{number}",
            sends_cred_first=not device.is_shy,
        )
        stage.random = counted_random(f"phone {number}")
        stage.keys = Keyring(lambda bits: rsa.generate_private_key(65537, max(bits, 1024)))
        stage.peer = f"192.0.2.{number + 1}"
        stage.life()
        played = stage.close()
    (life,) = inspected(played.exchanges).lives()
    first = life.previous_certificate or life.certificate
    assert first is not None
    tls = TlsFacts(client_certificates=(first.der,))
    return tuple(
        replace(
            one, id=f"{number}:{one.index}", tls=tls if one.request.path.endswith("xap") else None
        )
        for one in played.exchanges
    )


def at(peer: str | None, exchanges: Iterable[Exchange]) -> tuple[Exchange, ...]:
    """The same from another address; ``None`` where the capture does not tell."""
    return tuple(replace(one, peer=peer) for one in exchanges)


def inspected(exchanges: Iterable[Exchange]) -> Inspector:
    """An inspector that has seen these, and has the enterprise's file."""
    inspector = Inspector(aetx=aetx())
    for number, exchange in enumerate(exchanges, start=1):
        inspector.inspect(replace(exchange, index=number))
    return inspector


def told(inspector: Inspector, *, with_count: bool = True) -> list[Any]:
    """Each life and its findings, in a form that does not depend on the order of the lives.

    Without ``with_count`` it is not said how many exchanges a life has: probes have no name.
    """
    found: dict[str | None, list[Any]] = {life.id: [] for life in inspector.lives()}
    for one in inspector.findings():
        places = tuple(place.exchange for place in one.places)
        found.setdefault(one.life, []).append(
            (one.rule, one.severity.value, one.message, one.count, one.caused_by, places)
        )
    who = {
        life.id: (
            life.email,
            life.device_id,
            life.profile,
            life.outcome.value,
            life.session_count,
            life.hub_bytes,
            life.exchanges if with_count else 0,
        )
        for life in inspector.lives()
    }
    return sorted((who.get(key, ()), sorted(rows)) for key, rows in found.items())


def interleaved(lives: Sequence[Sequence[Exchange]], order: Iterable[int]) -> list[Exchange]:
    """The exchanges of all, each device's in its own order; ``order`` names the devices."""
    waiting = [iter(life) for life in lives]
    return [next(waiting[number]) for number in order]
