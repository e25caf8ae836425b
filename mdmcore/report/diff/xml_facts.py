"""Facts of an XML message: every element, attribute and text, by its path of local names.

Ids, times, tokens and passwords are left out; what they have to agree with is a fact of its own
where the step knows it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from mdmcore.report.diff.facts import Fact, Names, order
from mdmcore.rules.decoded import BodySide
from mdmcore.xml import Element, children, local_name, namespace_of

_NOT_COMPARED = frozenset(
    {
        *("MessageID", "RelatesTo", "ActivityId", "CorrelationId", "RequestID", "Timestamp"),
        *("Username", "Password", "BinarySecurityToken", "lastUpdate"),
    }
)
"""Elements whose text is another one each time."""
_IDS = frozenset({"Id", "CorrelationId"})


def message_facts(side: BodySide, names: Names) -> Iterator[Fact]:
    """How a message is written, and what stands in it."""
    yield from form_facts(side)
    if side.root is not None:
        yield from element_facts(side.root, f"/{local_name(side.root)}", names)


def form_facts(side: BodySide) -> Iterator[Fact]:
    """Encoding, well-formedness, and bytes before the document."""
    if not side.is_recorded:
        return
    kind = side.encoding or ("xml" if side.is_xml else "html" if side.is_html else "")
    kind = kind or ("other" if side.body else "empty")
    yield Fact(what="body", value=kind, key=kind)
    if side.charset:
        yield Fact(what="charset", value=side.charset, key=side.charset)
    if side.stray_prefix:
        value = repr(side.stray_prefix[:20])
        yield Fact(what="bytes before the document", value=value, key=value)
    for problem in side.problems[:1]:
        yield Fact(what="not well formed", value=problem.message, key="not well formed")


def element_facts(element: Element, path: str, names: Names, outer: str = "") -> Iterator[Fact]:
    """An element, its attributes, and everything below it."""
    name, namespace = local_name(element), namespace_of(element)
    inner = list(children(element))
    text = "" if inner or name in _NOT_COMPARED else "".join(map(str, element.itertext()))
    yield names.fact(path, text)
    if namespace != outer:
        yield Fact(what=f"{path} (namespace)", value=namespace, key=namespace)
    for attribute, value in element.attrib.items():
        plain = str(attribute).rpartition("}")[2]
        if plain not in _IDS:
            yield names.fact(f"{path}/@{plain}", str(value))
    if len(inner) > 1:
        yield order(f"{path} (order)", map(local_name, inner))
    yield from _below(inner, path, names, namespace)


def _below(inner: list[Element], path: str, names: Names, namespace: str) -> Iterator[Fact]:
    totals, seen = Counter(map(local_name, inner)), Counter[str]()
    for one in inner:
        name = local_name(one)
        seen[name] += 1
        mark = one.get("Name") or (str(seen[name]) if totals[name] > 1 else "")
        yield from element_facts(
            one, f"{path}/{name}{f'[{mark}]' if mark else ''}", names, namespace
        )
