"""An XML element as a WBXML document: namespaces become code pages, unknown names literals.

Sources: wbxml.md sections 6 to 9. Texts are written as strings; only what ``to_xml`` marked as
base64 of bytes, and documents within Data, become opaque. Blanks between elements are left out,
but for those below Data, which are somebody else's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mdmcore.errors import WbxmlError
from mdmcore.syncml.wbxml.bounds import MAX_DEPTH
from mdmcore.syncml.wbxml.decoder import FIRST_VERSION
from mdmcore.syncml.wbxml.embedded import is_document, names_a_document, type_in_wbxml
from mdmcore.syncml.wbxml.encoder import encode_document
from mdmcore.syncml.wbxml.languages import (
    ROOTS,
    UNKNOWN_PUBLIC_ID,
    Language,
    language_for,
    language_of,
    versioned,
)
from mdmcore.syncml.wbxml.placeholders import tag_of_placeholder
from mdmcore.syncml.wbxml.tree import (
    Content,
    Opaque,
    Text,
    WbxmlDocument,
    WbxmlElement,
    WbxmlHeader,
)
from mdmcore.syncml.wbxml.xml_parts import attribute, attributes, extension, marked_bytes, texts
from mdmcore.xml import Element, child, children, local_name, namespace_of, text_of


def element_document(root: Element, *, header: WbxmlHeader | None = None) -> WbxmlDocument:
    """The element as a document with that header, or with one of version 1.3 for its root.

    Raises WbxmlError for elements nested too deep.
    """
    if header is None:
        header = WbxmlHeader(public_id=_public_id(root))
    return WbxmlDocument(tree=_Builder(root, header).tree(), header=header)


def _public_id(root: Element) -> int | str:
    name, version = local_name(root), _version(root)
    language = language_for(name, namespace_of(root), version) or _by_root(name, version)
    if language is None:
        return UNKNOWN_PUBLIC_ID
    return language.formal if language.number is None else language.number


def _by_root(name: str, version: str) -> Language | None:
    found = next((language for language in ROOTS if language.root == name), None)
    return None if found is None else versioned(found, version)


def _version(root: Element) -> str:
    return text_of(child(root, "SyncHdr", "VerDTD")) or text_of(child(root, "VerDTD"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """What stands around an element: the namespace, how deep it is, whether Data is among it."""

    namespace: str = ""
    depth: int = 0
    has_data: bool = False


class _Builder:
    """Builds the tree of one document."""

    def __init__(self, root: Element, header: WbxmlHeader) -> None:
        self._root = root
        self._header = header
        name = local_name(root)
        self._language = language_of(header.public_id) or _by_root(name, _version(root))
        self._is_syncml = self._language is not None and self._language.root == "SyncML"
        self._embeds = self._is_syncml and header.version != FIRST_VERSION
        self._pages = [] if self._language is None else list(self._language.pages.items())
        self._namespaces = {number: page.namespace for number, page in self._pages}
        if self._language is not None and self._language.root == name:
            self._namespaces[self._language.home] = namespace_of(root)

    def tree(self) -> WbxmlElement:
        """The root; with its namespace as an attribute where the header tells another."""
        tree = self._element(self._root, _Around())
        namespace, language = namespace_of(self._root), self._language
        if language is None or tree.page is None or namespace == language.namespace:
            return tree
        return replace(tree, attributes=(attribute("xmlns", namespace), *tree.attributes))

    def _element(self, element: Element, around: _Around) -> WbxmlElement:
        if around.depth >= MAX_DEPTH:
            raise WbxmlError(f"elements nested more than {MAX_DEPTH} deep")
        name, namespace = local_name(element), namespace_of(element)
        page = self._page(name, namespace)
        found = tuple(attributes(element))
        if page is None and namespace != around.namespace:
            found = (attribute("xmlns", namespace), *found)
        content: tuple[Content, ...]
        data = marked_bytes(element)
        if data is not None:
            content = (Opaque(data=data),)
        elif self._embeds and page == 1 and names_a_document(element):
            content = (Text(text=type_in_wbxml(element.text or "")),)
        else:
            content = tuple(self._content(element, page, around))
        return WbxmlElement(name=name, page=page, attributes=found, content=content)

    def _page(self, name: str, namespace: str) -> int | None:
        """The page on which the element has a token, ``None`` when it must be a literal."""
        unknown = tag_of_placeholder(name)
        for number, page in self._pages:
            if self._namespaces[number] != namespace:
                continue
            if name in page.tokens:
                return number
            if unknown is not None and unknown[0] == number and unknown[1] not in page.tags:
                return number
        if unknown is None or namespace or unknown[0] in self._namespaces:
            return None
        return unknown[0]

    def _content(self, element: Element, page: int | None, around: _Around) -> Iterator[Content]:
        is_data = self._is_syncml and page == 0 and local_name(element) == "Data"
        has_data = around.has_data or is_data
        inside = _Around(namespace=namespace_of(element), depth=around.depth + 1, has_data=has_data)
        has_elements = next(children(element), None) is not None
        keeps = has_data or page is None or not has_elements
        yield from texts(element.text, keeps_blanks=keeps)
        for sub in element:
            if isinstance(sub.tag, str):
                yield self._part(sub, element if is_data else None, inside)
            yield from texts(sub.tail, keeps_blanks=keeps)

    def _part(self, element: Element, data: Element | None, around: _Around) -> Content:
        """An element; ``data`` is the Data in which it stands directly."""
        found = extension(element)
        if found is not None:
            return found
        if data is None or not self._embeds or not is_document(element, data):
            return self._element(element, around)
        header = replace(self._header, public_id=_public_id(element), string_table=b"")
        document = element_document(element, header=header)
        return Opaque(data=encode_document(document), document=document)
