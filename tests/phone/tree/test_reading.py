"""What a Get returns, item by item."""

from __future__ import annotations

from mdmcore.phone.tree import Behaviour, DeviceTree, Got, Outcome, Part
from tests.phone.tree.trees import CERTIFICATES, HUB, MSFT, phone_of, tree_of


def test_nothing_has_no_parts() -> None:
    got = Got(code=404)
    assert (got.value, got.format, got.parts) == ("", "chr", ())


def test_a_part_names_the_node_as_it_was_asked_for() -> None:
    tree = tree_of("win10")
    for uri in ("./Device/DevInfo/Lang", "DevInfo/Lang", "./DevInfo/Lang"):
        assert tree.get(uri).parts == (Part(uri=uri, value="en-US"),)
    assert tree.get("./DevInfo/Lang?prop=Name").parts == (
        Part(uri="./DevInfo/Lang?prop=Name", value="Lang"),
    )


def test_a_list_leaves_out_what_cannot_be_read() -> None:
    scep = f"{CERTIFICATES}/MY/SCEP"
    tree = tree_of("wp81")
    assert tree.add(f"{scep}/A%20b/Install/RetryCount", "1", "int") == 200
    listed = tree.get(f"{scep}?list=StructData").parts
    uris = [part.uri.removeprefix(scep) for part in listed]
    assert uris == [
        "",
        "/A%20b",
        "/A%20b/CertThumbprint",
        "/A%20b/Status",
        "/A%20b/ErrorCode",
        "/A%20b/Install",
        "/A%20b/Install/RetryCount",
    ]
    assert {part.type for part in listed if part.value is None} == {""}


def test_bytes_are_listed_as_base64() -> None:
    listed = tree_of().get(f"{CERTIFICATES}/ROOT?list=StructData").parts
    encoded = next(part for part in listed if part.uri.endswith("EncodedCertificate"))
    assert (encoded.format, encoded.is_binary) == ("b64", True)
    assert (encoded.value or "").startswith("MII")


def test_a_leaf_that_its_csp_refuses_is_left_out() -> None:
    refusing = Behaviour(
        csp="EnterpriseAppManagement",
        read=lambda target, view: Outcome(code=500 if target.name == "StoreUri" else 200),
    )
    tree = DeviceTree(phone_of(), behaviours=[refusing])
    names = [part.uri.rpartition("/")[2] for part in tree.get(f"{HUB}?list=StructData").parts]
    assert "StoreUri" not in names
    assert "StoreProductID" in names


def test_only_some_csps_are_listed() -> None:
    tree = tree_of("win10")
    assert tree.get(f"{MSFT}/DeviceStatus?list=StructData").code == 200
    assert tree.get(f"{MSFT}/EnterpriseModernAppManagement?list=StructData").code == 200
    assert tree.get(f"{MSFT}/Policy?list=StructData").code == 406
    assert tree.get(f"{MSFT}?list=StructData").code == 406
