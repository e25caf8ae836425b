"""Leaving the enrolment, on the user's wish or the server's (enrollment.md section 13; DISC).

Both tell the server in one more session, where the device does that at all; nobody waits for the
answer, and nothing of the enrolment is left.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from dataclasses import replace

from mdmcore.enrollment.provisioning_view import W7Account
from mdmcore.http import Request, Response
from mdmcore.namespaces import UNENROLL_ALERT_TYPE
from mdmcore.phone.client_identity import found_identity, offering
from mdmcore.phone.device.state import DeviceState
from mdmcore.phone.dialogue import Dialogue
from mdmcore.phone.first_package import generic_alert
from mdmcore.phone.keyring import Keyring
from mdmcore.phone.message_signing import message_signer, signing
from mdmcore.phone.refusal import Refusal
from mdmcore.phone.renewal_state import RenewalSettings, RenewalState
from mdmcore.phone.schedule import OFF, Schedule
from mdmcore.phone.settings import Clock, Random
from mdmcore.phone.state import EnrolledPhone
from mdmcore.syncml.model import Item, Meta

_ALERT = generic_alert(Item(meta=Meta(format="int", type=UNENROLL_ALERT_TYPE), data="1"))
_NO_ACCOUNT = W7Account(
    provider_id=None,
    addr=None,
    name=None,
    encoding=None,
    criteria=None,
    appauth=(),
    path="",
    addr_path="",
)


def unenroll(
    phone: EnrolledPhone, *, random: Random, clock: Clock | None = None, keys: Keyring | None = None
) -> Generator[Request, Response, EnrolledPhone]:
    """The user leaves: what is left of the phone. Never a Refusal, whatever the server says.

    ``keys`` as for ``sync``.
    """
    if not phone.is_unenrolled:
        yield from report_unenrollment(phone, random=random, clock=clock, keys=keys)
    return erased(phone)


def report_unenrollment(
    phone: EnrolledPhone, *, random: Random, clock: Clock | None = None, keys: Keyring | None = None
) -> Generator[Request, Response, None]:
    """One session with a generic alert in its first package: best effort, never repeated."""
    if not phone.settings.device.reports_unenrollment:
        return
    search = phone.management_certificate(None if clock is None else clock())
    signer = message_signer(phone, keys=keys, clock=clock)
    with contextlib.suppress(Refusal):
        dialogue = Dialogue(phone, random, (_ALERT,), resends=False)
        leg = signing(signer, dialogue.say_alert())
        yield from offering(found_identity(search, phone.certificates), leg)


def erased(phone: EnrolledPhone) -> EnrolledPhone:
    """The phone without certificates, account, hub, schedule, and what management has written."""
    nothing = Schedule(first=OFF, second=OFF, remaining=OFF, scheme=phone.schedule.scheme)
    return replace(
        phone,
        is_unenrolled=True,
        key_sha256="",
        certificates=(),
        account=_NO_ACCOUNT,
        schedule=nothing,
        renewal=RenewalSettings(),
        renewal_state=RenewalState(),
        ent_dmid=None,
        ent_device_name=None,
        upn=None,
        requires_message_signing=False,
        hub=None,
        nonce_c2s=None,
        nonce_s2c=None,
        scheme=None,
        written=(),
        deleted=frozenset(),
        device=_left_over(phone.device),
    )


def _left_over(device: DeviceState) -> DeviceState:
    """The device without company apps, policies and work: what is its user's stays."""
    return DeviceState(
        has_card_slot=device.has_card_slot,
        pin=device.pin,
        is_locked=device.is_locked,
        rings=device.rings,
        is_encrypted=device.is_encrypted,
    )
