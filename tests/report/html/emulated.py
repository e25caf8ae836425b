"""A week of the simulated phone against the emulated server, in memory, on one virtual clock."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from mdmcore.http import Exchange, Request, Response
from mdmcore.phone import Keyring, enroll, identity_of, run
from mdmcore.phone.life import VirtualClock, live
from tests.phone.generations import phone_of
from tests.support.keys import load_key
from tests.support.server import NOW, counted_random, make_server


def emulated_week(folder: Path, *, days: int = 7) -> list[Exchange]:
    """All exchanges of that time."""
    clock = VirtualClock(NOW)
    server, store = make_server(
        folder,
        clock=clock,  # type: ignore[arg-type]
        users=(("user@example.test", "pass & word"),),
    )
    found: list[Exchange] = []

    def transport(request: Request) -> Response:
        identity = identity_of(request)
        tls = None if identity is None else identity.tls_facts()
        response = server.answer(request, tls)
        found.append(
            Exchange(
                id="",
                index=0,
                capture="",
                request=request,
                response=response,
                started=clock(),
                peer="192.0.2.7",
                tls=tls,
            )
        )
        return response

    left = ["device"]
    keys = Keyring(lambda _bits: load_key(left.pop() if left else "device2"))
    leg = enroll(phone_of("wp8"), private_key=keys, random=counted_random("phone"), clock=clock)
    phone = run(leg, transport)
    until = NOW + timedelta(days=days)
    run(live(phone, clock=clock, until=until, random=counted_random("life"), keys=keys), transport)
    store.close()
    return found
