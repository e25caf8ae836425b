"""Rules on commands that do not go together."""

from __future__ import annotations

import pytest

from mdmcore.syncml.model import AnyCommand
from tests.support.commands import atomic, command, sent

GET = command("Get", "./DevDetail/SwV", cmd_id="10")


@pytest.mark.parametrize(
    "uri",
    [
        "./Device/Vendor/MSFT/Reboot/RebootNow",
        "./Vendor/MSFT/RemoteWipe/doWipe",
        "./Vendor/MSFT/RemoteWipe/AutomaticRedeployment/doAutomaticRedeployment",
        "./Vendor/MSFT/DMClient/Unenroll",
        "./Vendor/MSFT/DMClient/Provider/ExampleMDM/Unenroll",
    ],
)
def test_commands_behind_an_end(uri: str) -> None:
    end = command("Exec", uri, "ExampleMDM")
    (found,) = sent("win10", end, GET)
    assert (found.rule, found.severity) == ("reboot-command-with-others", "warning")
    (place,) = found.places
    assert place.where == {"part": "response", "xpath": "/SyncML/SyncBody/Exec/Item"}
    assert place.evidence == uri
    assert sent("win10", GET, end) == ()
    assert sent("win10", end) == ()


@pytest.mark.parametrize(
    "commands",
    [
        (command("Get", "./Vendor/MSFT/RemoteWipe/doWipe"), GET),
        (command("Exec", "./Vendor/MSFT/DMClient/Provider/a/LinkedEnrollment/Unenroll"), GET),
        (command("Replace", "./Vendor/MSFT/Reboot/Schedule/Single", "2026-12-01"), GET),
    ],
)
def test_commands_that_end_nothing(commands: tuple[AnyCommand, ...]) -> None:
    assert sent("win10", *commands) == ()


def test_a_wipe_in_a_sequence_before_others() -> None:
    inside = atomic(command("Exec", "./Vendor/MSFT/RemoteWipe/doWipe"), GET, name="Sequence")
    assert [one.rule for one in sent("wp8", inside)] == ["reboot-command-with-others"]


INSTALL = "Vendor/MSFT/ClientCertificateInstall/PFXCertInstall/a/KeyLocation"
DEVICE = command("Add", f"./Device/{INSTALL}", "1", format="int")
USER = command("Add", f"./User/{INSTALL}", "1", format="int", cmd_id="10")


def test_certificates_for_both_stores() -> None:
    (found,) = sent("win10", DEVICE, USER)
    assert (found.rule, found.severity) == ("client-cert-both-stores", "warning")
    (place,) = found.places
    assert place.where["xpath"] == "/SyncML/SyncBody/Add[2]/Item"
    assert place.evidence == f"./User/{INSTALL}"


def test_other_certificates() -> None:
    again = command("Add", f"./Device/{INSTALL}", "1", format="int", cmd_id="10")
    root = command("Get", "./User/Vendor/MSFT/ClientCertificateInstall", cmd_id="10")
    assert sent("win10", DEVICE, again) == ()
    assert sent("win10", DEVICE, root) == ()


def test_other_builds_keep_the_stores_apart() -> None:
    assert sent("win10", DEVICE, USER, application_version="10.0.19045.1") == ()
    assert sent("win10", DEVICE, USER, application_version="10.0.10586.0") != ()
