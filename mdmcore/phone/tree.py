"""The device's management tree: what Get, Add, Replace, Delete and Exec find (session.md 2, 7).

Which nodes there are is data of ``nodes``; here are their values and the answers to operations,
as SyncML status codes. Several commands together (Atomic, Sequence) stand in ``commands``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from mdmcore.phone.nodes import NODES, Node
from mdmcore.phone.state import EnrolledPhone, NodeValue

type Path = tuple[str, ...]

_DM_CLIENT = ("Vendor", "MSFT", "DMClient")
_DEFAULT_FORMAT = "chr"
_BOOLEANS = {"true", "false", "True", "False"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One node that a Get found. ``type`` is Meta's, empty where there is none to tell;
    ``is_binary``: the value is base64 of bytes."""

    uri: str
    format: str
    value: str
    type: str = ""
    is_binary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """The answer to a Get; ``value`` only with code 200, ``format`` ``node`` for an interior.
    ``parts`` are the nodes it tells of."""

    code: int
    value: str = ""
    format: str = _DEFAULT_FORMAT
    parts: tuple[Part, ...] = ()


class DeviceTree:
    """The tree of one phone during one session."""

    def __init__(self, phone: EnrolledPhone, nodes: Iterable[Node] = NODES) -> None:
        self._phone = phone
        self._nodes = _nodes(phone, nodes)
        self._values = _first_values(phone, self._nodes)
        for path in phone.deleted:
            self._values.pop(tuple(path.split("/")), None)
        for written in phone.written:
            self._values[tuple(written.uri.split("/"))] = written.value
        self._changed = {tuple(value.uri.split("/")) for value in phone.written}
        self._deleted = {tuple(path.split("/")) for path in phone.deleted}
        self.is_unenrolling = False
        """Whether the server has executed Unenroll."""

    def snapshot(self) -> tuple[dict[Path, str], set[Path], set[Path]]:
        """The state to come back to when an Atomic fails."""
        return dict(self._values), set(self._changed), set(self._deleted)

    def restore(self, state: tuple[dict[Path, str], set[Path], set[Path]]) -> bool:
        """Undo everything since that snapshot; whether that was possible."""
        self._values, self._changed, self._deleted = dict(state[0]), set(state[1]), set(state[2])
        return True

    @property
    def written(self) -> tuple[NodeValue, ...]:
        """What management has written, for the phone's state."""
        return tuple(
            NodeValue(uri="/".join(path), value=self._values[path], format=self._nodes[path].format)
            for path in sorted(self._changed)
        )

    @property
    def deleted(self) -> frozenset[str]:
        """What management has deleted."""
        return frozenset("/".join(path) for path in self._deleted)

    def value(self, uri: str) -> str:
        """The value of an existing leaf, empty for anything else."""
        return self.get(uri).value

    def get(self, uri: str) -> Got:
        """Value of a leaf, or the names below an interior node joined by ``/``."""
        path = self._path(uri)
        if isinstance(path, int):
            return Got(code=path)
        if path in self._values:
            return _found(uri, self._values[path], self._nodes[path].format)
        names = self._names_below(path)
        if not names:
            return Got(code=404)
        return _found(uri, "/".join(names), "node")

    def add(self, uri: str, value: str | None, format: str | None) -> int:
        """Create a leaf that the device knows; 418 when it is there."""
        path = self._path(uri)
        if isinstance(path, int):
            return path
        if path in self._values or self._names_below(path):
            return 418
        node = self._nodes.get(path)
        if node is None:
            return 404
        return self._write(path, node, value, format) if "A" in node.access else 405

    def replace(self, uri: str, value: str | None, format: str | None) -> int:
        """Change a leaf that exists; never creates one."""
        path = self._path(uri)
        if isinstance(path, int):
            return path
        if path not in self._values:
            return 405 if self._names_below(path) else 404
        node = self._nodes[path]
        return self._write(path, node, value, format) if "R" in node.access else 405

    def delete(self, uri: str) -> int:
        """Remove a leaf; permanent and interior nodes stay (405)."""
        path = self._path(uri)
        if isinstance(path, int):
            return path
        if path not in self._values:
            return 405 if self._names_below(path) else 404
        if "D" not in self._nodes[path].access:
            return 405
        del self._values[path]
        self._changed.discard(path)
        self._deleted.add(path)
        return 200

    def execute(self, uri: str, value: str | None) -> int:
        """Of this tree's nodes only Unenroll can be executed."""
        path = self._path(uri)
        if isinstance(path, int):
            return path
        provider = quote(self._phone.account.provider_id or "", safe="")
        if path in {(*_DM_CLIENT, "Unenroll"), (*_DM_CLIENT, "Provider", provider, "Unenroll")}:
            return self._unenroll(value)
        return 405 if path in self._values or self._names_below(path) else 404

    def _unenroll(self, value: str | None) -> int:
        """Leave, when a phone is told the right ProviderID; the codes for others are [U]."""
        settings = self._phone.settings
        if settings.device.unenroll_needs_data:
            if not value:
                return 412
            if value != self._phone.account.provider_id:
                return 400
        self.is_unenrolling = not settings.ignores_unenroll
        return 200

    def _write(self, path: Path, node: Node, value: str | None, format: str | None) -> int:
        if value is None:
            return 412
        if (format or _DEFAULT_FORMAT) != node.format:
            return 415
        if node.format == "int" and not _is_integer(value):
            return 500
        if node.format == "bool" and value not in _BOOLEANS:
            return 500
        self._values[path] = value
        self._changed.add(path)
        self._deleted.discard(path)
        return 200

    def _names_below(self, path: Path) -> list[str]:
        depth = len(path)
        below = (found for found in self._values if len(found) > depth and found[:depth] == path)
        return list(dict.fromkeys(found[depth] for found in below))

    def _path(self, uri: str) -> Path | int:
        """The segments of a LocURI, or the status that it gets (session.md 2.3)."""
        if "?" in uri:
            return 406  # property access and list queries
        if uri.startswith("/") or not uri:
            return 404
        segments = uri.split("/")
        if segments[0] == ".":
            segments = segments[1:]
        if segments and segments[-1] == "":
            segments = segments[:-1]
        prefixes = self._phone.settings.device.context_prefixes
        if segments and segments[0] in prefixes:
            segments = segments[1:]
        return tuple(segments)


