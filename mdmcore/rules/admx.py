"""Rules on ADMX: policies that are backed by it, and files that are ingested (field-problems.md 3).

How such a file is read stands in ``mdmcore.csp.admx``.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.csp.admx import is_forbidden_key, policy_keys, undefined_categories
from mdmcore.csp.model import Payload
from mdmcore.csp.payload import is_double_escaped, payload_content, payload_root
from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.sent import SentItem, sent_items
from mdmcore.xml import Element, children, local_name

_CONFIG = ("Vendor", "MSFT", "Policy", "Config")
_SWITCHES = frozenset({"enabled", "disabled"})


@rule("admx-payload-format", kinds={Kind.SYNCML})
def payload_format(scene: Scene) -> Iterator[Hit]:
    """A policy backed by ADMX is not sent as chr with <enabled/> or <disabled/> and data elements,
    so Windows refuses the value as invalid (0x87D1FDE8). Send that text, escaped."""
    for sent in sent_items(scene):
        text = sent.item.data or ""
        if not _is_admx_policy(sent) or sent.item.data_xml is not None or is_double_escaped(text):
            continue
        if (sent.format or "chr") != "chr":
            message, evidence = f"{sent.target} is sent as {sent.format[:20]}", sent.format[:20]
            yield sent.hit(scene, f"{message}, not as chr", below="/Meta/Format", evidence=evidence)
        elif not _is_policy_text(text):
            message = f"{sent.target} is sent neither <enabled/> nor <disabled/> with data elements"
            yield sent.hit(scene, message, below="/Data")


def _is_admx_policy(sent: SentItem) -> bool:
    segments = sent.uri.segments
    if (
        not sent.is_write
        or len(segments) != len(_CONFIG) + 2
        or segments[: len(_CONFIG)] != _CONFIG
    ):
        return False
    node = sent.node
    # An area of an ingested file is called App~Policy~Category.
    return "~" in segments[-2] or (node is not None and node.payload is Payload.ADMX_POLICY)


def _is_policy_text(text: str) -> bool:
    content = payload_content(text)
    if content is None:
        return False
    names = {local_name(element).lower() for element in children(content)}
    return bool(names & _SWITCHES) and names <= _SWITCHES | {"data"}


def _ingested(scene: Scene) -> Iterator[tuple[SentItem, Element]]:
    """The ADMX files that are sent."""
    for sent in sent_items(scene):
        node = sent.node if sent.is_write else None
        if node is not None and node.payload is Payload.ADMX:
            root = payload_root(sent.item.data)
            if root is not None:
                yield sent, root


@rule("admx-forbidden-key", kinds={Kind.SYNCML})
def forbidden_key(scene: Scene) -> Iterator[Hit]:
    """A policy of an ingested ADMX file writes below System, Software\\Microsoft or
    Software\\Policies\\Microsoft, and Windows refuses the whole file. Use another key, or a
    built-in policy."""
    for sent, root in _ingested(scene):
        keys = policy_keys(root)
        wrong = [key for key in keys if is_forbidden_key(key)]
        if wrong:
            message = f"{len(wrong)} of {len(keys)} policies write to keys such as {wrong[0][:120]}"
            yield sent.hit(scene, message, below="/Data", evidence=wrong[0][:200])


@rule("admx-undefined-category", kinds={Kind.SYNCML})
def undefined_category(scene: Scene) -> Iterator[Hit]:
    """An ingested ADMX file refers to a category that it does not define, or by a prefix that it
    does not declare, so the policy is missing. Define the category or the prefix."""
    for sent, root in _ingested(scene):
        wrong = undefined_categories(root)
        if wrong:
            message = f"the ADMX file does not define the category {wrong[0][:100]!r}"
            yield sent.hit(scene, message, below="/Data", evidence=", ".join(wrong)[:200])
