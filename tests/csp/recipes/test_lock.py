"""Locking, and a new PIN that is read in the message that makes it."""

from __future__ import annotations

import pytest

from mdmcore.csp.recipes import build_commands, find_recipe
from mdmcore.errors import ConfigError
from tests.support.recipes import body, built, context
from tests.support.syncml_text import normal

#: RemoteLock CSP, its second sample.
RESET = """<Sequence><CmdID>1</CmdID>
 <Exec><CmdID>2</CmdID><Item><Target>
   <LocURI>./Vendor/MSFT/RemoteLock/LockAndResetPIN</LocURI></Target></Item></Exec>
 <Get><CmdID>3</CmdID><Item><Target>
   <LocURI>./Vendor/MSFT/RemoteLock/NewPINValue</LocURI></Target></Item></Get>
</Sequence>"""


def test_lock() -> None:
    expected = (
        "<Exec><CmdID>1</CmdID><Item><Target><LocURI>./Vendor/MSFT/RemoteLock/Lock</LocURI>"
        "</Target></Item></Exec>"
    )
    assert normal(body(built("lock", "wp81"))) == normal(expected)


@pytest.mark.parametrize("profile", ["wp81", "win10"])
def test_a_new_pin_is_read_in_one_sequence(profile: str) -> None:
    assert normal(body(built("lock-and-reset-pin", profile))) == normal(RESET)


def test_windows_phone_8_is_told_what_there_is_instead() -> None:
    with pytest.raises(
        ConfigError, match=r"lock is for wp81 and win10, not for wp8: .*device-lock"
    ):
        built("lock", "wp8")


def test_a_device_joined_to_azure_is_not_wiped_by_mistake() -> None:
    recipe = find_recipe("lock-and-reset-pin")
    with pytest.raises(ConfigError, match="wipes a phone that is joined"):
        build_commands(recipe, {}, context("win10", is_azure_joined=True))


def test_recovering_a_pin_needs_a_build_that_can() -> None:
    recipe = find_recipe("lock-and-recover-pin")
    with pytest.raises(ConfigError, match=r"needs build 15063 for .*, the device has 14393"):
        build_commands(recipe, {}, context("win10", build=14393))
    assert build_commands(recipe, {}, context("win10", build=15063))
