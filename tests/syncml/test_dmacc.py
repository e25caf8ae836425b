"""Names of DMAcc nodes: one is published, two are session.md's own."""

from __future__ import annotations

import pytest

from mdmcore.syncml.dmacc import dm_account_uid


@pytest.mark.parametrize(
    ("provider_id", "uid"),
    [
        ("Fleet", "0x0000800cABF8CA7D87C0FA21BB21B896AE2C8468CA07710326415228ACF2392EA1327077"),
        (
            "ExampleMDM",
            "0x0000800cD7F80B8B769E8BD439F36F4F307661D0C9558C124F2EEB7FFAC1444F4F5BA197",
        ),
        (
            "TestMDMServer",
            "0x0000800c7C442B5BAA5E3A62BD058BA4730A268774D9D915F7A7E47F09CC8BB9540A2486",
        ),
    ],
)
def test_the_names_of_the_digest(provider_id: str, uid: str) -> None:
    assert dm_account_uid(provider_id) == uid
