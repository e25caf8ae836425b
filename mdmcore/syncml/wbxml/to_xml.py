"""A WBXML document as XML: code pages become namespaces, opaque data text or base64.

Sources: wbxml.md sections 6 and 8. Nested documents become elements. What XML has no word for is
named by ``placeholders``; processing instructions are left out. What is odd is noted.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from mdmcore.base64_text import encode_base64
from mdmcore.errors import WbxmlError, XmlError
from mdmcore.namespaces import WBXML_NOTE
from mdmcore.syncml.wbxml.bounds import MAX_NOTED, LimitExceeded, bounded
from mdmcore.syncml.wbxml.embedded import type_in_xml
from mdmcore.syncml.wbxml.languages import Language, language_by_root, language_of, versioned
from mdmcore.syncml.wbxml.opaque_data import base64_of, utf8_text
from mdmcore.syncml.wbxml.placeholders import extension_name
from mdmcore.syncml.wbxml.tree import (
    Extension,
    Opaque,
    Text,
    WbxmlDocument,
    WbxmlElement,
    WbxmlProblem,
)
from mdmcore.syncml.wbxml.xml_names import Named, name_element
from mdmcore.xml import (
    MAX_XML_BYTES,
    NOT_XML,
    Element,
    ParsedXml,
    escape_text,
    escape_value,
    parse_lenient,
    parse_strict,
)

type Prefixes = Mapping[str, str]

_NO_PREFIXES: Prefixes = MappingProxyType({})


def document_element(
    document: WbxmlDocument, *, strict: bool = True
) -> tuple[Element, tuple[WbxmlProblem, ...]]:
    """The document as an XML element, and what was odd beyond ``document.problems``.

    An element whose text is base64 of opaque data has the attribute ``{urn:mdmproxy:wbxml}opaque``.
    Raises WbxmlError where the XML would be too large, and when ``strict`` for characters and names
    that XML cannot carry; a lenient conversion replaces them.
    """
    writer = _XmlWriter(strict=strict)
    writer.document(document, scope="", prefixes=_NO_PREFIXES)
    data = writer.text.encode("utf-8", "replace")
    try:
        parsed = ParsedXml(root=parse_strict(data)) if strict else parse_lenient(data)
    except XmlError as error:
        raise WbxmlError(f"cannot become XML: {error.message}") from None
    for problem in parsed.problems:
        writer.note(f"does not become XML: {problem.message}", document.tree.offset)
    return parsed.root, tuple(writer.problems)


class _XmlWriter:
    """Writes XML text; ``scope`` is always the default namespace in force."""

    def __init__(self, *, strict: bool) -> None:
        self.problems: list[WbxmlProblem] = []
        self._strict = strict
        self._parts: list[str] = []
        self._length = 0

    @property
    def text(self) -> str:
        """What was written."""
        return "".join(self._parts)

    def _add(self, text: str) -> None:
        # A namespace that is declared once may have to be written for each of many elements.
        self._length += len(text)
        if self._length > MAX_XML_BYTES:
            raise LimitExceeded(f"cannot become XML: more than {MAX_XML_BYTES} characters")
        self._parts.append(text)

    def note(self, message: str, offset: int) -> None:
        if len(self.problems) < MAX_NOTED:
            self.problems.append(WbxmlProblem(message=bounded(message), offset=offset))

    def refuse(self, message: str, offset: int) -> None:
        """An error when strict, else a note."""
        if self._strict:
            raise WbxmlError(message, offset=offset)
        self.note(message, offset)

    def document(self, document: WbxmlDocument, *, scope: str, prefixes: Prefixes) -> None:
        """The root and everything in it."""
        tree = document.tree
        language = language_by_root(document.public_id, tree.name, tree.page)
        version = _version(tree)
        if language is not None and language_of(document.public_id) is None:
            language = versioned(language, version)
        if language is not None and language.root == tree.name == "SyncML":
            self._check_version(language, version, tree.offset)
        names = _Names(language, tree)
        self._element(tree, (), names, scope, prefixes)

    def _element(
        self,
        element: WbxmlElement,
        around: tuple[WbxmlElement, ...],
        names: _Names,
        scope: str,
        prefixes: Prefixes,
    ) -> None:
        if around and names.is_syncml:
            self._check_page(element, around[-1])
        named = name_element(element, names.namespace(element.page), scope, prefixes, self)
        base64 = base64_of(element, around, self)
        self._start(named, scope, marks=base64 is not None and base64.is_marked)
        if base64 is not None:
            self._add(f">{base64.text}</{named.name}>")
            return
        if not element.content:
            self._add("/>")
            return
        self._add(">")
        inside = (*around, element)
        for part in element.content:
            match part:
                case WbxmlElement():
                    self._element(part, inside, names, named.namespace, named.prefixes)
                case Text():
                    self._text(type_in_xml(element, around, part.text), part.offset)
                case Opaque(document=WbxmlDocument() as nested):
                    self.document(nested, scope=named.namespace, prefixes=named.prefixes)
                case Opaque():
                    self._opaque(part)
                case Extension():
                    self._extension(part, named.namespace)
        self._add(f"</{named.name}>")

    def _start(self, named: Named, scope: str, *, marks: bool) -> None:
        self._add(f"<{named.name}")
        if named.namespace != scope:
            self._add(f' xmlns="{escape_value(named.namespace)}"')
        for prefix, uri in named.declared:
            self._add(f' xmlns:{prefix}="{escape_value(uri)}"')
        for name, value in named.attributes:
            self._add(f' {name}="{escape_value(value)}"')
        if marks:
            self._add(f' xmlns:wbxml="{WBXML_NOTE}" wbxml:opaque="base64"')

    def _text(self, text: str, offset: int) -> None:
        self._add(escape_text(self.carried(text, offset)))

    def carried(self, text: str, offset: int) -> str:
        """The text as XML can carry it."""
        bad = NOT_XML.search(text)
        if bad is None:
            return text
        self.refuse(f"character U+{ord(bad.group()):04X} cannot stand in XML", offset)
        return NOT_XML.sub("\ufffd", text)

    def _opaque(self, part: Opaque) -> None:
        """Beside other content: its text, else base64 that nothing marks."""
        text = utf8_text(part.data)
        if text is None:
            self.note("opaque data between elements are shown as base64", part.offset)
            text = encode_base64(part.data)
        self._add(escape_text(text))

    def _extension(self, part: Extension, scope: str) -> None:
        name = extension_name(part.token)
        self._add(f'<{name} xmlns="">' if scope else f"<{name}>")
        if part.value is not None:
            self._text(str(part.value), part.offset)
        self._add(f"</{name}>")

    def _check_version(self, language: Language, version: str, offset: int) -> None:
        if version and not language.name.endswith(f" {version}"):
            message = f"the public identifier says {language.name}, VerDTD says {version}"
            self.note(message, offset)

    def _check_page(self, element: WbxmlElement, parent: WbxmlElement) -> None:
        """Tells a code page that was not switched, by an element where none of its page belongs."""
        if parent.page != 0 or parent.name == "Data":
            return
        if element.page == 1 and parent.name != "Meta":
            self.note(
                f"{element.name} of code page 1 stands in {parent.name}: "
                "code page 0 was not restored",
                element.offset,
            )
        elif element.page == 0 and parent.name == "Meta":
            self.note(
                f"{element.name} of code page 0 stands in Meta: code page 1 was not selected",
                element.offset,
            )


class _Names:
    """The namespaces of one document's code pages."""

    def __init__(self, language: Language | None, tree: WbxmlElement) -> None:
        self._language = language
        self.is_syncml = language is not None and language.root == "SyncML"
        self._root_namespace = None
        declared = next((a for a in tree.attributes if (a.page, a.name) == (None, "xmlns")), None)
        if declared is not None and language is not None and tree.page == language.home:
            self._root_namespace = declared.text

    def namespace(self, page: int | None) -> str | None:
        """The namespace of a page, ``None`` for a literal; empty for a page nobody knows."""
        if page is None:
            return None
        if self._language is None or page not in self._language.pages:
            return ""
        if page == self._language.home and self._root_namespace is not None:
            return self._root_namespace
        return self._language.pages[page].namespace


def _version(tree: WbxmlElement) -> str:
    """What VerDTD says: below SyncHdr in a message, below the root elsewhere."""
    holder = tree.child("SyncHdr") or tree
    found = holder.child("VerDTD")
    return "" if found is None else found.text.strip()
