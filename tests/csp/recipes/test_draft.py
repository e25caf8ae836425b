"""Commands as a draft makes them: prefixes, Formats, spellings, and limits."""

from __future__ import annotations

import pytest

from mdmcore.csp.recipes.draft import Draft, braced
from mdmcore.errors import ConfigError
from tests.support.recipes import context


def draft(profile: str, scope: str = "device") -> Draft:
    return Draft(context=context(profile), scope=scope)


@pytest.mark.parametrize(
    ("profile", "scope", "names", "uri"),
    [
        ("wp8", "device", ("Storage", "Disable"), "./Vendor/MSFT/Storage/Disable"),
        ("wp81", "user", ("WiFi", "Profile"), "./Vendor/MSFT/WiFi/Profile"),
        ("win10", "device", ("WiFi", "Profile"), "./Device/Vendor/MSFT/WiFi/Profile"),
        ("win10", "user", ("WiFi", "Profile"), "./User/Vendor/MSFT/WiFi/Profile"),
        ("win10", "device", ("Reboot", "RebootNow"), "./Vendor/MSFT/Reboot/RebootNow"),
        (
            "wp81",
            "device",
            ("WiFi", "Profile", "ä/{1}"),
            "./Vendor/MSFT/WiFi/Profile/%C3%A4%2F%7B1%7D",
        ),
    ],
)
def test_a_prefix_stands_where_a_node_has_two_contexts(
    profile: str, scope: str, names: tuple[str, ...], uri: str
) -> None:
    assert draft(profile, scope).uri(*names) == uri


def test_nodes_of_oma_dm_are_no_vendors() -> None:
    assert draft("wp8").root("DevInfo").uri("Man") == "./DevInfo/Man"


@pytest.mark.parametrize(
    ("profile", "names", "value", "format", "data"),
    [
        ("wp8", ("Storage", "Disable"), True, "bool", "True"),
        (
            "win10",
            ("Firewall", "MdmStore", "PublicProfile", "EnableFirewall"),
            False,
            "bool",
            "false",
        ),
        ("win10", ("BitLocker", "RequireDeviceEncryption"), True, "int", "1"),
        ("win10", ("Policy", "Config", "New", "Text"), "12", "chr", "12"),
        ("win10", ("Policy", "Config", "New", "Number"), 12, "int", "12"),
        (
            "win10",
            ("CertificateStore", "ROOT", "System", "A", "EncodedCertificate"),
            "AAAA",
            "b64",
            "AAAA",
        ),
        ("win10", ("NoSuchCsp", "Leaf"), "x", "chr", "x"),
        ("win10", ("NoSuchCsp", "Leaf"), 1, "int", "1"),
    ],
)
def test_format_and_spelling_are_the_nodes(
    profile: str, names: tuple[str, ...], value: object, format: str, data: str
) -> None:
    item = draft(profile).item(*names, value=value)
    assert item.meta is not None
    assert (item.meta.format, item.data) == (format, data)


def test_an_interior_node_has_the_format_node() -> None:
    (item,) = draft("wp81").provider.write("Add", "Poll").items
    assert item.meta is not None
    assert (item.meta.format, item.data) == ("node", None)


def test_a_secret_is_not_told_in_an_error() -> None:
    lock = draft("wp8").at("DeviceLock", "Provider", "ExampleMDM")
    with pytest.raises(ConfigError, match=r"^length must be 4 to 18, not '99'$"):
        lock.write("Add", "MinDevicePasswordLength", value="99", parameter="length")


def test_what_a_device_has() -> None:
    assert draft("wp81").has("VPN")
    assert not draft("wp81").has("VPN", surely=True)
    assert not draft("wp8").has("PolicyManager")
    assert not draft("wp8").has("NoSuchCsp")


def test_guids_are_in_braces() -> None:
    assert braced("{A}") == braced("A") == "{A}"
    assert draft("wp8").new_guid() == "{00000000-0000-4000-8000-000000000001}"
