"""The one hardened XML parser and the one serializer; the only user of lxml.

Other packages annotate with the types re-exported here and never import lxml themselves.
"""

from __future__ import annotations

from mdmcore.xml.characters import NCNAME, NOT_XML, escape_text, escape_value
from mdmcore.xml.fragment import inner_xml
from mdmcore.xml.parser import (
    MAX_XML_BYTES,
    Element,
    ParsedXml,
    XmlProblem,
    declared_encoding,
    parse_lenient,
    parse_strict,
)
from mdmcore.xml.rewriting import rewritten
from mdmcore.xml.serializer import (
    Node,
    canonicalize,
    pretty_print,
    serialize,
    sub_node,
)
from mdmcore.xml.tree import (
    child,
    children,
    declared_namespaces,
    has_cdata,
    iter_elements,
    iter_paths,
    local_name,
    namespace_of,
    path_of,
    qname,
    text_of,
)

__all__ = [
    "MAX_XML_BYTES",
    "NCNAME",
    "NOT_XML",
    "Element",
    "Node",
    "ParsedXml",
    "XmlProblem",
    "canonicalize",
    "child",
    "children",
    "declared_encoding",
    "declared_namespaces",
    "escape_text",
    "escape_value",
    "has_cdata",
    "inner_xml",
    "iter_elements",
    "iter_paths",
    "local_name",
    "namespace_of",
    "parse_lenient",
    "parse_strict",
    "path_of",
    "pretty_print",
    "qname",
    "rewritten",
    "serialize",
    "sub_node",
    "text_of",
]
