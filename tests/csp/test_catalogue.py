"""The catalogue of nodes against what the CSP pages say."""

from __future__ import annotations

import pytest

from mdmcore.csp import Access, CspNode, csps, find_csp, find_node, nodes

ALL = tuple(nodes())
FACTS_OF_DEVINFO = ("device_id", "manufacturer", "model", "dm_version", "language")


@pytest.mark.parametrize("node", ALL, ids=lambda node: f"{node.csp}:{node.uri}")
def test_each_entry_is_sound(node: CspNode) -> None:
    assert node.source
    assert node.profiles
    assert node.access
    assert set(node.formats) <= {"node", "chr", "int", "bool", "b64", "bin", "xml", "null"}
    if node.is_interior:
        assert not node.values
        assert node.minimum is node.maximum is None
    if node.is_permanent:
        assert not node.access & {Access.ADD, Access.DELETE}
    if node.minimum is not None or node.maximum is not None:
        assert node.formats[0] == "int"
    if node.job is not None:
        assert Access.EXEC in node.access
        parent = list(node.path[:-1])
        for name in (node.job.status, node.job.error):
            if name:
                path = parent.copy()
                for part in name.split("/"):
                    path = path[:-1] if part == ".." else [*path, part]
                assert any(other.path == tuple(path) for other in ALL), name


def test_a_node_stands_once_for_each_profile() -> None:
    for profile in ("wp8", "wp81", "win81", "win10"):
        seen: set[tuple[str, ...]] = set()
        for node in ALL:
            if node.is_for(profile):
                assert node.path not in seen, node.uri
                seen.add(node.path)


def test_each_node_has_a_parent_in_the_catalogue() -> None:
    roots = {csp.root for csp in csps()}
    for node in ALL:
        if node.path not in roots:
            parent = find_node("./" + "/".join(node.path[:-1]))
            assert parent is not None, node.uri
            assert parent.is_interior, node.uri


def test_the_five_leaves_of_devinfo_are_read_only() -> None:
    leaves = [node for node in ALL if node.csp == "DevInfo" and not node.is_interior]
    assert tuple(node.fact for node in leaves) == FACTS_OF_DEVINFO
    assert all(node.access == {Access.GET} for node in leaves)


@pytest.mark.parametrize(
    ("uri", "found"),
    [
        ("./DevInfo/DevId", "./DevInfo/DevId"),
        ("DevInfo/DevId", "./DevInfo/DevId"),
        ("./Device/DevInfo/DevId", "./DevInfo/DevId"),
        ("./User/DevInfo/DevId", None),
        (
            "./User/Vendor/MSFT/Policy/Config/Camera/AllowCamera",
            "./Vendor/MSFT/Policy/Config/Camera/AllowCamera",
        ),
        (
            "./Vendor/MSFT/Policy/Config/Vendor~Category/Setting",
            "./Vendor/MSFT/Policy/Config/*/*",
        ),
        (
            "./Vendor/MSFT/WiFi/Profile/My%20Net/WlanXml",
            "./Vendor/MSFT/WiFi/Profile/*/WlanXml",
        ),
        ("./Vendor/MSFT/WiFi/profile/Net/WlanXml", None),
        ("./Vendor/MSFT/NoSuchCsp", None),
        ("", None),
        (".", None),
    ],
)
def test_a_locuri_names_its_node(uri: str, found: str | None) -> None:
    node = find_node(uri)
    assert (None if node is None else node.uri) == found


def test_the_name_of_the_provider_counts_where_it_is_known() -> None:
    uri = "./Vendor/MSFT/DMClient/Provider/Example/EntDMID"
    assert find_node(uri) is not None
    assert find_node(uri, provider="Example") is not None
    assert find_node(uri, provider="Other") is None


@pytest.mark.parametrize(
    ("uri", "profiles"),
    [
        ("./Vendor/MSFT/DeviceLock/DeviceValue/MinDevicePasswordLength", {"wp8", "wp81"}),
        ("./Vendor/MSFT/PolicyManager/My/Camera/AllowCamera", {"wp81"}),
        ("./Vendor/MSFT/RemoteLock/Lock", {"wp81", "win10"}),
        ("./Vendor/MSFT/RemoteWipe/doWipe", {"wp8", "wp81", "win81", "win10"}),
        ("./Vendor/MSFT/Policy/Config/Camera/AllowCamera", {"win10"}),
        ("./Vendor/MSFT/EnterpriseAppManagement/4000000001/StoreUri", {"wp8", "wp81"}),
    ],
)
def test_which_generation_has_which_node(uri: str, profiles: set[str]) -> None:
    all_profiles = ("wp8", "wp81", "win81", "win10")
    assert {name for name in all_profiles if find_node(uri, profile=name)} == profiles


def test_the_csp_of_a_locuri() -> None:
    csp = find_csp("./Vendor/MSFT/DeviceLock/NoSuchNode")
    assert csp is not None
    assert (csp.name, csp.is_complete) == ("DeviceLock", True)
    assert find_csp("./Vendor/OEM/Something") is None
