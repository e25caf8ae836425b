"""Rules on the text of LocURIs in the server's commands (session.md 2.3).

Whether the node exists is not judged here.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.csp import locuri_text
from mdmcore.csp.catalogue import find_node
from mdmcore.csp.locuri_text import LocUriMistake
from mdmcore.csp.uri import parse_uri
from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.sent import sent_items

# Documented below ./Device/Vendor and ./User/Vendor alone; others also have the short form [U].
_SCOPED_CSPS = frozenset({"Policy", "ClientCertificateInstall", "EnterpriseDesktopAppManagement"})


_RULES = {
    LocUriMistake.LEADING_SLASH: "locuri-leading-slash",
    LocUriMistake.DOT_SEGMENT: "locuri-dot-segment",
    LocUriMistake.BRACE: "locuri-unencoded-brace",
    LocUriMistake.BLANK: "locuri-whitespace",
    LocUriMistake.BACKSLASH: "locuri-backslash",
}


def locuri_mistakes(uri: str) -> tuple[str, ...]:
    """The rules that a LocURI's text breaks so that a device refuses it."""
    return tuple(_RULES[mistake] for mistake in locuri_text.locuri_mistakes(uri))


def _locuris(scene: Scene) -> Iterator[tuple[str, str]]:
    """Every LocURI of the server's commands as written, and its place."""
    for sent in sent_items(scene):
        for name, uri in (("Target", sent.item.target), ("Source", sent.item.source)):
            if uri is not None:
                yield uri, f"{sent.item.place}/{name}/LocURI"


def _mistaken(scene: Scene, mistake: LocUriMistake) -> Iterator[Hit]:
    for uri, place in _locuris(scene):
        if mistake in locuri_text.locuri_mistakes(uri):
            yield _hit(scene, uri, place, mistake.value)


def _hit(scene: Scene, uri: str, place: str, words: str) -> Hit:
    return scene.hit(
        f"the LocURI {uri[:200]!r} {words}", part="response", xpath=place, evidence=uri
    )


@rule("locuri-leading-slash", kinds={Kind.SYNCML})
def leading_slash(scene: Scene) -> Iterator[Hit]:
    """A LocURI begins with a slash, which no device takes for a path of its tree: it answers 400
    or 404. Begin with ./ instead."""
    yield from _mistaken(scene, LocUriMistake.LEADING_SLASH)


@rule("locuri-dot-segment", kinds={Kind.SYNCML})
def dot_segment(scene: Scene) -> Iterator[Hit]:
    """A LocURI has a segment . or .. behind the first one; devices do not resolve such paths and
    answer 400 or 404. Write the full path."""
    yield from _mistaken(scene, LocUriMistake.DOT_SEGMENT)


@rule("locuri-unencoded-brace", kinds={Kind.SYNCML})
def unencoded_brace(scene: Scene) -> Iterator[Hit]:
    """A LocURI has plain braces, as GUIDs are written, and the device answers 400 or 404. Write
    %7B and %7D."""
    yield from _mistaken(scene, LocUriMistake.BRACE)


@rule("locuri-whitespace", kinds={Kind.SYNCML})
def whitespace(scene: Scene) -> Iterator[Hit]:
    """A LocURI has blanks or line breaks, and the device answers 404. Write %20 for a blank that
    belongs to a name, and no line breaks."""
    yield from _mistaken(scene, LocUriMistake.BLANK)


@rule("locuri-backslash", kinds={Kind.SYNCML})
def backslash(scene: Scene) -> Iterator[Hit]:
    """A LocURI has a backslash, so the device looks for a node of that name and answers 404. Write
    / between the segments."""
    yield from _mistaken(scene, LocUriMistake.BACKSLASH)


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
