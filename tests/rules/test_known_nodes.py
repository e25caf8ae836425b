"""Rules on the nodes that commands name."""

from __future__ import annotations

import pytest

from mdmcore.syncml.model import Command
from tests.support.commands import command, sent

LOCK = "./Vendor/MSFT/DeviceLock/Provider/ExampleMDM"
EAM = "./Vendor/MSFT/EnterpriseAppManagement/4000000001"


@pytest.mark.parametrize(
    "uri", [f"{LOCK}/AllowCamera", f"{EAM}/EnterpriseApps/Installed", "./Vendor/MSFT/Storage/Eject"]
)
def test_no_such_node(uri: str) -> None:
    (found,) = sent("wp8", command("Get", uri))
    assert (found.rule, found.severity) == ("csp-node-unknown", "warning")
    (place,) = found.places
    assert place.where == {"part": "response", "xpath": "/SyncML/SyncBody/Get/Item"}
    assert place.evidence == uri


@pytest.mark.parametrize(
    "told",
    [
        command("Get", f"{LOCK}/MinDevicePasswordLength"),
        command("Get", f"{EAM}/EnterpriseApps/Inventory?list=StructData"),
        command("Add", f"{EAM}/StoreURI", "https://mdm.example.test/hub.xap"),
        command("Get", "./Vendor/MSFT/Storage"),
        command("Get", "./Vendor/MSFT/DMClient/Provider/ExampleMDM/NotListed"),
        command("Get", "./Vendor/MSFT/NobodyKnows/this"),
        command("Get", "./Vendor/OEM/Storage/Eject"),
    ],
)
def test_nodes_that_are_there_or_not_known(told: Command) -> None:
    assert sent("wp8", told) == ()


def test_a_mistake_in_the_path_is_told_alone() -> None:
    (found,) = sent("wp8", command("Get", "./Vendor/MSFT/Storage/../Storage/Disable"))
    assert found.rule == "locuri-dot-segment"


ENROLL = "./Device/Vendor/MSFT/ClientCertificateInstall/SCEP/a/Install/Enroll"


def test_reading_what_cannot_be_read() -> None:
    (found,) = sent("win10", command("Get", ENROLL))
    assert (found.rule, found.severity) == ("get-on-write-only", "info")
    assert found.places[0].where["xpath"] == "/SyncML/SyncBody/Get/Item"
    assert found.places[0].evidence == ENROLL


def test_executing_it_is_right() -> None:
    assert sent("win10", command("Exec", ENROLL, format="null")) == ()
