"""LocURIs as the device reads them: strictly, to a status code or an address (session.md 2.3).

``mdmcore.csp.uri`` reads the same text leniently, for tools.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from mdmcore.csp import encode_segment
from mdmcore.phone.settings import UriLimits

type Names = tuple[str, ...]
"""Decoded names of nodes from the root of the tree on."""

type Key = tuple[str, ...]
"""Context and names, by which nodes are compared and found."""

DEVICE, USER = "device", "user"
NOT_FOUND, UNSUPPORTED, TOO_LONG = 404, 406, 414

# RFC 3986 pchar: what is not in it must be percent-encoded; that takes braces and blanks with it.
_NAME = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+")
_QUERY = re.compile(r"(prop|list)=([A-Za-z]*)")
_CASELESS = (("Vendor", "MSFT", "CertificateStore"),)
"""Below these, names compare without case (CertificateStore CSP)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """What a LocURI names. ``text`` is all of it, ``base`` what stands before the query.

    ``prop`` is what follows ``?prop=``, ``listing`` what follows ``?list=``, ``None`` without.
    """

    context: str
    names: Names
    text: str
    base: str
    prop: str | None = None
    listing: str | None = None

    @property
    def key(self) -> Key:
        """The key of the node."""
        return key_of(self.context, self.names)


def read_uri(text: str, *, prefixes: tuple[str, ...], limits: UriLimits) -> Address | int:
    """The address, or the status that the text gets. ``prefixes`` are the device's contexts."""
    if limits.length and len(text) > limits.length:
        return TOO_LONG
    base, mark, query = text.partition("?")
    asked = _QUERY.fullmatch(query)
    if mark and asked is None:
        return UNSUPPORTED
    names = _names(base)
    if names is None:
        return NOT_FOUND
    if limits.segment and any(len(name) > limits.segment for name in names):
        return TOO_LONG
    if limits.depth and len(names) > limits.depth:
        return TOO_LONG
    context = DEVICE
    if names and names[0].lower() in {prefix.lower() for prefix in prefixes}:
        context, names = names[0].lower(), names[1:]
    return Address(
        context=context,
        names=names,
        text=text,
        base=base.removesuffix("/"),
        prop=asked[2] if asked and asked[1] == "prop" else None,
        listing=asked[2] if asked and asked[1] == "list" else None,
    )


def key_of(context: str, names: Names) -> Key:
    """The key of a node."""
    for root in _CASELESS:
        if names[: len(root)] == root:
            return (context, *root, *(name.lower() for name in names[len(root) :]))
    return (context, *names)


def kept_uri(context: str, names: Names) -> str:
    """How a node is named in the phone's state: encoded, ``User/`` before those of the user."""
    prefix = ("User",) if context == USER else ()
    return "/".join((*prefix, *map(encode_segment, names)))


def read_kept(uri: str) -> tuple[str, Names]:
    """Context and names of a node that the phone's state names."""
    context, names = DEVICE, tuple(map(unquote, uri.split("/")))
    if names[0] == "User":
        context, names = USER, names[1:]
    return context, names


def _names(base: str) -> Names | None:
    """The decoded names; ``None`` for what is no LocURI. A ``.`` may only come first."""
    parts = base.split("/")
    if parts[0] == ".":
        parts = parts[1:]
    elif not parts[0]:
        return None
    if parts and not parts[-1]:
        parts = parts[:-1]
    if not all(_NAME.fullmatch(part) and part not in {".", "..", "*"} for part in parts):
        return None
    try:
        return tuple(unquote(part, errors="strict") for part in parts)
    except UnicodeDecodeError:
        return None
