"""Rules on Atomic: what may stand in it, and what must (session.md 2.2, 7)."""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.csp.model import EXEC_IN_ATOMIC
from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.sent import SentItem, sent_commands, sent_items
from mdmcore.syncml.model import Container

_POLICIES = ("Vendor", "MSFT", "PolicyManager", "My")
_FIREWALL_RULES = ("Vendor", "MSFT", "Firewall", "MdmStore", "FirewallRules")


@rule("atomic-contains-get", kinds={Kind.SYNCML})
def contains_get(scene: Scene) -> Iterator[Hit]:
    """A Get stands in an Atomic: Windows 10 answers it 500, and the whole Atomic 507, while phones
    answer the Get. Use Sequence, or send the Get outside."""
    for sent in sent_items(scene):
        if sent.command.name == "Get" and sent.atomic is not None:
            yield sent.hit(scene, f"the Get of {sent.target} stands in an Atomic")


@rule("nested-atomic", kinds={Kind.SYNCML})
def nested(scene: Scene) -> Iterator[Hit]:
    """An Atomic stands in another one: the device answers the inner one 500 and the outer one 507,
    and nothing is set. Use one Atomic, or Sequence."""
    for command, parents in sent_commands(scene):
        if not isinstance(command, Container) or command.name != "Atomic":
            continue
        if any(parent.name == "Atomic" for parent in parents):
            yield scene.hit(
                f"Atomic {command.cmd_id or 'without CmdID'} stands in an Atomic",
                part="response",
                xpath=command.place,
                evidence=command.cmd_id,
            )


@rule("atomic-add-then-replace", kinds={Kind.SYNCML})
def add_then_replace(scene: Scene) -> Iterator[Hit]:
    """One Atomic adds a node and then replaces it, which devices do not support: the Atomic fails
    and is rolled back. Send one command for the node."""
    added: set[tuple[str, str]] = set()
    for sent in sent_items(scene):
        if sent.atomic is None or not sent.is_write or not sent.target:
            continue
        key = (sent.atomic.place, sent.uri.key)
        if sent.command.name == "Add":
            added.add(key)
        elif key in added:
            yield sent.hit(scene, f"{sent.target} is added and then replaced in one Atomic")


@rule("exec-in-atomic", kinds={Kind.SYNCML})
def exec_in_atomic(scene: Scene) -> Iterator[Hit]:
    """An Exec stands in an Atomic, which OMA DM does not allow; some providers document it all the
    same, this one does not. Use Sequence."""
    for sent in sent_items(scene):
        if sent.command.name != "Exec" or sent.atomic is None:
            continue
        node = sent.node
        if node is None or node.csp not in EXEC_IN_ATOMIC:
            yield sent.hit(scene, f"the Exec of {sent.target} stands in an Atomic")


@rule("policymanager-without-atomic", kinds={Kind.SYNCML})
def policies_without_atomic(scene: Scene) -> Iterator[Hit]:
    """Several policies of one area of PolicyManager are sent outside an Atomic, so a failure leaves
    a part of the area applied. Wrap the area in one Atomic."""
    for area, policies in _below(scene, _POLICIES).items():
        outside = [sent for sent in policies if sent.atomic is None]
        if len(policies) > 1 and outside:
            message = (
                f"{len(outside)} of {len(policies)} policies of {area} stand outside an Atomic"
            )
            yield outside[0].hit(scene, message)


@rule("firewall-rule-without-atomic", kinds={Kind.SYNCML})
def firewall_without_atomic(scene: Scene) -> Iterator[Hit]:
    """A firewall rule is sent outside an Atomic, so Windows refuses it or applies a part of it.
    Wrap each rule in an Atomic."""
    for name, parts in _below(scene, _FIREWALL_RULES).items():
        outside = [sent for sent in parts if sent.atomic is None]
        if outside:
            yield outside[0].hit(scene, f"the firewall rule {name!r} is sent outside an Atomic")


def _below(scene: Scene, root: tuple[str, ...]) -> dict[str, list[SentItem]]:
    """The values that are written two levels and more below a node, by the name of the first."""
    found: dict[str, list[SentItem]] = {}
    for sent in sent_items(scene):
        segments = sent.uri.segments
        if sent.is_write and len(segments) > len(root) + 1 and segments[: len(root)] == root:
            found.setdefault(segments[len(root)], []).append(sent)
    return found
