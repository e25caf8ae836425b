"""Properties of a node, asked for with ``?prop=`` (DMTND 7.7).

Those that DMTND leaves to the device, Title, TStamp and VerNo, are not there; ACLs are not
implemented on Windows (MS-MDM 3.1.7.1).
"""

from __future__ import annotations

from mdmcore.phone.tree.store import StoredNode

SUPPORTED = frozenset({"Format", "Name", "Size", "Type"})


def read_property(node: StoredNode, name: str) -> str | None:
    """The value of a property, ``None`` when the node has none of that name."""
    if name == "Name":
        return node.name
    if name == "Type":
        return node.value.type
    if name == "Format":
        return "bin" if isinstance(node.value.content, bytes) else node.value.format
    if name == "Size" and not node.is_interior:
        return str(len(node.value.data))
    return None
