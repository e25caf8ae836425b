"""Rules on WLAN profiles."""

from __future__ import annotations

import pytest

from mdmcore.xml import escape_text
from tests.support.commands import command, sent

NAMESPACE = "http://www.microsoft.com/networking/WLAN/profile/v1"
NODE = "./Vendor/MSFT/WiFi/Profile/{}/WlanXml"
PLACE = "/SyncML/SyncBody/Add/Item/Data"


def profile(name: str, ssid: str, namespace: str = NAMESPACE) -> str:
    return (
        f'<?xml version="1.0"?><WLANProfile xmlns="{namespace}"><name>{name}</name><SSIDConfig>'
        f"<SSID><name>{ssid}</name></SSID></SSIDConfig><MSM><security><sharedKey><keyMaterial>"
        "secret-key</keyMaterial></sharedKey></security></MSM></WLANProfile>"
    )


@pytest.mark.parametrize("namespace", [f"{NAMESPACE} ", NAMESPACE.lower(), "http://x.test/"])
def test_another_namespace(namespace: str) -> None:
    text = profile("Net", "Net", namespace)
    found = sent("wp81", command("Add", NODE.format("Net"), text))
    if namespace.endswith(" "):  # no URI, so no document that can be read
        assert found == ()
        return
    assert [(one.rule, one.severity) for one in found] == [("wlanxml-namespace", "error")]
    assert found[0].places[0].where == {"part": "response", "xpath": PLACE}
    assert namespace in found[0].places[0].evidence
    assert "secret-key" not in found[0].message + found[0].places[0].evidence


@pytest.mark.parametrize(
    ("segment", "name", "ssid"),
    [
        ("Net", "Net", "Net"),
        ("My%20Net", "My Net", "My Net"),
        ("Net", "Office", "Net"),
        ("Office", "Office", "Net"),
        ("a%26b", "a&amp;b", "a&amp;b"),
    ],
)
def test_right_profiles(segment: str, name: str, ssid: str) -> None:
    assert sent("win10", command("Add", NODE.format(segment), profile(name, ssid))) == ()


def test_another_name() -> None:
    (found,) = sent("wp81", command("Add", NODE.format("Office"), profile("Guests", "Guests")))
    assert (found.rule, found.severity) == ("wifi-profile-name-mismatch", "warning")
    (place,) = found.places
    assert place.where == {"part": "response", "xpath": PLACE}
    assert place.evidence == "Guests"
    assert "secret-key" not in found.message


def test_a_profile_that_is_escaped_twice_is_told_as_that_alone() -> None:
    told = command("Add", NODE.format("A"), escape_text(profile("B", "B", "urn:x")))
    assert [one.rule for one in sent("wp81", told)] == ["data-double-escaped"]
