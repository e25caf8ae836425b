"""Rules on the text of LocURIs in the server's commands (session.md 2.3).

Whether the node exists is not judged here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mdmcore.csp.catalogue import find_node
from mdmcore.csp.uri import parse_uri
from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.sent import sent_items

_BLANK = re.compile(r"\s")
_DOTS = frozenset({".", ".."})

# Documented below ./Device/Vendor and ./User/Vendor alone; others also have the short form [U].
_SCOPED_CSPS = frozenset({"Policy", "ClientCertificateInstall", "EnterpriseDesktopAppManagement"})


def _has_leading_slash(uri: str) -> bool:
    return uri.startswith("/")


def _has_dot_segment(uri: str) -> bool:
    return not _DOTS.isdisjoint(uri.partition("?")[0].split("/")[1:])


def _has_brace(uri: str) -> bool:
    return "{" in uri or "}" in uri


def _has_blank(uri: str) -> bool:
    return _BLANK.search(uri) is not None


def _has_backslash(uri: str) -> bool:
    return "\\" in uri


_MISTAKES = {
    "locuri-leading-slash": _has_leading_slash,
    "locuri-dot-segment": _has_dot_segment,
    "locuri-unencoded-brace": _has_brace,
    "locuri-whitespace": _has_blank,
    "locuri-backslash": _has_backslash,
}


def locuri_mistakes(uri: str) -> tuple[str, ...]:
    """The rules that a LocURI's text breaks so that a device refuses it."""
    return tuple(rule_id for rule_id, is_wrong in _MISTAKES.items() if is_wrong(uri))


def _locuris(scene: Scene) -> Iterator[tuple[str, str]]:
    """Every LocURI of the server's commands as written, and its place."""
    for sent in sent_items(scene):
        for name, uri in (("Target", sent.item.target), ("Source", sent.item.source)):
            if uri is not None:
                yield uri, f"{sent.item.place}/{name}/LocURI"


def _hit(scene: Scene, uri: str, place: str, words: str) -> Hit:
    return scene.hit(
        f"the LocURI {uri[:200]!r} {words}", part="response", xpath=place, evidence=uri
    )


@rule("locuri-leading-slash", kinds={Kind.SYNCML})
def leading_slash(scene: Scene) -> Iterator[Hit]:
    """A LocURI begins with a slash, which no device takes for a path of its tree: it answers 400
    or 404. Begin with ./ instead."""
    for uri, place in _locuris(scene):
        if _has_leading_slash(uri):
            yield _hit(scene, uri, place, "begins with /")


@rule("locuri-dot-segment", kinds={Kind.SYNCML})
def dot_segment(scene: Scene) -> Iterator[Hit]:
    """A LocURI has a segment . or .. behind the first one; devices do not resolve such paths and
    answer 400 or 404. Write the full path."""
    for uri, place in _locuris(scene):
        if _has_dot_segment(uri):
            yield _hit(scene, uri, place, "has a segment . or .. that is not the first")


@rule("locuri-unencoded-brace", kinds={Kind.SYNCML})
def unencoded_brace(scene: Scene) -> Iterator[Hit]:
    """A LocURI has plain braces, as GUIDs are written, and the device answers 400 or 404. Write
    %7B and %7D."""
    for uri, place in _locuris(scene):
        if _has_brace(uri):
            yield _hit(scene, uri, place, "has braces that are not percent-encoded")


@rule("locuri-whitespace", kinds={Kind.SYNCML})
def whitespace(scene: Scene) -> Iterator[Hit]:
    """A LocURI has blanks or line breaks, and the device answers 404. Write %20 for a blank that
    belongs to a name, and no line breaks."""
    for uri, place in _locuris(scene):
        if _has_blank(uri):
            yield _hit(scene, uri, place, "has blanks")


@rule("locuri-backslash", kinds={Kind.SYNCML})
def backslash(scene: Scene) -> Iterator[Hit]:
    """A LocURI has a backslash, so the device looks for a node of that name and answers 404. Write
    / between the segments."""
    for uri, place in _locuris(scene):
        if _has_backslash(uri):
            yield _hit(scene, uri, place, "has a backslash")


@rule("locuri-scope-missing", kinds={Kind.SYNCML})
def scope_missing(scene: Scene) -> Iterator[Hit]:
    """A LocURI begins with ./Vendor where the node is documented below ./Device/Vendor and
    ./User/Vendor. Windows mostly takes it for the device; write the full prefix."""
    for uri, place in _locuris(scene):
        if not uri.strip().startswith("./Vendor/"):
            continue
        node = find_node(parse_uri(uri), profile="win10")
        if node is not None and node.csp in _SCOPED_CSPS and set(node.contexts) > {"device"}:
            yield _hit(scene, uri, place, "says neither ./Device nor ./User")
