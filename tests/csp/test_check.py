"""Values, formats and commands, judged before they are sent."""

from __future__ import annotations

import pytest

from mdmcore.csp import (
    CspNode,
    command_problem,
    find_node,
    format_problem,
    limits,
    value_problem,
)

LOCK = "./Vendor/MSFT/DeviceLock/Provider/Example"


def node(uri: str) -> CspNode:
    found = find_node(uri)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("uri", "value", "words"),
    [
        (f"{LOCK}/MinDevicePasswordLength", "4", None),
        (f"{LOCK}/MinDevicePasswordLength", "3", "not within 4 to 18"),
        (f"{LOCK}/MinDevicePasswordLength", "four", "not an integer"),
        (f"{LOCK}/DevicePasswordEnabled", "2", "none of 0, 1"),
        ("./Vendor/MSFT/Storage/Disable", "True", None),
        ("./Vendor/MSFT/Storage/Disable", "true", "none of True, False"),
        ("./Vendor/MSFT/CertificateStore/ROOT/System/AA/EncodedCertificate", "-", "not base64"),
        ("./Vendor/MSFT/Firewall/MdmStore/FirewallRules/A/LocalPortRanges", "80,8080-8090", None),
        ("./Vendor/MSFT/Firewall/MdmStore/FirewallRules/A/LocalPortRanges", "http", "of the form"),
        (LOCK, "x", "has no value"),
        (LOCK, "", None),
    ],
)
def test_a_value_is_judged_by_format_and_range(uri: str, value: str, words: str | None) -> None:
    problem = value_problem(node(uri), value)
    assert problem is None if words is None else words in (problem or "")


def test_a_command_must_be_among_those_allowed() -> None:
    assert command_problem(node("./DevInfo/DevId"), "Get") is None
    problem = command_problem(node("./DevInfo/DevId"), "Replace")
    assert problem == "./DevInfo/DevId does not allow Replace, only Get"
    assert command_problem(node("./DevInfo/DevId"), "Copy") is not None


def test_a_missing_format_means_text() -> None:
    assert format_problem(node("./DevInfo/DevId"), None) is None
    assert "is int, not chr" in (format_problem(node(f"{LOCK}/DevicePasswordEnabled"), None) or "")


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        (f"{LOCK}/MinDevicePasswordLength", "4 to 18"),
        (f"{LOCK}/DevicePasswordEnabled", "0 or 1"),
        ("./Vendor/MSFT/PolicyManager/My/DeviceLock/MinDevicePasswordLength", "0 or 4 to 16"),
        ("./Vendor/MSFT/CertificateStore/MY/SCEP/a/Install/KeyLength", "1024, 2048 or 4096"),
        ("./Vendor/MSFT/ActiveSync/Accounts/a/AccountType", "Exchange"),
        ("./Vendor/MSFT/EMAIL2/a/SERVICETYPE", "IMAP4 or POP3"),
        ("./Vendor/MSFT/Firewall/MdmStore/FirewallRules/A/Profiles", "1 or more"),
        ("./Vendor/MSFT/DMClient/Provider/a/SyncApplicationVersion", "of the form [0-9]+"),
        ("./Vendor/MSFT/PolicyManager/Device/Camera/AllowCamera", "an integer"),
        ("./DevInfo/Man", "a value of format chr"),
    ],
)
def test_what_a_node_allows_is_said_in_words(uri: str, words: str) -> None:
    assert limits(node(uri)).startswith(words)


def test_a_value_is_judged_in_the_format_that_it_is_sent_in() -> None:
    policy = node("./Vendor/MSFT/Policy/Config/SomeArea/SomePolicy")
    assert "not an integer" in (value_problem(policy, "text") or "")
    assert value_problem(policy, "text", format="chr") is None
    assert "not an integer" in (value_problem(policy, "text", format="node") or "")
