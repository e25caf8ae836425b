"""Telling the kind of device."""

from __future__ import annotations

from typing import Any

import pytest

from mdmcore.enrollment.device_kind import detect_profile


@pytest.mark.parametrize(
    ("words", "profile"),
    [
        ({"device_type": "WindowsPhone", "application_version": "8.0.10501.127"}, "wp8"),
        ({"device_type": "WindowsPhone", "application_version": "8.10.12397.895"}, "wp81"),
        ({"device_type": "WindowsPhone", "application_version": "10.0.14393.0"}, "win10"),
        ({"device_type": "WindowsPhone", "request_version": "2.0"}, "wp81"),
        ({"device_type": "WindowsPhone"}, "wp8"),
        ({"device_type": "CIMClient_Windows", "application_version": "10.0.19043.2364"}, "win10"),
        ({"device_type": "CIMClient_Windows", "application_version": "6.3.9600"}, "win81"),
        ({"device_type": "CIMClient_Windows"}, "win81"),
        ({"device_type": "WindowsHandheld"}, "win10"),
        ({"request_version": "1.0"}, "wp8"),
        ({"request_version": "9.0"}, "win10"),
        ({"user_agent": "Windows Phone 8 Enrollment Client"}, "wp8"),
        ({"user_agent": "ENROLLClient"}, "win10"),
        ({"user_agent": "Enrollment"}, "win81"),
        ({"query": "mode=Maintenance&Platform=WoA"}, "win10"),
        ({"query": "Platform=WoA"}, "win81"),
        ({"user_agent": "MSFT OMA DM Client/1.2.0.1"}, None),
        ({"user_agent": "curl/8.5", "query": "mode=x"}, None),
        ({}, None),
        ({"is_discover": True}, "win81"),
        ({"is_discover": True, "request_version": "1.0"}, "wp8"),
    ],
)
def test_what_tells_the_profile(words: dict[str, Any], profile: str | None) -> None:
    assert detect_profile(**words) == profile
