"""Judging what a command brings for a node."""

from __future__ import annotations

import pytest

from mdmcore.csp import CspNode, find_node
from mdmcore.phone.tree.behaviour import Value
from mdmcore.phone.tree.store import NODE
from mdmcore.phone.tree.values import first_value, judge, may_execute

MSFT = "./Vendor/MSFT"
LENGTH = f"{MSFT}/DeviceLock/Provider/E/MinDevicePasswordLength"
FIREWALL = f"{MSFT}/Firewall/MdmStore/DomainProfile/EnableFirewall"
MSI = f"{MSFT}/EnterpriseDesktopAppManagement/MSI/A/DownloadInstall"
NAME = f"{MSFT}/ActiveSync/Accounts/A/UserName"
PORTS = f"{MSFT}/Firewall/MdmStore/FirewallRules/A/LocalPortRanges"
PFX = f"{MSFT}/ClientCertificateInstall/PFXCertInstall/A/PFXCertBlob"
ENCODED = f"{MSFT}/CertificateStore/ROOT/System/A/EncodedCertificate"


def node(uri: str) -> CspNode:
    found = find_node(uri)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("uri", "text", "format", "type", "wanted"),
    [
        (LENGTH, "4", "int", None, "4"),
        (LENGTH, "4", None, None, 415),
        (LENGTH, "4", "chr", None, 415),
        (LENGTH, "4", "int", "text/xml", 415),
        (LENGTH, "3", "int", None, 500),
        (LENGTH, "-7", "int", None, 500),
        (LENGTH, "seven", "int", None, 500),
        (LENGTH, "", "int", None, 500),
        (LENGTH, "4 ", "int", None, 500),
        (LENGTH, "1" * 25, "int", None, 500),
        (LENGTH, None, "int", None, 412),
        (FIREWALL, "true", "bool", None, "true"),
        (FIREWALL, "False", "bool", None, "False"),
        (FIREWALL, "yes", "bool", None, 500),
        (FIREWALL, "1", "bool", None, 500),
        (NAME, "", None, None, ""),
        (NAME, " x\n", "chr", "text/plain", " x\n"),
        (NAME, "x", "chr", "application/json", "x"),
        (NAME, "x", "chr", "nonsense", 415),
        (NAME, "x", "xml", None, 415),
        (PORTS, "80,443-445", "chr", None, "80,443-445"),
        (PORTS, "http", "chr", None, 500),
        (MSI, None, None, None, ""),
        (MSI, None, "xml", None, ""),
        (MSI, "<MsiInstallJob/>", "xml", "text/plain", "<MsiInstallJob/>"),
        (MSI, "<MsiInstallJob/>", "int", None, 415),
        (PFX, "AAEC", "b64", None, b"\0\1\2"),
        (PFX, "AAEC", "bin", "application/x-pkcs12", b"\0\1\2"),
        (PFX, "AAEC", "chr", None, "AAEC"),
        (PFX, "AAE", "b64", None, 500),
        (ENCODED, "AAEC", "bin", None, b"\0\1\2"),
        (ENCODED, "", "b64", None, b""),
    ],
)
def test_a_value_or_its_status(
    uri: str, text: str | None, format: str | None, type: str | None, wanted: str | bytes | int
) -> None:
    found = judge(node(uri), text, format, type)
    assert (found if isinstance(found, int) else found.content) == wanted


def test_format_and_type_are_kept() -> None:
    assert judge(node(NAME), "x", None, None) == Value(content="x")
    kept = judge(node(PFX), "AAEC", "bin", "application/x-pkcs12")
    assert kept == Value(content=b"\0\1\2", format="bin", type="application/x-pkcs12")


def test_an_interior_node() -> None:
    account = node(f"{MSFT}/ActiveSync/Accounts/A")
    assert judge(account, None, "node", None) == NODE
    assert judge(account, "\n ", "node", None) == NODE
    assert judge(account, "x", "node", None) == 500
    assert judge(account, None, None, None) == judge(account, None, "chr", None) == 415


@pytest.mark.parametrize(
    ("uri", "value"),
    [
        ("./DevDetail/URI/MaxDepth", Value(content="0", format="int")),
        (FIREWALL, Value(content="false", format="bool")),
        ("./DevInfo/Man", Value()),
        (LENGTH, Value(content="4", format="int")),
        (ENCODED, Value(content=b"", format="b64")),
    ],
)
def test_what_nobody_has_written(uri: str, value: Value) -> None:
    assert first_value(node(uri)) == value


def test_a_content_that_is_known() -> None:
    assert first_value(node("./DevInfo/Man"), "NOKIA").content == "NOKIA"
    assert first_value(node(ENCODED), "AAEC").content == b"\0\1\2"
    assert first_value(node(ENCODED), b"x").content == b"x"


@pytest.mark.parametrize(
    ("format", "may"), [(None, True), ("", True), ("null", True), ("chr", True), ("int", False)]
)
def test_the_format_of_an_exec(format: str | None, may: bool) -> None:
    assert may_execute(node(f"{MSFT}/RemoteLock/Lock"), format) is may
    assert may_execute(node(MSI), "xml")


@pytest.mark.parametrize(
    ("content", "format"), [("7", "int"), ("-7", "int"), ("<enabled/>", "chr"), ("", "chr")]
)
def test_a_fact_that_is_no_number_is_a_text_where_that_can_be(content: str, format: str) -> None:
    result = node(f"{MSFT}/Policy/Result/Area/Name")
    assert first_value(result, content).format == format
