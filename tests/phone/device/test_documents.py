"""Values that are documents: Wi-Fi, VPN, AppLocker, BitLocker."""

from __future__ import annotations

import pytest

from mdmcore.phone.device.payload import rewritten
from tests.phone.device.trees import MSFT, read, tree_of

NAMESPACE = "http://www.microsoft.com/networking/WLAN/profile/v1"
WLAN = (
    f'<?xml version="1.0"?><WLANProfile xmlns="{NAMESPACE}"><name>Example Net</name>'
    '<connectionMode>auto</connectionMode><empty b="2" a="1"/></WLANProfile>'
)
NODE = f"{MSFT}/WiFi/Profile/Example%20Net"


@pytest.mark.parametrize("profile", ["wp81", "win10"])
def test_a_profile_is_kept_and_written_anew(profile: str) -> None:
    tree = tree_of(profile)
    assert tree.add(f"{NODE}/WlanXml", WLAN, "chr") == 200
    text = read(tree, f"{NODE}/WlanXml")
    assert text == (
        f'<WLANProfile xmlns="{NAMESPACE}"><name>Example Net</name>'
        '<connectionMode>auto</connectionMode><empty a="1" b="2" /></WLANProfile>'
    )
    assert tree.add(f"{NODE}/WlanXml", WLAN, "chr") == 418


@pytest.mark.parametrize(
    "text",
    [
        WLAN[:-3],
        WLAN.replace("<", "&lt;"),
        WLAN.replace("http://www", "https://www"),
        WLAN.replace("Example Net", "Other"),
        "",
    ],
)
def test_a_profile_that_the_device_cannot_use_is_refused(text: str) -> None:
    tree = tree_of("wp81")
    assert tree.add(f"{NODE}/WlanXml", text, "chr") == 500
    assert read(tree, NODE) == 404


def test_a_vpn_profile() -> None:
    tree = tree_of("win10")
    uri = f"{MSFT}/VPNv2/Work/ProfileXML"
    assert tree.add(uri, "<VPNProfile><Always", "chr") == 500
    assert tree.add(uri, "<VPNProfile><AlwaysOn>true</AlwaysOn></VPNProfile>", "chr") == 200


def test_bitlocker_wants_policies_backed_by_admx_and_encrypts() -> None:
    tree = tree_of("win10")
    root = f"{MSFT}/BitLocker"
    method = f"{root}/EncryptionMethodByDriveType"
    assert tree.add(method, "7", "chr") == 500
    assert tree.add(method, '<enabled/><data id="A" value="7"/>', "chr") == 200
    status = f"{MSFT}/DeviceStatus/Compliance/EncryptionCompliance"
    assert read(tree, status) == "0"
    assert tree.add(f"{root}/RequireDeviceEncryption", "1", "int") == 200
    assert read(tree, status) == "1"


def test_recovery_passwords_are_rotated() -> None:
    tree = tree_of("win10")
    root = f"{MSFT}/BitLocker"
    assert tree.execute(f"{root}/RotateRecoveryPasswords", "request-1", "chr") == 202
    assert read(tree, f"{root}/Status/RotateRecoveryPasswordsStatus") == "0"
    assert read(tree, f"{root}/Status/RotateRecoveryPasswordsRequestID") == "request-1"


def test_slashes_in_text_and_attributes_stay() -> None:
    assert rewritten('<a b="x/>y">1/&gt;2<c/></a>') == '<a b="x/>y">1/&gt;2<c /></a>'
    assert rewritten("no document <") == "no document <"


def test_a_firewall_rule_is_enabled_unless_it_says_otherwise() -> None:
    tree = tree_of("win10")
    rule = f"{MSFT}/Firewall/MdmStore/FirewallRules/Web"
    assert tree.add(f"{rule}/LocalPortRanges", "443", "chr") == 200
    assert read(tree, f"{rule}/Enabled") == "true"
    assert (read(tree, f"{rule}/Action/Type"), read(tree, f"{rule}/Direction")) == ("1", "OUT")
    assert tree.replace(f"{rule}/Direction", "IN", "chr") == 200
    assert tree.replace(f"{rule}/Direction", "BOTH", "chr") == 500
