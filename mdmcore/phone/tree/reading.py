"""What a Get returns: a value, the names below an interior node, a property or a branch.

``?list=StructData`` is answered where the pages of CSPs ask for it (EnterpriseAppManagement,
EnterpriseModernAppManagement, CertificateStore, DeviceStatus); ``Struct`` and ``TNDS`` nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mdmcore.csp import Access, encode_segment
from mdmcore.phone.tree.behaviour import DEFAULT_FORMAT, DEFAULT_TYPE, Value
from mdmcore.phone.tree.live import Live
from mdmcore.phone.tree.paths import Address
from mdmcore.phone.tree.properties import SUPPORTED, read_property
from mdmcore.phone.tree.schema import target_of
from mdmcore.phone.tree.store import NodeStore, StoredNode, allows

_LISTED = frozenset(
    {
        "CertificateStore",
        "DeviceStatus",
        "EnterpriseAppManagement",
        "EnterpriseModernAppManagement",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One item of Results. ``value`` is ``None`` where no Data stands; of bytes (``is_binary``)
    it is the base64. ``type`` is empty where it need not be told: ``text/plain``, or an interior
    node."""

    uri: str
    value: str | None = ""
    format: str = DEFAULT_FORMAT
    type: str = ""
    is_binary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """The answer to a Get; parts only with code 200, ``format`` ``node`` for an interior."""

    code: int
    parts: tuple[Part, ...] = ()

    @property
    def value(self) -> str:
        """The value of the first part."""
        return (self.parts[0].value or "") if self.parts else ""

    @property
    def format(self) -> str:
        """The format of the first part."""
        return self.parts[0].format if self.parts else DEFAULT_FORMAT


_UNSUPPORTED = Got(code=406)


def read_node(node: StoredNode, address: Address, store: NodeStore, live: Live) -> Got:
    """What a Get of a node that can be read is answered."""
    uri = address.text
    if address.prop is not None:
        text = read_property(node, address.prop) if address.prop in SUPPORTED else None
        return _UNSUPPORTED if text is None else _got(Part(uri=uri, value=text))
    if address.listing is not None:
        is_listed = node.definition is not None and node.definition.csp in _LISTED
        if address.listing != "StructData" or not is_listed:
            return _UNSUPPORTED
        return _got(*_branch(node, address, store, live))
    if node.is_interior:
        names = "/".join(encode_segment(child.name) for child in store.children(node.key))
        return _got(Part(uri=uri, value=names, format="node"))
    value = _read(node, live)
    return Got(code=value) if isinstance(value, int) else _got(_leaf(uri, value))


def _branch(node: StoredNode, address: Address, store: NodeStore, live: Live) -> Iterator[Part]:
    """The node and all below it that can be read, each before its children."""
    for below in store.subtree(node.key):
        if not allows(below, Access.GET):
            continue
        names = below.names[len(node.names) :]
        uri = "/".join((address.base, *map(encode_segment, names)))
        if below.is_interior:
            yield Part(uri=uri, value=None, format="node")
            continue
        value = _read(below, live)
        if isinstance(value, Value):
            yield _leaf(uri, value)


def _read(node: StoredNode, live: Live) -> Value | int:
    if node.definition is None:
        return node.value
    outcome = live.read(target_of(node.context, node.names, node.definition))
    if outcome.code >= 400:
        return outcome.code
    return node.value if outcome.content is None else replace(node.value, content=outcome.content)


def _leaf(uri: str, value: Value) -> Part:
    """A leaf; bytes go out as base64 (session.md 2.4)."""
    is_binary = isinstance(value.content, bytes)
    return Part(
        uri=uri,
        value=value.text,
        format="b64" if is_binary else value.format,
        type="" if value.type == DEFAULT_TYPE else value.type,
        is_binary=is_binary,
    )


def _got(*parts: Part) -> Got:
    return Got(code=200, parts=parts)
