"""What a session leaves behind once it is over: orders are carried out, settings take effect.

A wipe ends the enrolment without a word; a restart lets the next SessionID be 0 (F#25581);
certificates, schedule and renewal settings that the server has written are in force from now on.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from mdmcore.csp import parse_uri
from mdmcore.phone.device.state import DeviceState
from mdmcore.phone.polling import rescheduled
from mdmcore.phone.schedule_branch import poll_schedule, poll_values
from mdmcore.phone.state import EnrolledPhone
from mdmcore.phone.unenrollment import erased
from mdmcore.profiles import PollScheme

_KEEPS_ENROLLMENT = "doAutomaticRedeployment"
_BEFORE_FIRST = -1
"""Sessions are counted from 1; after a restart the first one is 0."""
_RENEW = ("vendor", "msft", "certificatestore", "my", "wstep", "renew")


def settled(phone: EnrolledPhone, now: datetime) -> EnrolledPhone:
    """The phone after a session that ended at ``now``."""
    device = phone.device
    if device.wipe:
        return _wiped(phone)
    phone = _with_certificates(phone)
    phone = _with_renewal(_with_schedule(phone, now))
    if device.is_restarting:
        device = replace(phone.device, is_restarting=False)
        phone = replace(phone, sessions=_BEFORE_FIRST, device=device)
    return phone


def _wiped(phone: EnrolledPhone) -> EnrolledPhone:
    """The device as new; only a redeployment leaves it enrolled (RemoteWipe CSP)."""
    settings, wipe = phone.settings, phone.device.wipe
    new = DeviceState(has_card_slot=settings.has_storage_card, wipe=wipe)
    if wipe != _KEEPS_ENROLLMENT:
        return replace(erased(phone), device=new)
    polling = phone.device.polling
    device = replace(new, wipe="", polling=polling)
    return replace(phone, written=(), deleted=frozenset(), device=device)


def _with_certificates(phone: EnrolledPhone) -> EnrolledPhone:
    device = phone.device
    if not device.added_certificates and not device.removed_certificates:
        return phone
    gone = device.removed_certificates | {held.place for held in device.added_certificates}
    kept = tuple(held for held in phone.certificates if held.place not in gone)
    return replace(
        phone,
        certificates=(*kept, *device.added_certificates),
        device=replace(device, added_certificates=(), removed_certificates=frozenset()),
    )


def _with_schedule(phone: EnrolledPhone, now: datetime) -> EnrolledPhone:
    """The schedule as Poll says it, where the server has written there."""
    provider = phone.account.provider_id or ""
    branch = ("Vendor", "MSFT", "DMClient", "Provider", provider, "Poll")
    schedule, device = phone.schedule, phone.settings.device
    known = poll_values(schedule) if schedule.scheme is PollScheme.DM_CLIENT else {}
    written = {
        name: int(value) for name, value in _below(phone, branch).items() if value.isdecimal()
    }
    if not written:
        return phone
    new = poll_schedule({**known, **written}, place="/".join(branch[2:]), device=device)
    if new is None or new.sets == schedule.sets:
        return phone
    polling = rescheduled(phone.device.polling, at=now)
    return replace(phone, schedule=new, device=replace(phone.device, polling=polling))


def _with_renewal(phone: EnrolledPhone) -> EnrolledPhone:
    if not phone.settings.device.reads_renew_branch:
        return phone
    values = {name.lower(): value for name, value in _below(phone, _RENEW).items()}
    renewal = phone.renewal
    if "renewperiod" in values:
        renewal = replace(renewal, period_days=int(values["renewperiod"]))
    if "retryinterval" in values:
        renewal = replace(renewal, retry_days=int(values["retryinterval"]))
    if "robosupport" in values:
        renewal = replace(renewal, supports_robo=values["robosupport"].lower() == "true")
    if "serverurl" in values:
        renewal = replace(renewal, server_url=values["serverurl"] or None)
    return replace(phone, renewal=renewal)


def _below(phone: EnrolledPhone, branch: tuple[str, ...]) -> dict[str, str]:
    """What was written directly below a branch of the device, by name; letter case of the branch
    does not count."""
    found = {}
    wanted = tuple(name.lower() for name in branch)
    for written in phone.written:
        uri = parse_uri(written.uri)
        above = tuple(name.lower() for name in uri.segments[:-1])
        if above == wanted and uri.context != "user":
            found[uri.segments[-1]] = written.value
    return found
