"""Which definition a node has: the same as the catalogue's own search finds."""

from __future__ import annotations

import pytest

from mdmcore.csp import CspNode, find_node, join_uri, nodes
from mdmcore.phone.tree.schema import Schema, schema_of, spelt, target_of
from mdmcore.profiles import PROFILES
from tests.phone.scripted import settings

PROVIDER = "Example"


def schema(profile: str = "win10", build: int | None = None, edition: str = "") -> Schema:
    return Schema(profile=profile, build=build, edition=edition, provider=PROVIDER)


def uri(names: tuple[str, ...]) -> str:
    return join_uri(*names)


@pytest.mark.parametrize("profile", list(PROFILES))
def test_it_finds_what_the_catalogue_finds(profile: str) -> None:
    found = schema(profile)
    for node in nodes():
        for any_name in ("Any", "Properties", "AppStore", "AllowCamera"):
            names = tuple(
                any_name if part in {"*", "{enterprise}"} else part.replace("{provider}", PROVIDER)
                for part in node.path
            )
            wanted = find_node(uri(names), profile=profile, provider=PROVIDER)
            if wanted is not None and "device" not in wanted.contexts:
                wanted = None
            assert found.find("device", names) == wanted, names
            below = (*names, "nothing")
            wanted = find_node(uri(below), profile=profile, provider=PROVIDER)
            assert found.find("device", below) == wanted, below


def test_a_name_that_is_spelt_out_goes_first() -> None:
    found = schema()
    base = ("Vendor", "MSFT", "Policy", "Config")
    camera = found.find("device", (*base, "Camera", "AllowCamera"))
    other = found.find("device", (*base, "Camera", "AllowMore"))
    assert camera is not None
    assert other is not None
    assert (camera.path[-1], other.path[-2:]) == ("AllowCamera", ("*", "*"))


def test_contexts_count() -> None:
    found = schema()
    lock = ("Vendor", "MSFT", "RemoteLock", "Lock")
    assert found.find("device", lock) is not None
    assert found.find("user", lock) is None
    assert found.find("user", ("Vendor", "MSFT", "Policy")) is not None


def test_without_a_provider_there_are_no_nodes_for_it() -> None:
    names = ("Vendor", "MSFT", "DMClient", "Provider", "")
    none = Schema(profile="wp8", build=None, edition="", provider="")
    assert none.find("device", names) is None
    assert none.find("device", names[:-1]) is not None


def test_the_children_that_are_spelt_out_in_their_order() -> None:
    named = [name for name, _node in schema("wp8").named_below("device", ("DevInfo",))]
    assert named == ["DevId", "Man", "Mod", "DmV", "Lang"]
    msi = ("Vendor", "MSFT", "EnterpriseDesktopAppManagement", "MSI")
    assert [name for name, _node in schema().named_below("device", msi)] == ["UpgradeCode"]


def test_a_phone_has_one_schema() -> None:
    phone = settings(profile="win10")
    assert schema_of(phone, PROVIDER) is schema_of(settings(profile="win10"), PROVIDER)
    assert schema_of(phone, PROVIDER) is not schema_of(phone, "Other")


def _definition(names: tuple[str, ...]) -> CspNode:
    node = schema().find("device", names)
    assert node is not None
    return node


def test_names_are_spelt_as_in_the_catalogue() -> None:
    names = ("Vendor", "MSFT", "CertificateStore", "root", "SYSTEM", "abCD", "issuedby")
    node = _definition(names)
    assert spelt(node, names)[3:] == ("ROOT", "System", "abCD", "IssuedBy")
    target = target_of("device", names, node)
    assert (target.path, target.node) == (("ROOT", "System", "abCD", "IssuedBy"), node)
    assert target_of("device", ("DevInfo",), _definition(("DevInfo",))).path == ()


def test_what_stands_below_no_csp_of_its_context() -> None:
    device = dict(schema("wp8").tops("device"))
    assert ("DevInfo",) in device
    assert all(
        node.path == csp.root for node, csp in zip(device.values(), schema("wp8").csps, strict=True)
    )
    first_sync = ("Vendor", "MSFT", "DMClient", "Provider", PROVIDER, "FirstSyncStatus")
    user = dict(schema().tops("user"))
    assert user[first_sync].csp == "DMClient"
    assert ("Vendor", "MSFT", "Policy") in user
    assert ("DevInfo",) not in user
