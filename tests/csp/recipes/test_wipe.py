"""Resetting a device, and letting it leave."""

from __future__ import annotations

import pytest

from mdmcore.errors import ConfigError
from tests.support.recipes import body, built
from tests.support.syncml_text import normal


def execute(uri: str) -> str:
    return f"""<Exec><CmdID>3</CmdID><Item><Target><LocURI>{uri}</LocURI></Target>
      <Meta><Format xmlns="syncml:metinf">chr</Format></Meta></Item></Exec>"""


@pytest.mark.parametrize(
    ("recipe", "profile", "node"),
    [
        ("wipe", "wp8", "doWipe"),
        ("wipe", "win81", "doWipe"),
        ("wipe-keep-provisioning", "wp81", "doWipePersistProvisionedData"),
        ("wipe-keep-user-data", "win10", "doWipePersistUserData"),
        ("wipe-protected", "win10", "doWipeProtected"),
        ("redeploy", "win10", "AutomaticRedeployment/doAutomaticRedeployment"),
    ],
)
def test_each_kind_of_wipe(recipe: str, profile: str, node: str) -> None:
    expected = execute(f"./Vendor/MSFT/RemoteWipe/{node}")
    assert normal(body(built(recipe, profile))) == normal(expected)


def test_a_phone_of_8_0_keeps_nothing() -> None:
    with pytest.raises(ConfigError, match="not for wp8: wipe resets all of it"):
        built("wipe-keep-provisioning", "wp8")


@pytest.mark.parametrize("profile", ["wp8", "wp81", "win81", "win10"])
def test_leaving_names_the_provider(profile: str) -> None:
    """The words of session.md 7; the sample itself is looked up in test_samples."""
    expected = execute("./Vendor/MSFT/DMClient/Unenroll").replace(
        "</Meta>", "</Meta><Data>ExampleMDM</Data>"
    )
    assert normal(body(built("unenroll", profile))) == normal(expected)
