"""XML inside an element's text: taken out as text of its own, put in again unchanged in meaning.

The text is normalised so that it stands alone inside an element of a known default namespace:
element prefixes are resolved, every change of namespace is declared where it happens, CDATA is
written as escaped text. What the fragment means is not the business of this module.
"""

from __future__ import annotations

from mdmcore.errors import XmlError
from mdmcore.namespaces import XML
from mdmcore.xml.characters import escape_text, escape_value
from mdmcore.xml.parser import MAX_XML_BYTES, Element, parse_strict
from mdmcore.xml.tree import local_name, namespace_of


def inner_xml(element: Element, scope: str) -> str:
    """Everything between the element's tags, as it would stand where ``scope`` is the default
    namespace (empty for none). Prefixes inside values (QNames) are not carried along.

    Raises XmlError when that is larger than any document that is read.
    """
    writer = _Writer()
    writer.add_content(element, scope)
    return "".join(writer.parts)


def insert_fragment(element: Element, fragment: str) -> None:
    """Make the fragment the content of an empty element, read in its default namespace.

    Raises XmlError when the fragment is not well-formed content.
    """
    scope = element.nsmap.get(None) or ""
    try:
        root = _parsed(_parsed(fragment, scope), scope)
    except XmlError as error:
        raise XmlError(f"XML to be put into {local_name(element)}: {error}") from None
    except UnicodeEncodeError as error:
        raise XmlError("a lone surrogate cannot stand in XML", offset=error.start) from None
    element.text = root.text
    element.extend(list(root))


def _parsed(fragment: Element | str, scope: str) -> Element:
    """An element of that content; that of an element is made normal first, since lxml confuses
    prefixes that are declared anew when it moves elements into another tree."""
    content = fragment if isinstance(fragment, str) else inner_xml(fragment, scope)
    declared = escape_value(scope)
    return parse_strict(f'<content xmlns="{declared}">{content}</content>'.encode())


class _Writer:
    """Writes elements without prefixes, attributes with prefixes used once."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._length = 0
        self._prefixes = 0

    def _add(self, text: str) -> None:
        # A namespace that is declared once is written again for each element that has it.
        self._length += len(text)
        if self._length > MAX_XML_BYTES:
            raise XmlError(f"XML inside an element has more than {MAX_XML_BYTES} characters")
        self.parts.append(text)

    def add_content(self, element: Element, scope: str) -> None:
        self._add(escape_text(element.text or ""))
        for sub in element:
            if isinstance(sub.tag, str):
                self._add_element(sub, scope)
            self._add(escape_text(sub.tail or ""))

    def _add_element(self, element: Element, scope: str) -> None:
        name, namespace = local_name(element), namespace_of(element)
        self._add(f"<{name}")
        if namespace != scope:
            self._add(f' xmlns="{escape_value(namespace)}"')
        for key, value in sorted(element.attrib.items()):
            self._add_attribute(str(key), escape_value(str(value)))
        if not element.text and not len(element):
            self._add("/>")
            return
        self._add(">")
        self.add_content(element, namespace)
        self._add(f"</{name}>")

    def _add_attribute(self, key: str, text: str) -> None:
        namespace, brace, name = key.rpartition("}")
        if not brace:
            self._add(f' {name}="{text}"')
            return
        namespace = namespace.removeprefix("{")
        if namespace == XML:
            self._add(f' xml:{name}="{text}"')
            return
        prefix = f"a{self._prefixes}"
        self._prefixes += 1
        self._add(f' xmlns:{prefix}="{escape_value(namespace)}" {prefix}:{name}="{text}"')
