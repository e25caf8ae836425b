"""Rules on Data and Format."""

from __future__ import annotations

import pytest

from mdmcore.syncml.model import AnyCommand, Command, Item, Meta, UnknownCommand
from mdmcore.syncml.wbxml import encode_wbxml
from mdmcore.syncml.xml import serialize_syncml
from mdmcore.xml import escape_text
from tests.support.commands import atomic, command, loose, message, sent, sent_bytes

NODE = "./Vendor/MSFT/X/a"
ITEM = "/SyncML/SyncBody/Replace/Item"
JOB = "./Device/Vendor/MSFT/EnterpriseDesktopAppManagement/MSI/%7Ba%7D/DownloadInstall"
JOB_XML = '<MsiInstallJob id="{a}"><Product Version="1"/></MsiInstallJob>'


def seen(profile: str, *commands: AnyCommand) -> tuple[str, str, str, str]:
    (found,) = sent(profile, *commands)
    (place,) = found.places
    assert place.where["part"] == "response"
    return found.rule, str(found.severity), place.where["xpath"], place.evidence


# --- non-dm-command


@pytest.mark.parametrize("name", ["Map", "Put", "Search", "Sync"])
def test_no_command_of_dm(name: str) -> None:
    told = UnknownCommand(name=name, cmd_id="9")
    assert seen("wp8", told) == ("non-dm-command", "error", f"/SyncML/SyncBody/{name}", name)


def test_no_command_of_dm_in_a_container_and_in_wbxml() -> None:
    body = serialize_syncml(message(atomic(command("Replace", NODE, "1"))))
    body = body.replace(b"</Atomic>", b"<Put><CmdID>30</CmdID></Put></Atomic>")
    (found,) = sent_bytes("win10", body)
    assert found.places[0].where["xpath"] == "/SyncML/SyncBody/Atomic/Put"
    told = message(UnknownCommand(name="Put", cmd_id="9"))
    assert [f.rule for f in loose("wp8", encode_wbxml(told))] == ["non-dm-command"]


def test_commands_of_dm() -> None:
    told = [command(name, NODE, "1") for name in ("Add", "Replace", "Exec")]
    assert sent("wp8", *told, command("Delete", NODE), command("Get", NODE)) == ()


# --- unescaped-data-xml


@pytest.mark.parametrize("format", ["chr", None])
def test_elements_in_data(format: str | None) -> None:
    told = command("Replace", NODE, data_xml='<a xmlns="">secret</a>', format=format)
    assert seen("wp8", told) == ("unescaped-data-xml", "error", f"{ITEM}/Data", NODE)


@pytest.mark.parametrize(
    "told",
    [
        command("Replace", NODE, data_xml='<a xmlns=""/>', format="xml"),
        command("Replace", NODE, "<a/>"),
        command("Exec", JOB, data_xml=JOB_XML, format="xml"),
    ],
)
def test_elements_that_may_stand_there(told: Command) -> None:
    assert sent("win10", told) == ()


# --- data-double-escaped


@pytest.mark.parametrize("format", ["chr", "xml", None])
def test_escaped_twice(format: str | None) -> None:
    told = command("Exec", JOB, escape_text(JOB_XML), format=format)
    place = "/SyncML/SyncBody/Exec/Item/Data"
    assert seen("win10", told) == ("data-double-escaped", "error", place, JOB)


@pytest.mark.parametrize("told", [JOB_XML, "5 &lt; 6", "text", ""])
def test_escaped_once(told: str) -> None:
    assert sent("win10", command("Exec", JOB, told)) == ()


# --- cdata-in-data


def cdata(text: bytes) -> bytes:
    body = serialize_syncml(message(command("Replace", NODE, "secret")))
    return body.replace(b"secret", text)


@pytest.mark.parametrize(("profile", "severity"), [("wp8", "info"), ("win10", "warning")])
def test_cdata(profile: str, severity: str) -> None:
    (found,) = sent_bytes(profile, cdata(b"<![CDATA[<secret/>]]>"))
    assert (found.rule, found.severity) == ("cdata-in-data", severity)
    (place,) = found.places
    assert place.where["xpath"] == f"{ITEM}/Data"
    assert "secret" not in place.evidence + found.message


def test_no_cdata_in_escaped_text_wbxml_and_elsewhere() -> None:
    assert sent_bytes("win10", cdata(b"&lt;![CDATA[a]]>")) == ()
    assert loose("win10", encode_wbxml(message(command("Replace", NODE, "<![CDATA[a]]>")))) == ()
    body = cdata(b"a").replace(b"<CmdID>9<", b"<CmdID><![CDATA[9]]><")
    assert sent_bytes("win10", body) == ()


# --- missing-format

LOCK = "./Vendor/MSFT/DeviceLock/Provider/ExampleMDM"


@pytest.mark.parametrize(
    "told",
    [
        command("Replace", f"{LOCK}/MinDevicePasswordLength", "6", format=None),
        command("Replace", LOCK, format=None),
    ],
)
def test_format_is_missing(told: Command) -> None:
    assert seen("wp8", told) == ("missing-format", "warning", ITEM, told.items[0].target)


@pytest.mark.parametrize(
    "told",
    [
        command("Replace", f"{LOCK}/MinDevicePasswordLength", "6", format="int"),
        command("Add", LOCK, format="node"),
        command("Replace", NODE, "6", format=None),
        command("Get", f"{LOCK}/MinDevicePasswordLength"),
        command("Replace", "./Vendor/MSFT/DMClient/Provider/ExampleMDM/EntDMID", "a", format=None),
        Command(
            name="Replace",
            cmd_id="9",
            meta=Meta(format="int"),
            items=(Item(target=f"{LOCK}/MinDevicePasswordLength", data="6"),),
        ),
    ],
)
def test_format_is_there_or_not_needed(told: Command) -> None:
    assert sent("wp8", told) == ()


# --- bool-case

DISABLE = "./Vendor/MSFT/Storage/Disable"


@pytest.mark.parametrize("value", ["true", "FALSE", "1", ""])
def test_wrong_booleans(value: str) -> None:
    told = command("Replace", DISABLE, value, format="bool")
    found = seen("wp8", told)
    assert found == ("bool-case", "error", f"{ITEM}/Data", value or DISABLE)


@pytest.mark.parametrize("value", ["True", "False"])
def test_right_booleans(value: str) -> None:
    assert sent("wp8", command("Replace", DISABLE, value, format="bool")) == ()
