"""The table of profiles."""

from __future__ import annotations

import pytest

from mdmcore.errors import ConfigError
from mdmcore.phone.profile import PROFILES, phone_profile
from mdmcore.phone.tree import DeviceTree
from tests.phone.scripted import enrolled


def test_the_wp8_profile_says_what_the_papers_say() -> None:
    wp8 = phone_profile("wp8")
    assert wp8.understood_auth_policies == ("OnPremise",)
    assert wp8.retry_key == r"HKLM\Software\Microsoft\Enrollment\OmaDmRetry"
    first = wp8.default_retries["AuxNumRetries"], wp8.default_retries["AuxRetryInterval"]
    assert first == (10, 15)
    assert wp8.searched_string_types == {"PrintableString"}


def test_an_unknown_profile_is_a_setting_that_cannot_be_used() -> None:
    with pytest.raises(ConfigError, match="no phone profile 'wp7'; there is: wp8"):
        phone_profile("wp7")


@pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))
def test_every_node_has_a_sound_access_and_a_fact(profile: object) -> None:
    nodes = profile.nodes  # type: ignore[attr-defined]
    assert len({node.uri for node in nodes}) == len(nodes)
    for node in nodes:
        assert set(node.access) <= set("AGRD")
        assert node.format in {"chr", "int", "bool", "b64", "xml"}
    assert DeviceTree(enrolled()).get("./DevInfo/DevId").code == 200
