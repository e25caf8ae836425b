"""Rules on the lists of allowed and denied apps (field-problems.md 3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from mdmcore.csp.model import Payload
from mdmcore.csp.payload import payload_root
from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.sent import sent_items
from mdmcore.xml import Element, iter_elements

_PAYLOADS = frozenset({Payload.APP_POLICY, Payload.APPLOCKER})


@rule("apprestrictions-product-id", kinds={Kind.SYNCML})
def product_id(scene: Scene) -> Iterator[Hit]:
    """A list of allowed or denied apps has a product id with capital letters, or one id twice, and
    Windows reports an error of the policy. Write ids in lower case, each once."""
    for sent in sent_items(scene):
        node = sent.node if sent.is_write else None
        if node is None or node.payload not in _PAYLOADS:
            continue
        root = payload_root(sent.item.data)
        wrong = _wrong_id(root) if root is not None else None
        if wrong is not None:
            words, found = wrong
            yield sent.hit(
                scene, f"the product id {found[:60]} {words}", below="/Data", evidence=found[:60]
            )


def _wrong_id(root: Element) -> tuple[str, str] | None:
    ids = [found for e in iter_elements(root) if (found := (e.get("ProductId") or "").strip())]
    capital = next((found for found in ids if found != found.lower()), None)
    if capital is not None:
        return "has capital letters", capital
    twice = next((found for found, count in Counter(ids).items() if count > 1), None)
    return ("stands there twice", twice) if twice is not None else None
