"""Which of two schedules a device follows."""

from __future__ import annotations

import pytest

from mdmcore.http import Exchange, Request
from mdmcore.inspector.provisioning_part import read_provisioning
from mdmcore.profiles import PollScheme
from mdmcore.rules.decoded import Decoded, Kind
from mdmcore.rules.life import Life
from mdmcore.rules.scene import Scene
from mdmcore.rules.schedule_in_force import schedule_in_force
from tests.support.provisioning_samples import PHONE_KEY, RIGHT, changed

BOTH = changed(
    "wp81",
    '<characteristic type="DMClient">',
    f'<characteristic type="Registry"><characteristic type="{PHONE_KEY}\\OmaDmRetry"/>'
    '</characteristic><characteristic type="DMClient">',
)


def scene(wap: bytes, profile: str, *, is_known: bool = True) -> Scene:
    request = Request(method="POST", url="https://h.test/")
    return Scene(
        exchange=Exchange(id="c:1", index=1, capture="c", request=request),
        decoded=Decoded(kind=Kind.RST, provisioning=read_provisioning(wap)),
        life=Life(profile=profile, is_profile_known=is_known),
        profile=profile,
    )


@pytest.mark.parametrize(
    ("wap", "profile", "scheme"),
    [
        (BOTH, "wp8", PollScheme.REGISTRY),
        (BOTH, "wp81", PollScheme.DM_CLIENT),
        (BOTH, "win81", None),  # the registry key is the phone's
        (BOTH, "win10", PollScheme.DM_CLIENT),
        (RIGHT["wp8"], "wp81", PollScheme.REGISTRY),
        (RIGHT["wp8"], "win81", None),
        (RIGHT["wp8"], "win10", None),
        (RIGHT["wp81"], "wp8", None),
        (RIGHT["win81"], "win81", PollScheme.REGISTRY),
        (RIGHT["win81"], "wp8", None),
    ],
)
def test_a_known_device(wap: bytes, profile: str, scheme: PollScheme | None) -> None:
    found = schedule_in_force(scene(wap, profile))
    assert (found.scheme if found is not None else None) == scheme


@pytest.mark.parametrize("profile", sorted(RIGHT))
def test_of_an_unknown_device_any_schedule_counts(profile: str) -> None:
    assert schedule_in_force(scene(RIGHT[profile], "wp8", is_known=False)) is not None


def test_the_poll_of_the_account_goes_first() -> None:
    other = '<characteristic type="Other"><characteristic type="Poll"/></characteristic>'
    wap = changed(
        "win10", '<characteristic type="ExampleMDM">', f'{other}<characteristic type="ExampleMDM">'
    )
    found = schedule_in_force(scene(wap, "win10"))
    assert found is not None
    assert found.key == "ExampleMDM"
