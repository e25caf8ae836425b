"""XML inside an element's text: taken out as text of its own, put in again unchanged in meaning.

The text is normalised so that it stands alone inside an element of a known default namespace:
element prefixes are resolved, every change of namespace is declared where it happens, CDATA is
written as escaped text. What the fragment means is not the business of this module.
"""

from __future__ import annotations

from mdmcore.errors import XmlError
from mdmcore.namespaces import XML
from mdmcore.xml.parser import Element, parse_strict
from mdmcore.xml.tree import local_name, namespace_of

_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_VALUE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
)


def inner_xml(element: Element, scope: str) -> str:
    """Everything between the element's tags, as it would stand where ``scope`` is the default
    namespace (empty for none). Prefixes inside values (QNames) are not carried along."""
    parts: list[str] = []
    _add_content(parts, element, scope)
    return "".join(parts)


def insert_fragment(element: Element, fragment: str) -> None:
    """Make the fragment the content of an empty element, read in its default namespace.

    Raises XmlError when the fragment is not well-formed content.
    """
    scope = (element.nsmap.get(None) or "").translate(_VALUE)
    try:
        root = parse_strict(f'<content xmlns="{scope}">{fragment}</content>'.encode())
    except XmlError as error:
        raise XmlError(f"XML to be put into {local_name(element)}: {error}") from None
    except UnicodeEncodeError as error:
        raise XmlError("a lone surrogate cannot stand in XML", offset=error.start) from None
    element.text = root.text
    element.extend(list(root))


def _add_content(parts: list[str], element: Element, scope: str) -> None:
    parts.append((element.text or "").translate(_TEXT))
    for sub in element:
        if isinstance(sub.tag, str):
            _add_element(parts, sub, scope)
        parts.append((sub.tail or "").translate(_TEXT))


def _add_element(parts: list[str], element: Element, scope: str) -> None:
    name, namespace = local_name(element), namespace_of(element)
    parts.append(f"<{name}")
    if namespace != scope:
        parts.append(f' xmlns="{namespace.translate(_VALUE)}"')
    for number, (key, value) in enumerate(sorted(element.attrib.items())):
        parts.append(_attribute(str(key), str(value), number))
    if not element.text and not len(element):
        parts.append("/>")
        return
    parts.append(">")
    _add_content(parts, element, namespace)
    parts.append(f"</{name}>")


def _attribute(key: str, value: str, number: int) -> str:
    text = value.translate(_VALUE)
    namespace, brace, name = key.rpartition("}")
    if not brace:
        return f' {name}="{text}"'
    namespace = namespace.removeprefix("{")
    if namespace == XML:
        return f' xml:{name}="{text}"'
    return f' xmlns:a{number}="{namespace.translate(_VALUE)}" a{number}:{name}="{text}"'
