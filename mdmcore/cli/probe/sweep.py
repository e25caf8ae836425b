"""The inputs of a sweep: one thing is varied at a time, for each kind of device.

Kind of device alone, then its RequestVersions, the ways of authentication it knows, and the
encodings of DM messages. Each input is a device of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from mdmcore.cli.probe.plan import Plan, new_device_id
from mdmcore.namespaces import SYNCML_WBXML_MEDIA_TYPE, SYNCML_XML_MEDIA_TYPE
from mdmcore.phone.settings import PhoneSettings
from mdmcore.profiles import CERTIFICATE, PROFILES, DeviceProfile, device_profile

_ENCODINGS = {"XML": SYNCML_XML_MEDIA_TYPE, "WBXML": SYNCML_WBXML_MEDIA_TYPE}


def variations(plan: Plan, profiles: Iterable[str] = tuple(PROFILES)) -> list[Plan]:
    """All inputs for these kinds of device, each with a note that names it."""
    found = [one for name in profiles for one in _of_device(plan, device_profile(name))]
    return [
        replace(one, name=f"sweep-{number}", settings=_fresh(one.settings))
        for number, one in enumerate(found, start=1)
    ]


def _of_device(plan: Plan, device: DeviceProfile) -> Iterator[Plan]:
    base = replace(
        plan,
        settings=PhoneSettings(
            email=plan.settings.email,
            username=plan.settings.username,
            password=plan.settings.password,
            device_id=plan.settings.device_id,
            profile=device.name,
            server=plan.settings.server,
            accepts_redirect=plan.settings.accepts_redirect,
        ),
        note=f"{device.name}",
    )
    yield base
    for version in device.request_versions[1:]:
        settings = replace(base.settings, request_version=version)
        yield replace(base, settings=settings, note=f"{device.name}, RequestVersion {version}")
    for policy in device.auth_policies:
        if policy != CERTIFICATE:
            settings = replace(base.settings, offered_auth_policies=(policy,))
            yield replace(base, settings=settings, note=f"{device.name}, AuthPolicy {policy}")
    for name, media_type in _ENCODINGS.items():
        yield replace(base, encoding=media_type, note=f"{device.name}, DM messages in {name}")


def _fresh(settings: PhoneSettings) -> PhoneSettings:
    """The same device with an id, and so a hardware id, of its own."""
    return replace(settings, device_id=new_device_id(), hardware_id="")
