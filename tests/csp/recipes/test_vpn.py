"""VPN connections: VPN on 8.1 [U], VPNv2 on Windows 10."""

from __future__ import annotations

import pytest

from mdmcore.errors import ConfigError
from tests.support.recipes import built, sent_values

V2 = "./Device/Vendor/MSFT/VPNv2/Example%20VPN"
PHONE = "./Vendor/MSFT/VPN/Example%20VPN"


def test_a_connection_of_a_phone() -> None:
    made = built("vpn", "wp81", name="Example VPN", server="vpn.example.test", split_tunnel="yes")
    assert sent_values(made) == {
        f"{PHONE}/Server": "vpn.example.test",
        f"{PHONE}/TunnelType": "IKEv2",
        f"{PHONE}/Policies/SplitTunnel": "true",
    }
    assert [command.name for command in made] == ["Atomic"]


def test_a_connection_of_windows_10() -> None:
    made = built(
        "vpn",
        "win10",
        name="Example VPN",
        server="vpn.example.test",
        type="sstp",
        login="eap",
        always_on="yes",
        dns_suffix="example.test",
    )
    assert sent_values(made) == {
        f"{V2}/NativeProfile/Servers": "vpn.example.test",
        f"{V2}/NativeProfile/NativeProtocolType": "SSTP",
        f"{V2}/NativeProfile/Authentication/UserMethod": "EAP",
        f"{V2}/NativeProfile/RoutingPolicyType": "ForceTunnel",
        f"{V2}/DnsSuffix": "example.test",
        f"{V2}/AlwaysOn": "true",
    }


def test_a_machine_logs_in_by_its_certificate() -> None:
    named = {"name": "Example VPN", "server": "vpn.example.test", "login_by": "machine"}
    values = sent_values(built("vpn", "win10", type="ikev2", **named))
    assert values[f"{V2}/NativeProfile/Authentication/MachineMethod"] == "Certificate"
    with pytest.raises(ConfigError, match="login-by=machine needs type=ikev2"):
        built("vpn", "win10", type="l2tp", **named)


@pytest.mark.parametrize(
    ("profile", "values", "message"),
    [
        ("wp81", {"name": "a"}, "vpn needs server or, on win10, profile"),
        ("wp81", {"name": "a", "server": "b", "type": "l2tp"}, "type must be ikev2 on wp81"),
        ("wp81", {"name": "a", "profile": "<a/>"}, "profile is for win10, not for wp81"),
        ("win10", {"name": "a", "profile": "<a/>", "server": "b"}, "server is part of the profile"),
        ("win10", {"name": "a", "server": "b c"}, "server must be a host or host:port"),
        ("win10", {"name": "*", "server": "b"}, "name must be a name"),
    ],
)
def test_what_makes_no_connection_is_refused(
    profile: str, values: dict[str, str], message: str
) -> None:
    with pytest.raises(ConfigError, match=f"^{message}"):
        built("vpn", profile, **values)


def test_a_whole_profile_goes_as_it_is() -> None:
    made = built("vpn", "win10", name="Example VPN", profile="<VPNProfile/>")
    assert sent_values(made) == {f"{V2}/ProfileXML": "<VPNProfile/>"}


@pytest.mark.parametrize(("profile", "uri"), [("wp81", PHONE), ("win10", V2)])
def test_a_connection_is_forgotten(profile: str, uri: str) -> None:
    assert list(sent_values(built("vpn-remove", profile, name="Example VPN"))) == [uri]
