"""Every node of the catalogue on every profile: commands are answered as its access letters say.

What is expected is worked out from the letters here, not by the tree.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import pytest

from mdmcore.csp import CspNode, encode_segment, nodes
from mdmcore.phone.device.behaviours import BEHAVIOURS
from mdmcore.phone.tree import DeviceTree
from mdmcore.phone.tree.facts import Facts
from mdmcore.profiles import PROFILES
from tests.phone.scripted import PROVIDER
from tests.phone.tree.trees import phone_of, with_settings

pytestmark = pytest.mark.slow

type Kind = tuple[str, str]
"""Profile and context."""

KINDS: list[Kind] = [(profile, "device") for profile in PROFILES]
KINDS += [("win81", "user"), ("win10", "user")]

ENTERPRISE = "4000000001"
# Texts of which one fits each pattern of the catalogue.
FITTING = ("1.0", "80", "A" * 40)
ABSENT_FACTS = {"signed_ent_dmid"}
"""What a simulated phone never knows: it does not sign its EntDMID."""
PROFILE_FACTS = {
    "wp8": {"poll_", "upn", "volte", "total_", "serial_number"},
    "wp81": {"retries", "upn"},
    "win81": {"ent_device_name", "upn", "mobile_id", "commercialization_operator"},
    "win10": {"mobile_id", "commercialization_operator"},
}
"""What the documents of the tests, or devices of that kind, leave out."""


def tree_for(profile: str, node: CspNode, **options: object) -> DeviceTree:
    """A device of an edition that has the node."""
    edition = {"Mobile": "104", "Pro": "48"}.get(next(iter(node.editions), ""), "")
    phone = with_settings(phone_of(profile), os_edition=edition) if edition else phone_of(profile)
    return DeviceTree(phone, **options)  # type: ignore[arg-type]


def names_of(node: CspNode) -> tuple[str, ...]:
    """A name for each segment."""
    filled = {"*": "Any", "{provider}": PROVIDER, "{enterprise}": ENTERPRISE}
    return tuple(filled.get(part, part) for part in node.path)


def uri_of(node: CspNode, context: str = "device") -> str:
    """A LocURI of the node."""
    prefix = () if context == "device" else ("User",)
    return "/".join((".", *prefix, *map(encode_segment, names_of(node))))


def sample(node: CspNode) -> tuple[str | None, str]:
    """A value that fits, with its format."""
    format = node.formats[0]
    if format == "node":
        return None, format
    if node.values:
        return node.values[0], format
    if node.pattern:
        return next(text for text in FITTING if re.fullmatch(node.pattern, text)), format
    if format == "int":
        return str(node.minimum or 0), format
    return {"bool": "true", "b64": "AAAA", "bin": "AAAA"}.get(format, "x"), format


@cache
def by_path(kind: Kind) -> Mapping[tuple[str, ...], CspNode]:
    """The nodes of a profile in a context."""
    profile, context = kind
    found = (node for node in nodes() if node.is_for(profile) and context in node.contexts)
    return {node.path: node for node in found}


def ensure(tree: DeviceTree, node: CspNode, kind: Kind) -> None:
    """Make the node, or what brings it along, where the server can."""
    for length in range(1, len(node.path) + 1):
        above = by_path(kind).get(node.path[:length])
        if above is None:
            continue
        if "A" in above.access:
            assert tree.add(uri_of(above, kind[1]), *sample(above)) in {200, 418}
        elif (child := bringing_along(above, kind)) is not None:
            assert tree.add(uri_of(child, kind[1]), *sample(child)) in {200, 418}


def bringing_along(node: CspNode, kind: Kind) -> CspNode | None:
    """What can be added directly below a node that cannot be added itself, only deleted."""
    if node.path[-1] != "*" or "D" not in node.access or "A" in node.access:
        return None
    below = (each for path, each in by_path(kind).items() if path[:-1] == node.path)
    return next((each for each in below if "A" in each.access), None)


def expected_absence(node: CspNode, kind: Kind) -> bool:
    """Whether the device cannot have the node: nobody can add it, and the device knows nothing."""
    for length in range(1, len(node.path) + 1):
        above = by_path(kind).get(node.path[:length])
        if above is None or "A" in above.access:
            continue
        if above.path[-1] == "*":
            return bringing_along(above, kind) is None
        left_out = PROFILE_FACTS[kind[0]] | ABSENT_FACTS
        if above.fact and any(above.fact.startswith(name) for name in left_out):
            return True
        if above.fact in {"renew_server_url", "renewal_attempt"}:
            return True
    return False


def expected_codes(node: CspNode, *, is_there: bool) -> dict[str, int]:
    """What the letters say."""
    done = {"Get": 200, "Add": 418, "Replace": 200, "Exec": 200, "Delete": 200}
    if node.csp == "Registry":  # the operator's
        return {name: (200 if is_there else 404) if name == "Get" else 425 for name in done}
    if not is_there:
        return {name: 405 if name == "Add" else 404 for name in done}
    return {name: code if name[0] in node.access else 405 for name, code in done.items()}


@pytest.mark.parametrize("kind", KINDS, ids="-".join)
def test_each_node_answers_as_its_letters_say(kind: Kind) -> None:
    whole = DeviceTree(phone_of(kind[0]))
    for node in by_path(kind).values():
        tree = tree_for(kind[0], node) if node.editions else whole
        uri = uri_of(node, kind[1])
        beginning = tree.snapshot()
        ensure(tree, node, kind)
        value, format = sample(node)
        is_there = not expected_absence(node, kind)
        state = tree.snapshot()
        found = {
            "Get": tree.get(uri).code,
            "Add": tree.add(uri, value, format),
            "Replace": tree.replace(uri, value, format),
            "Exec": tree.execute(uri, None),
            "Delete": tree.delete(uri),
        }
        wanted = expected_codes(node, is_there=is_there)
        assert found == wanted, (node.uri, "".join(sorted(node.access)))
        assert tree.get(uri).code == (404 if found["Delete"] == 200 else found["Get"])
        tree.restore(state)
        assert tree.get(uri).code == found["Get"]
        tree.restore(beginning)
    assert len(by_path(kind)) > (80 if kind[1] == "device" else 3)


@pytest.mark.parametrize("kind", KINDS, ids="-".join)
def test_a_node_that_can_be_added_is_written_read_and_kept(kind: Kind) -> None:
    for node in by_path(kind).values():
        if "A" not in node.access or node.csp == "Registry":
            continue
        tree = tree_for(kind[0], node)
        ensure(tree, node, kind)
        uri = uri_of(node, kind[1])
        value, format = sample(node)
        got = tree.get(uri)
        if "G" in node.access and "R" in node.access:
            assert tree.replace(uri, value, format) == 200, node.uri
            got = tree.get(uri)
        again = DeviceTree(tree.leave(phone_of(kind[0])))
        if not node.editions:
            assert again.get(uri).parts == got.parts, node.uri


JUNK = (
    (None, None),
    ("", "chr"),
    ("x" * 300, "int"),
    ("\0\ud800", "chr"),
    ("<a", "xml"),
    ("?", ""),
)


@pytest.mark.parametrize("profile", list(PROFILES))
def test_nothing_that_is_sent_to_a_node_makes_it_fail(profile: str) -> None:
    """Also with all that CSPs do: a status for everything."""
    phone = phone_of(profile)
    tree = DeviceTree(phone, behaviours=BEHAVIOURS, random=bytes)
    for node in nodes():
        uri = uri_of(node, "device" if "device" in node.contexts else "user")
        for value, format in JUNK:
            state = tree.snapshot()
            codes = [
                tree.add(uri, value, format, value, is_binary=True),
                tree.add(uri, *sample(node)),
                tree.replace(uri, value, format),
                tree.execute(uri, value, format),
                tree.get(uri).code,
                tree.get(f"{uri}?list=StructData").code,
                tree.get(f"{uri}?prop=Size").code,
                tree.delete(uri),
            ]
            if format == "int":
                tree.leave(phone)
            tree.restore(state)
            assert all(200 <= code < 600 for code in codes), node.uri


def test_each_fact_of_the_catalogue_is_known() -> None:
    known: set[str] = set()
    for profile in PROFILES:
        phone = phone_of(profile)
        facts = Facts(phone, phone.enrolled)
        known |= {node.fact for node in nodes() if node.fact and facts.value(node) is not None}
    wanted = {node.fact for node in nodes() if node.fact}
    assert wanted - known == ABSENT_FACTS | {"renew_server_url", "renewal_attempt"}


@pytest.mark.parametrize("profile", list(PROFILES))
def test_devinfo_and_devdetail_are_complete(profile: str) -> None:
    tree = DeviceTree(phone_of(profile))
    missing = {
        node.uri
        for node in nodes()
        if node.csp in {"DevInfo", "DevDetail"}
        and node.is_for(profile)
        and "A" not in node.access
        and (tree.get(node.uri).code != 200 or not tree.get(node.uri).value)
    }
    microsoft = "./DevDetail/Ext/Microsoft"
    no_card = {f"{microsoft}/MobileID", f"{microsoft}/CommercializationOperator"}
    assert missing == (no_card if profile.startswith("win") else set())
    wanted = "true" if PROFILES[profile].takes_large_objects else "false"
    assert tree.value("./DevDetail/LrgObj") == wanted


@pytest.mark.parametrize(
    ("version", "code"), [("10.0.17134.1", 404), ("10.0.17763.1", 200), ("10.0", 200)]
)
def test_a_node_comes_with_its_build(version: str, code: int) -> None:
    phone = with_settings(phone_of("win10"), os_version=version)
    assert DeviceTree(phone).get("./DevDetail/Ext/Microsoft/SMBIOSSerialNumber").code == code


@pytest.mark.parametrize(
    ("edition", "device", "card"), [("48", 200, 404), ("104", 404, 200), ("101", 404, 404)]
)
def test_a_node_comes_with_its_edition(edition: str, device: int, card: int) -> None:
    tree = DeviceTree(with_settings(phone_of("win10"), os_edition=edition))
    root = "./Vendor/MSFT/BitLocker"
    assert tree.add(f"{root}/RequireDeviceEncryption", "1", "int") == device
    assert tree.add(f"{root}/RequireStorageCardEncryption", "1", "int") == card


def test_a_device_whose_edition_nobody_knows_has_the_nodes_of_all() -> None:
    phone = phone_of("win10")
    odd = replace(phone, settings=replace(phone.settings, os_edition="9999"))
    uri = "./Vendor/MSFT/BitLocker/RequireStorageCardEncryption"
    assert DeviceTree(odd).add(uri, "1", "int") == 200
