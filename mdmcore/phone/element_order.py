"""The order of SyncML's children (SyncML RepPro 1.2 DTD; session.md 1.1, section 2).

Only a careful device looks at it.
"""

from __future__ import annotations

from mdmcore.phone.refusal import Refusal, Step
from mdmcore.syncml.element_order import CHILD_ORDER
from mdmcore.xml import Element, children, iter_elements, local_name, path_of

_WATCHED = frozenset(CHILD_ORDER) - {"Meta", "Results", "Target", "Source"}
"""Of the others no source says that a device looks."""


def check_order(root: Element) -> None:
    """Refusal at the first element whose children are out of order."""
    for element in iter_elements(root):
        name = local_name(element)
        order = CHILD_ORDER[name] if name in _WATCHED else ()
        names = [local_name(part) for part in children(element)]
        places = [order.index(name) for name in names if name in order]
        if places != sorted(places):
            raise Refusal(
                "children are out of the order of the DTD",
                step=Step.MANAGEMENT,
                place=path_of(element),
                evidence=", ".join(names)[:200],
            )
