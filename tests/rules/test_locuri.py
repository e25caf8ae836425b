"""Rules on the text of LocURIs."""

from __future__ import annotations

import pytest

from mdmcore.syncml.model import Command, Item
from mdmcore.syncml.wbxml import encode_wbxml
from mdmcore.syncml.xml import serialize_syncml
from tests.support.commands import command, loose, message, sent, sent_bytes

RIGHT = [
    "./Vendor/MSFT/DMClient/Provider/Example%20MDM/EntDMID",
    "./Vendor/MSFT/EnterpriseAppManagement/4000000001/EnterpriseApps/Inventory?list=StructData",
    "./DevDetail/SwV",
    "Vendor/MSFT/Registry",
    ".",
    "./DevDetail/Ext/a..b",
    "./Vendor/MSFT/WiFi/Profile/%7Ba%7D",
]
WRONG = [
    ("/Vendor/MSFT/Reboot", "locuri-leading-slash"),
    ("./Vendor/./MSFT/Reboot", "locuri-dot-segment"),
    ("./Vendor/../DevInfo/Man", "locuri-dot-segment"),
    ("./Vendor/MSFT/EnterpriseAppManagement/1/{a-b}", "locuri-unencoded-brace"),
    ("./Vendor/MSFT/WiFi/Profile/My Net", "locuri-whitespace"),
    ("./Vendor\\MSFT\\Registry", "locuri-backslash"),
]


@pytest.mark.parametrize("uri", RIGHT)
def test_right_locuris(uri: str) -> None:
    assert sent("win10", command("Get", uri)) == ()


@pytest.mark.parametrize("profile", ["wp8", "win10"])
@pytest.mark.parametrize(("uri", "rule"), WRONG)
def test_wrong_locuris(uri: str, rule: str, profile: str) -> None:
    (found,) = sent(profile, command("Get", uri))
    assert (found.rule, found.severity) == (rule, "error")
    (place,) = found.places
    assert place.where == {"part": "response", "xpath": "/SyncML/SyncBody/Get/Item/Target/LocURI"}
    assert place.evidence == uri


@pytest.mark.parametrize(("uri", "rule"), WRONG)
def test_a_loose_message_is_judged_alike(uri: str, rule: str) -> None:
    (found,) = loose("wp8", serialize_syncml(message(command("Get", uri))))
    assert found.rule == rule


def test_a_message_in_wbxml_is_judged_alike() -> None:
    (found,) = loose("wp8", encode_wbxml(message(command("Get", "/DevInfo/Man"))))
    assert found.rule == "locuri-leading-slash"


def test_the_source_of_a_copy_counts_and_evidence_is_bounded() -> None:
    item = Item(target="./Vendor/MSFT/X", source="/" + "a" * 2000)
    (found,) = sent("wp8", Command(name="Copy", cmd_id="9", items=(item,)))
    assert found.rule == "locuri-leading-slash"
    assert found.places[0].where["xpath"].endswith("/Copy/Item/Source/LocURI")
    assert len(found.places[0].evidence) <= 300


POLICY = "/Vendor/MSFT/Policy/Config/Camera/AllowCamera"


def test_a_policy_without_its_scope() -> None:
    (found,) = sent("win10", command("Replace", f".{POLICY}", "1", format="int"))
    assert (found.rule, found.severity) == ("locuri-scope-missing", "info")
    assert found.places[0].evidence == f".{POLICY}"


@pytest.mark.parametrize(
    ("profile", "uri"),
    [
        ("win10", f"./Device{POLICY}"),
        ("win10", f"./User{POLICY}"),
        ("win10", "./Vendor/MSFT/DMClient/Provider/ExampleMDM/EntDMID"),
        ("win10", "./Vendor/MSFT/WiFi/Profile/a/WlanXml"),
        ("win10", "./Vendor/MSFT/NobodyKnows/a"),
        ("wp81", f".{POLICY}"),
    ],
)
def test_a_scope_that_is_there_or_not_needed(profile: str, uri: str) -> None:
    assert "locuri-scope-missing" not in {f.rule for f in sent(profile, command("Get", uri))}


def test_statuses_and_empty_messages_have_no_locuri() -> None:
    assert sent_bytes("wp8", serialize_syncml(message())) == ()
