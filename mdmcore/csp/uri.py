"""LocURIs as paths: context prefix, segments, percent-encoding (session.md 2.3; DMTND 5)."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, unquote

_CONTEXTS = {"device": "device", "user": "user"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LocUri:
    """A LocURI taken apart. ``segments`` are decoded; ``context`` is empty where none stands.

    ``prop`` is what follows ``?prop=``, ``listing`` what follows ``?list=``.
    """

    text: str
    context: str
    segments: tuple[str, ...]
    prop: str = ""
    listing: str = ""

    @property
    def key(self) -> str:
        """The path to compare by: context, then encoded segments; ``./Device`` is the default."""
        prefix = "./User" if self.context == "user" else "."
        return "/".join((prefix, *map(encode_segment, self.segments)))


def parse_uri(text: str) -> LocUri:
    """The parts of a LocURI; never fails, oddities (``//``, ``..``) stay segments to be judged."""
    path, _, query = text.strip().partition("?")
    parts = path.split("/")
    if parts and parts[0] in {".", ""}:
        parts = parts[1:]
    context = _CONTEXTS.get(parts[0].lower(), "") if parts else ""
    if context:
        parts = parts[1:]
    name, _, value = query.partition("=")
    return LocUri(
        text=text,
        context=context,
        segments=tuple(unquote(part) for part in parts if part != "") if path.strip("./") else (),
        prop=value if name == "prop" else "",
        listing=value if name == "list" else "",
    )


def encode_segment(segment: str) -> str:
    """A node name as it stands in a LocURI: reserved characters percent-encoded in UTF-8."""
    return quote(segment, safe="~!*'()")


def join_uri(*segments: str) -> str:
    """A LocURI from ``./`` of node names that are not encoded yet."""
    return "/".join((".", *map(encode_segment, segments)))


def beside(uri: str, path: str) -> str:
    """The LocURI of ``path`` as seen from the parent of ``uri``; the spelling of both is kept."""
    parts = uri.partition("?")[0].rstrip("/").split("/")[:-1]
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        else:
            parts.append(part)
    return "/".join(parts)
