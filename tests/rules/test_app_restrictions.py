"""Rules on the lists of apps."""

from __future__ import annotations

import pytest

from tests.support.commands import command, sent

NODE = "./Device/Vendor/MSFT/Policy/Config/ApplicationManagement/ApplicationRestrictions"
LOWER, OTHER = "{11111111-2222-3333-4444-55555555abcd}", "{aaaa1111-2222-3333-4444-555555555555}"


def apps(*ids: str) -> str:
    listed = "".join(f'<App ProductId="{one}"/>' for one in ids)
    namespace = "http://schemas.microsoft.com/phone/2013/policy"
    return f'<AppPolicy Version="1" xmlns="{namespace}"><Allow>{listed}</Allow></AppPolicy>'


@pytest.mark.parametrize(
    ("ids", "words"),
    [((OTHER, LOWER.upper()), "capital letters"), ((LOWER, OTHER, LOWER), "twice")],
)
def test_wrong_ids(ids: tuple[str, ...], words: str) -> None:
    (found,) = sent("win10", command("Replace", NODE, apps(*ids)))
    assert (found.rule, found.severity) == ("apprestrictions-product-id", "error")
    assert words in found.message
    (place,) = found.places
    assert place.where == {"part": "response", "xpath": "/SyncML/SyncBody/Replace/Item/Data"}
    assert place.evidence == ids[-1]


@pytest.mark.parametrize("text", [apps(LOWER, OTHER), apps(), "no XML"])
def test_right_ids(text: str) -> None:
    assert sent("win10", command("Replace", NODE, text)) == ()
