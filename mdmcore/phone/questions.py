"""Questions that a device asks on purpose: its own sessions in another form, and a stranger's
first message. What the answers mean is not known here.

Each question is the protocol and no more: a whole session with one header or the query changed, so
that both sides end it with the same nonces; or one package 1 without credentials, to which any
server answers with a challenge. A stranger shows no certificate and says nothing further.
"""

from __future__ import annotations

import uuid
from collections.abc import Generator
from dataclasses import replace

from mdmcore.http import Request, Response
from mdmcore.phone.keyring import Keyring
from mdmcore.phone.management import SessionOutcome, sync
from mdmcore.phone.outgoing import changing
from mdmcore.phone.settings import Clock, Random
from mdmcore.phone.state import EnrolledPhone

WINDOWS_QUERY = "mode=Maintenance&Platform=WoA"
"""What Windows 10 adds to the DM URL while a user is signed in (MS-MDM 2.1)."""

type Asked = Generator[Request, Response, SessionOutcome]


def with_query(
    phone: EnrolledPhone, *, random: Random, clock: Clock | None = None, keys: Keyring | None = None
) -> Asked:
    """A session with the query that Windows adds to ADDR."""

    def added(request: Request) -> Request:
        mark = "&" if "?" in request.url else "?"
        return replace(request, url=f"{request.url}{mark}{WINDOWS_QUERY}")

    return changing(added, sync(phone, random=random, clock=clock, keys=keys))


def with_enrollment_agent(
    phone: EnrolledPhone, *, random: Random, clock: Clock | None = None, keys: Keyring | None = None
) -> Asked:
    """A session under the User-Agent by which this device has enrolled."""
    agent = phone.settings.device.enrollment_user_agent

    def renamed(request: Request) -> Request:
        return replace(request, headers=request.headers.replaced("User-Agent", agent))

    return changing(renamed, sync(phone, random=random, clock=clock, keys=keys))


def without_credentials(
    phone: EnrolledPhone, *, random: Random, clock: Clock | None = None, keys: Keyring | None = None
) -> Asked:
    """A session whose first message has no Cred, so that the server must ask for it."""
    silent = replace(phone, settings=replace(phone.settings, sends_cred_first=False))
    outcome = yield from sync(silent, random=random, clock=clock, keys=keys)
    return replace(outcome, phone=replace(outcome.phone, settings=phone.settings))


def as_stranger(phone: EnrolledPhone, *, random: Random) -> Generator[Request, Response, Response]:
    """The same first message without credentials from a device that no server knows. The result is
    the answer, whatever it is."""
    device_id = f"urn:uuid:{str(uuid.UUID(bytes=random(16), version=4)).upper()}"
    settings = replace(phone.settings, device_id=device_id, imei="", sends_cred_first=False)
    # It has no key to sign with, whatever this device was told.
    stranger = replace(phone, settings=settings, requires_message_signing=False, written=())
    leg = sync(stranger, random=random)
    try:
        first = next(leg)
    finally:
        leg.close()
    answer = yield Request(
        method=first.method, url=first.url, headers=first.headers, body=first.body
    )
    return answer