def _found(uri: str, value: str, format: str) -> Got:
    part = Part(uri=uri, format=format, value=value)
    return Got(code=200, value=value, format=format, parts=(part,))


def _is_integer(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and len(digits) < 20


def _nodes(phone: EnrolledPhone, table: Iterable[Node]) -> dict[Path, Node]:
    """The nodes of the table that this phone has, as paths with its ids."""
    facts = _facts(phone)
    provider = quote(phone.account.provider_id or "", safe="")
    nodes = {}
    for node in table:
        if "{enterprise}" in node.uri and phone.hub is None:
            continue
        if facts[node.value] is None and "A" not in node.access:
            continue
        enterprise = "" if phone.hub is None else quote(phone.hub.enterprise_id, safe="")
        uri = node.uri.format(provider=provider, enterprise=enterprise)
        nodes[tuple(uri.removeprefix("./").split("/"))] = node
    return nodes


def _first_values(phone: EnrolledPhone, nodes: dict[Path, Node]) -> dict[Path, str]:
    facts = _facts(phone)
    values = {}
    for path, node in nodes.items():
        value = facts[node.value]
        if value is not None:
            values[path] = value
    return values


def _renewal_facts(phone: EnrolledPhone) -> dict[str, str | None]:
    """My/WSTEP/Renew, for devices that read that branch."""
    state, given = phone.renewal_state, phone.renewal
    facts = {
        "renew_status": str(int(state.status)),
        "renew_error_code": str(state.error_code),
        "renew_period": str(given.period_days),
        "renew_retry_interval": str(given.retry_days),
        "robo_support": "true" if given.supports_robo else "false",
    }
    reads = phone.settings.device.reads_renew_branch
    return {name: value if reads else None for name, value in facts.items()}


def _facts(phone: EnrolledPhone) -> dict[str, str | None]:
    settings, hub = phone.settings, phone.hub
    facts: dict[str, str | None] = {
        "device_id": phone.management_id,
        "manufacturer": settings.manufacturer,
        "model": settings.model,
        "dm_version": settings.device.dm_version,
        "language": settings.language,
        "device_type": settings.device.device_type,
        "firmware_version": settings.firmware_version,
        "os_version": settings.os_version,
        "hardware_version": settings.hardware_version,
        "large_objects": "false",
        "zero": "0",
        "resolution": settings.resolution,
        "processor_architecture": settings.processor_architecture,
        "processor_type": settings.processor_type,
        "os_platform": settings.os_platform,
        "device_name": settings.device_name,
        "ent_device_name": phone.ent_device_name,
        "ent_dmid": phone.ent_dmid,
        "upn": phone.upn,
        "addr": phone.account.addr,
        **_renewal_facts(phone),
    }
    if hub is not None:
        facts |= {
            "enrollment_token": hub.enrollment_token,
            "store_product_id": hub.store_product_id,
            "store_uri": hub.store_uri,
            "certificate_search_criteria": hub.certificate_search_criteria,
            "crl_check": hub.crl_check,
        }
    return facts
