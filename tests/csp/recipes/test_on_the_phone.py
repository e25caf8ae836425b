"""Each recipe run on the simulated device's tree, with all that its providers do."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from mdmcore.csp.recipes import Recipe, build_commands, find_recipe
from mdmcore.phone.commands import execute
from tests.phone.device import trees
from tests.support.recipes import context, every_recipe_by_profile, example_values, numbered

BEFORE: Mapping[str, tuple[str, ...]] = {
    "admx-policy": ("admx-install",),
    "admx-remove": ("admx-install",),
    "app-status": ("app-install",),
    "app-update": ("app-install",),
    "applocker-remove": ("applocker",),
    "device-lock-remove": ("device-lock",),
    "firewall-rule-remove": ("firewall-rule",),
    "modern-app-status": ("modern-app-install",),
    "msi-remove": ("msi-install",),
    "msi-status": ("msi-install",),
    "push-status": ("push-channel",),
    "scep-remove": ("scep",),
    "scep-status": ("scep",),
    "vpn-remove": ("vpn",),
    "wifi-remove": ("wifi",),
}
"""What goes before, so that there is something to change, read or remove."""

REPLACED = frozenset({"certificate-renewal", "ent-dmid", "poll-schedule"})
"""The document of the enrolment has set these already."""

REFUSED: Mapping[str, int] = {
    "app-remove": 404,
    "certificate-remove": 404,
    "device-information": 404,
    "device-name": 418,
    "email-remove": 404,
    "exchange-remove": 404,
    "finish-setup": 404,
    "modern-app-inventory": 404,
    "modern-app-remove": 404,
    "policy-remove": 404,
    "policy-values": 404,
}
"""Recipes whose example names what such a device has not, with the code that says so."""


@pytest.mark.parametrize(
    ("recipe", "profile"),
    [pytest.param(r, p, id=f"{r.name}-{p}") for r, p in every_recipe_by_profile()],
)
def test_the_device_does_what_the_recipe_asks(
    recipe: Recipe, profile: str, recipe_files: Mapping[str, bytes]
) -> None:
    tree = trees.tree_of(profile, pin="4711")
    device = context(profile)
    for name in BEFORE.get(recipe.name, ()):
        earlier = find_recipe(name)
        values = example_values(earlier, profile, recipe_files)
        execute(numbered(build_commands(earlier, values, device)), tree)
    values = example_values(recipe, profile, recipe_files)
    if recipe.name in REPLACED:
        values["command"] = "replace"
    answers = execute(numbered(build_commands(recipe, values, device)), tree)
    assert answers
    allowed = {200, 202, REFUSED.get(recipe.name, 200)}
    assert {answer.code for answer in answers} <= allowed
