"""What usual devices say of themselves fits what is asked of them."""

from __future__ import annotations

import re

import pytest

from mdmcore.enrollment.device_kind import detect_profile
from mdmcore.profiles import PROFILES, DeviceProfile


@pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))
def test_a_usual_device_is_taken_for_what_it_is(profile: DeviceProfile) -> None:
    version = profile.usual_device["os_version"]
    found = detect_profile(device_type=profile.device_type, application_version=version)
    assert found == profile.name
    # MS-MDE2 appendix A, DottedQuadType.
    assert re.fullmatch(r"([0-9]*\.){3}[0-9]*", version)


def test_all_say_the_same_things() -> None:
    keys = {frozenset(profile.usual_device) for profile in PROFILES.values()}
    assert len(keys) == 1
    assert all(all(profile.usual_device.values()) for profile in PROFILES.values())
