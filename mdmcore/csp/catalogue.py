"""The catalogue of nodes: read once from ``nodes/*.toml``, and searched by LocURI.

A file holds one or more ``[[csp]]`` tables. Keys: ``name``; ``root`` (LocURI of its root);
``complete`` (every node of the CSP is listed); ``profiles`` (``wp8 wp81 win81 win10``, ``?`` after
a name: believed, not documented [U]); ``source``; ``nodes``, one inline table each, with ``path``
below the root, ``format`` (one or a list), ``access`` (letters A G R D E) and whatever else
``CspNode`` has. A node without ``profiles`` has those of its CSP. ``areas`` in a CSP stands for a
list of policies in the form ``Area/Policy = "format values"``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from mdmcore.csp.index import NodeIndex
from mdmcore.csp.model import PROFILE_NAMES, Access, Csp, CspNode, Job, Payload
from mdmcore.csp.uri import LocUri, parse_uri
from mdmcore.errors import ConfigError


def csps() -> tuple[Csp, ...]:
    """Every CSP of the catalogue."""
    return tuple(_all().values())


def nodes() -> Iterator[CspNode]:
    """Every node of the catalogue."""
    for csp in csps():
        yield from csp.nodes


def find_node(
    uri: str | LocUri, *, profile: str | None = None, provider: str | None = None
) -> CspNode | None:
    """The node that a LocURI names, ``None`` when the catalogue has none.

    With ``profile`` only nodes of that generation count. ``{provider}`` matches any name unless
    ``provider`` is given. A literal segment goes before a wildcard; letter case counts.
    """
    parsed = parse_uri(uri) if isinstance(uri, str) else uri
    return _index().find(
        parsed.segments, profile=profile, context=parsed.context, provider=provider
    )


def find_csp(uri: str | LocUri) -> Csp | None:
    """The CSP below whose root a LocURI lies, the longest root first."""
    parsed = parse_uri(uri) if isinstance(uri, str) else uri
    found = [csp for csp in csps() if parsed.segments[: len(csp.root)] == csp.root]
    return max(found, key=lambda csp: len(csp.root), default=None)


@cache
def _all() -> Mapping[str, Csp]:
    found: dict[str, Csp] = {}
    folder = resources.files("mdmcore.csp") / "nodes"
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            data = tomllib.loads(file.read_text(encoding="utf-8"))
            for table in data["csp"]:
                csp = _csp(table, file.name)
                if csp.name in found:
                    raise ConfigError(f"{file.name}: CSP {csp.name} is there twice")
                found[csp.name] = csp
    return MappingProxyType(found)


@cache
def _index() -> NodeIndex:
    return NodeIndex.of(nodes())


_CSP_KEYS = {"name", "root", "complete", "profiles", "source", "contexts", "nodes", "areas"}


def _csp(table: dict[str, Any], file: str) -> Csp:
    where = f"{file}: {table.get('name', '?')}"
    unknown = set(table) - _CSP_KEYS
    if unknown:
        raise ConfigError(f"{where}: unknown key {sorted(unknown)[0]!r}")
    root = parse_uri(table["root"]).segments
    profiles = _profiles(table["profiles"], where)
    base: dict[str, Any] = {
        "csp": table["name"],
        "profiles": profiles,
        "contexts": tuple(table.get("contexts", ("device",))),
        "source": table["source"],
    }
    found = [_node(entry, root, base, where) for entry in table.get("nodes", ())]
    for path, text in table.get("areas", {}).items():
        found.extend(_policy(path, text, root, base, where))
    return Csp(
        name=table["name"],
        root=root,
        is_complete=table.get("complete", False),
        profiles=profiles,
        source=table["source"],
        nodes=tuple(found),
    )


_PLAIN_KEYS = {"minimum", "maximum", "pattern", "first_build", "fact", "note", "source", "default"}
_FLAG_KEYS = {"secret": "is_secret", "permanent": "is_permanent", "policy_area": "is_policy_area"}
_NODE_KEYS = {
    "path",
    "format",
    "access",
    "values",
    "profiles",
    "contexts",
    "payload",
    "job",
    "editions",
}


def _node(
    entry: dict[str, Any], root: tuple[str, ...], base: dict[str, Any], where: str
) -> CspNode:
    where = f"{where}: {entry.get('path', '?')}"
    unknown = set(entry) - _NODE_KEYS - _PLAIN_KEYS - set(_FLAG_KEYS)
    if unknown:
        raise ConfigError(f"{where}: unknown key {sorted(unknown)[0]!r}")
    format_ = entry["format"]
    values = dict(base)
    values |= {key: entry[key] for key in _PLAIN_KEYS if key in entry}
    values |= {name: entry[key] for key, name in _FLAG_KEYS.items() if key in entry}
    if "profiles" in entry:
        values["profiles"] = _profiles(entry["profiles"], where)
    for key in ("contexts", "editions"):
        if key in entry:
            values[key] = tuple(entry[key])
    if "payload" in entry:
        values["payload"] = Payload(entry["payload"])
    if "job" in entry:
        job = entry["job"]
        values["job"] = Job(
            status=job["status"],
            done=tuple(map(str, job["done"])),
            failed=tuple(map(str, job.get("failed", ()))),
            error=job.get("error", ""),
        )
    return CspNode(
        path=(*root, *(part for part in entry["path"].split("/") if part)),
        formats=(format_,) if isinstance(format_, str) else tuple(format_),
        access=frozenset(map(Access, entry["access"])),
        values=tuple(map(str, entry.get("values", ()))),
        **values,
    )


def _policy(
    path: str, text: str, root: tuple[str, ...], base: dict[str, Any], where: str
) -> Iterator[CspNode]:
    """``Area/Policy = "int 0..2"``, ``"int 0|1"``, ``"chr"``, ``"chr @payload"``: one policy."""
    format_, _, allowed = text.partition(" ")
    entry: dict[str, Any] = {"path": path, "format": format_, "access": "AGRD"}
    if allowed.startswith("@"):
        entry["payload"] = allowed[1:]
    elif ".." in allowed:
        low, high = allowed.split("..")
        entry |= {"minimum": int(low), "maximum": int(high)}
    elif allowed:
        entry["values"] = allowed.split("|")
    yield _node(entry, root, base, where)


def _profiles(text: str, where: str) -> Mapping[str, bool]:
    found = {word.rstrip("?"): not word.endswith("?") for word in text.split()}
    unknown = set(found) - set(PROFILE_NAMES)
    if unknown:
        raise ConfigError(f"{where}: unknown profile {sorted(unknown)[0]!r}")
    return MappingProxyType(found)
