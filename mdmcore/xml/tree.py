"""Reading a parsed tree: names without prefixes, children by name, text, and a path to show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from lxml import etree

from mdmcore.xml.parser import Element


def qname(namespace: str, name: str) -> str:
    """Clark notation, ``{namespace}name``; the bare name for no namespace."""
    return f"{{{namespace}}}{name}" if namespace else name


def local_name(element: Element) -> str:
    """The element's name without namespace; empty for comments and processing instructions.

    In a recovered document a prefix that nothing declares is left out, too.
    """
    if not isinstance(element.tag, str):
        return ""
    # Not etree.QName: that raises for names that only a recovering parser lets through.
    name = element.tag.rpartition("}")[2]
    return name.rpartition(":")[2] or name


def namespace_of(element: Element) -> str:
    """The element's namespace, empty when it has none."""
    tag = element.tag
    return tag[1:].rpartition("}")[0] if isinstance(tag, str) and tag.startswith("{") else ""


def children(parent: Element, name: str | None = None) -> Iterator[Element]:
    """Child elements in document order; by local name (any namespace, exact case) if given."""
    for element in parent:
        if isinstance(element.tag, str) and (name is None or local_name(element) == name):
            yield element


def child(parent: Element | None, *names: str) -> Element | None:
    """Follow a path of local names, first match at each step; ``None`` when one is missing."""
    current = parent
    for name in names:
        if current is None:
            return None
        current = next(children(current, name), None)
    return current


def iter_elements(root: Element) -> Iterator[Element]:
    """Every element of the tree in document order, the root first."""
    for element in root.iter():
        if isinstance(element.tag, str):
            yield element


def iter_paths(root: Element) -> Iterator[tuple[str, Element]]:
    """Every element below and with ``root`` beside its ``path_of``, in document order.

    Takes time in proportion to the size of the tree, which calling ``path_of`` for each does not.
    """
    stack = [(path_of(root), root)]
    while stack:
        path, element = stack.pop()
        yield path, element
        below = list(children(element))
        counts = Counter(local_name(sub) for sub in below)
        seen: Counter[str] = Counter()
        steps = []
        for sub in below:
            name = local_name(sub)
            seen[name] += 1
            position = f"[{seen[name]}]" if counts[name] > 1 else ""
            steps.append((f"{path}/{name}{position}", sub))
        stack.extend(reversed(steps))


def declared_namespaces(root: Element) -> Iterator[tuple[tuple[str, str], ...]]:
    """For each element in document order (as ``iter_paths``): the ``(prefix, uri)`` it declares.

    The default namespace has an empty prefix. Texts are as written, whether or not they are URIs.
    """
    # Not Element.nsmap, which collects those of all ancestors anew for each element.
    declared: list[tuple[str, str]] = []
    for event, value in etree.iterwalk(root, events=("start-ns", "start")):
        if event == "start-ns" and isinstance(value, tuple):
            declared.append((str(value[0]), str(value[1])))
        elif isinstance(getattr(value, "tag", None), str):
            yield tuple(declared)  # not for the entities that a recovered tree may hold
            declared.clear()


def text_of(element: Element | None, default: str = "") -> str:
    """All text below the element, without leading and trailing blanks (inbound is trimmed)."""
    if element is None:
        return default
    return "".join(str(part) for part in element.itertext()).strip()


def path_of(element: Element) -> str:
    """A readable XPath of local names from the root, with positions only where needed."""
    steps: list[str] = []
    current: Element | None = element
    while current is not None:
        parent = current.getparent()
        name = local_name(current)
        if parent is not None:
            same = list(children(parent, name))
            if len(same) > 1:
                name += f"[{same.index(current) + 1}]"
        steps.append(name)
        current = parent
    return "/" + "/".join(reversed(steps))


def has_cdata(element: Element) -> bool:
    """Whether a CDATA section stands anywhere inside the element."""
    # Written out, "<" stands nowhere else before "!": the parser drops comments.
    return b"<![CDATA[" in etree.tostring(element, with_tail=False)
