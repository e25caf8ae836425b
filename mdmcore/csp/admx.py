"""Reading an ADMX file as Windows ingests it (Policy CSP, ConfigOperations/ADMXInstall).

Which registry keys its policies may not touch, what its policies are called in the tree, and which
categories are missing. Keys below the forbidden ones that Windows lets through are those of its
page on ingesting ADMX; that the list is complete is [U].
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.errors import XmlError
from mdmcore.xml import Element, child, children, iter_elements, local_name, parse_strict

_FORBIDDEN = ("system", r"software\microsoft", r"software\policies\microsoft")
_BELOW_SOFTWARE = (
    r"office",
    r"windows\currentversion\explorer",
    r"internet explorer",
    r"shared tools\proofing tools",
    r"shared tools\graphics filters",
    r"imejp",
    r"ime\shared",
    r"softwareprotectionplatform",
    r"officesoftwareprotectionplatform",
    r"windows\windows search\preferences",
    r"exchange",
    r"vba\security",
    r"onedrive",
    r"edge",
    r"edgeupdate",
)
_ALLOWED = tuple(rf"{root}\{name}" for root in _FORBIDDEN[1:] for name in _BELOW_SOFTWARE)
_SWITCHES = frozenset({"enabled", "disabled"})
_MAX_CATEGORIES = 32
"""Deeper chains of categories are loops: the Group Policy editor shows a handful of levels."""


def policy_keys(root: Element) -> tuple[str, ...]:
    """The registry key of each policy, in document order."""
    return tuple(e.get("key") or "" for e in iter_elements(root) if local_name(e) == "policy")


def is_forbidden_key(key: str) -> bool:
    """Whether Windows refuses a file because one of its policies writes to that key."""
    return _is_at_or_below(key, _FORBIDDEN) and not _is_at_or_below(key, _ALLOWED)


def undefined_categories(root: Element) -> tuple[str, ...]:
    """The parentCategory references that the file neither defines nor takes from elsewhere."""
    own = {"", *_attributes(child(root, "policyNamespaces"), "target", "prefix")}
    used = set(_attributes(child(root, "policyNamespaces"), "using", "prefix"))
    names = set(_attributes(child(root, "categories"), "category", "name"))
    wrong: dict[str, None] = {}
    for element in iter_elements(root):
        if local_name(element) != "parentCategory":
            continue
        ref = element.get("ref") or ""
        prefix, _, name = ref.rpartition(":")
        if prefix not in used and (prefix not in own or name not in names):
            wrong[ref] = None
    return tuple(wrong)


def ingested_policies(root: Element, *, app: str, kind: str) -> Iterator[tuple[str, str]]:
    """Area and name below Policy/Config of each policy whose categories are all there.

    The area is the app's name, ``kind`` (Policy or Preference) and the chain of categories, joined
    by ``~`` (Policy CSP). Categories of another file are left out, as their names are not known.
    """
    categories = child(root, "categories")
    parents = {
        element.get("name") or "": _parent(element)
        for element in (() if categories is None else children(categories, "category"))
    }
    missing = set(undefined_categories(root))
    for element in iter_elements(root):
        if local_name(element) != "policy" or not element.get("name"):
            continue
        if _reference(element) in missing:
            continue
        chain = _chain(_parent(element), parents)
        yield "~".join((app, kind, *chain)), element.get("name") or ""


def _chain(category: str, parents: dict[str, str]) -> list[str]:
    """The category's names from the outermost in."""
    found: list[str] = []
    while category in parents and len(found) < _MAX_CATEGORIES:
        found.insert(0, category)
        category = parents[category]
    return found


def _reference(element: Element) -> str:
    below = child(element, "parentCategory")
    return "" if below is None else below.get("ref") or ""


def _parent(element: Element) -> str:
    """The name of its parent category, without prefix."""
    return _reference(element).rpartition(":")[2]


def _is_at_or_below(key: str, roots: tuple[str, ...]) -> bool:
    path = key.strip().strip("\\").lower() + "\\"
    return any(path.startswith(root + "\\") for root in roots)


def _attributes(parent: Element | None, name: str, attribute: str) -> Iterator[str]:
    for element in children(parent, name) if parent is not None else ():
        yield element.get(attribute) or ""


def is_policy_text(text: str) -> bool:
    """Whether a value is ``<enabled/>`` or ``<disabled/>`` with data elements, as policies that
    are backed by ADMX want it."""
    try:
        root = parse_strict(f"<value>{text}</value>".encode())
    except (XmlError, UnicodeEncodeError):
        return False
    names = {local_name(element).lower() for element in children(root)}
    return bool(names & _SWITCHES) and names <= _SWITCHES | {"data"}
