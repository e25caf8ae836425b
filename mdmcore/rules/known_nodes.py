"""Rules on nodes that the server's commands name, against the catalogue of CSPs.

Nodes of CSPs that the catalogue does not know, or not completely, are not judged.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.rules.answered import is_unknown
from mdmcore.rules.decoded import Kind
from mdmcore.rules.locuri import locuri_mistakes
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.sent import sent_items


@rule("csp-node-unknown", kinds={Kind.SYNCML})
def node_unknown(scene: Scene) -> Iterator[Hit]:
    """A command names a node that its CSP does not have, so the device answers 404 (0x86000002).
    Remove the setting, or look at its spelling."""
    for sent in sent_items(scene):
        # A path that cannot be read as it was meant is the matter of the rules on LocURIs.
        if not locuri_mistakes(sent.target) and is_unknown(sent.uri):
            yield sent.hit(scene, f"{sent.target} is no node of its CSP")


@rule("get-on-write-only", kinds={Kind.SYNCML})
def get_on_write_only(scene: Scene) -> Iterator[Hit]:
    """The server reads a node that cannot be read, and the device answers 404, 405 or 500 although
    the value was set. Do not verify by reading back."""
    for sent in sent_items(scene):
        node = sent.node
        if sent.command.name == "Get" and node is not None and not node.is_readable:
            yield sent.hit(scene, f"{sent.target} cannot be read")
