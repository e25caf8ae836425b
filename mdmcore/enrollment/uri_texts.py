"""Every URI of a message, untrimmed, with its place: what a rule on stray blanks looks at.

A blank in a namespace, a ValueType or an Action makes the device fail silently (enrollment.md
3.3). Judging the texts is not done here.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.xml import Element, declared_namespaces, iter_paths, local_name

_URI_ELEMENTS = frozenset(
    {
        "Action",
        "Address",
        "To",
        "TokenType",
        "RequestType",
        "AuthenticationServiceUrl",
        "EnrollmentPolicyServiceUrl",
        "EnrollmentServiceUrl",
    }
)
_URI_ATTRIBUTES = frozenset({"ValueType", "EncodingType"})
_URI_PARMS = frozenset({"ADDR", "StoreURI", "StoreUri", "ServerURL", "SSPHyperlink"})
"""Parms of a wap-provisioningdoc that hold one URL."""


def uri_texts(root: Element) -> Iterator[tuple[str, str]]:
    """``(xpath, text)`` of each namespace declaration, URI attribute and URI element text.

    In document order, texts as they stand after XML decoding; an element without text is left
    out. A namespace is given at each element that declares it (paths end in ``/@xmlns:p``).
    Read a document with a blank in a namespace leniently: strict parsing refuses it.
    """
    for (path, element), declared in zip(iter_paths(root), declared_namespaces(root), strict=True):
        for prefix, uri in declared:
            yield f"{path}/@xmlns{':' if prefix else ''}{prefix}", uri
        for key, value in element.attrib.items():
            name = str(key).rpartition("}")[2]
            if name in _URI_ATTRIBUTES or (name == "Type" and local_name(element) == "Password"):
                yield f"{path}/@{name}", str(value)
        if local_name(element) in _URI_ELEMENTS and not len(element) and element.text:
            yield path, str(element.text)
        elif local_name(element) == "parm" and element.get("name") in _URI_PARMS:
            yield f"{path}/@value", str(element.get("value") or "")
