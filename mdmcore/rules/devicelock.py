"""Rules on the lock policies of a device (session.md 7: DeviceLock, PolicyManager, Policy)."""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.csp.check import value_problem
from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.sent import sent_items


@rule("devicelock-range", kinds={Kind.SYNCML})
def devicelock_range(scene: Scene) -> Iterator[Hit]:
    """A lock policy is sent a value outside its range, and the device reports a failure of its
    configuration (500). Keep to the range of the node."""
    for sent in sent_items(scene):
        value = sent.item.data
        if not sent.is_write or value is None or "DeviceLock" not in sent.uri.segments:
            continue
        node = sent.node
        if node is None or node.path[-1] == "*" or node.formats[0] != "int":
            continue
        # Policy takes 0 for "no least length", which the node's range leaves out.
        if node.csp == "Policy" and value.strip() == "0":
            continue
        problem = value_problem(node, value.strip())
        if problem is not None:
            yield sent.hit(scene, problem, below="/Data", evidence=value[:40])
