"""The table of nodes."""

from __future__ import annotations

from mdmcore.phone.nodes import NODES
from mdmcore.phone.tree import DeviceTree
from tests.phone.scripted import enrolled


def test_every_node_has_a_sound_access_and_a_fact() -> None:
    assert len({node.uri for node in NODES}) == len(NODES)
    for node in NODES:
        assert set(node.access) <= set("AGRD")
        assert node.format in {"chr", "int", "bool", "b64", "xml"}
    assert DeviceTree(enrolled()).get("./DevInfo/DevId").code == 200
