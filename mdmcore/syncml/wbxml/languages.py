"""The document types that may come as WBXML: public identifiers, roots, namespaces, code pages.

Sources: wbxml.md section 4. A public identifier is a number, or a formal text in the string table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mdmcore.namespaces import DEVINF, DMDDF_12, METINF, SYNCML_10, SYNCML_11, SYNCML_12
from mdmcore.syncml.wbxml.pages import (
    DEVINF_11_TAGS,
    DEVINF_12_TAGS,
    DMDDF_TAGS,
    METINF_TAGS,
    SYNCML_TAGS,
    Tags,
)

UNKNOWN_PUBLIC_ID = 1
"""The number that a document of unknown or unnamed type has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A code page: the namespace of its elements, and their names by token."""

    namespace: str
    tags: Tags
    tokens: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A document type. ``number`` is ``None`` where only the formal text exists.

    ``home`` is the code page of the root and of the elements around it.
    """

    name: str
    number: int | None
    formal: str
    root: str
    home: int
    pages: Mapping[int, Page]

    @property
    def namespace(self) -> str:
        """The root's namespace."""
        return self.pages[self.home].namespace

    def tag(self, page: int, token: int) -> str | None:
        """The name of a token, ``None`` when page or token are not known."""
        known = self.pages.get(page)
        return None if known is None else known.tags.get(token)

    def token(self, page: int, name: str) -> int | None:
        """The token of a name, ``None`` when page or name are not known."""
        known = self.pages.get(page)
        return None if known is None else known.tokens.get(name)


def _page(namespace: str, tags: Tags) -> Page:
    tokens = MappingProxyType({name: token for token, name in tags.items()})
    return Page(namespace=namespace, tags=tags, tokens=tokens)


_METINF = _page(METINF, METINF_TAGS)
_DMDDF = _page(DMDDF_12, DMDDF_TAGS)


def _syncml(version: str, number: int, namespace: str) -> Language:
    return Language(
        name=f"SyncML {version}",
        number=number,
        formal=f"-//SYNCML//DTD SyncML {version}//EN",
        root="SyncML",
        home=0,
        pages=MappingProxyType({0: _page(namespace, SYNCML_TAGS), 1: _METINF, 2: _DMDDF}),
    )


def _devinf(version: str, number: int, tags: Tags) -> Language:
    return Language(
        name=f"DevInf {version}",
        number=number,
        formal=f"-//SYNCML//DTD DevInf {version}//EN",
        root="DevInf",
        home=0,
        pages=MappingProxyType({0: _page(DEVINF, tags)}),
    )


def _metinf(version: str, number: int | None) -> Language:
    # Whether such a document switches to page 1 first is not told anywhere: both are read.
    return Language(
        name=f"MetInf {version}",
        number=number,
        formal=f"-//SYNCML//DTD MetInf {version}//EN",
        root="MetInf",
        home=1,
        pages=MappingProxyType({1: _METINF, 0: _METINF}),
    )


DMDDF = Language(
    name="DM DDF 1.2",
    number=None,
    formal="-//OMA//DTD-DM-DDF 1.2//EN",
    root="MgmtTree",
    home=2,
    pages=MappingProxyType({2: _DMDDF}),
)
SYNCML = _syncml("1.2", 0x1201, SYNCML_12)
_METINF_12 = _metinf("1.2", 0x1202)
_DEVINF_12 = _devinf("1.2", 0x1203, DEVINF_12_TAGS)
LANGUAGES = (
    _syncml("1.0", 0x0FD1, SYNCML_10),
    _devinf("1.0", 0x0FD2, DEVINF_11_TAGS),
    _syncml("1.1", 0x0FD3, SYNCML_11),
    _devinf("1.1", 0x0FD4, DEVINF_11_TAGS),
    _metinf("1.0", None),
    _metinf("1.1", None),
    SYNCML,
    _METINF_12,
    _DEVINF_12,
    DMDDF,
)
ROOTS = (SYNCML, _DEVINF_12, _METINF_12, DMDDF)
"""What to try, by the root's tag, for a document without a known public identifier."""


def language_of(public_id: int | str) -> Language | None:
    """The language of a public identifier, number or formal text (without case)."""
    for language in LANGUAGES:
        if isinstance(public_id, str):
            if language.formal.lower() == public_id.strip().lower():
                return language
        elif language.number == public_id:
            return language
    return None


def language_for(root: str, namespace: str, version: str) -> Language | None:
    """The language of an XML document; by ``version`` (its VerDTD) where the namespace, like that
    of DevInf, tells none."""
    found = [one for one in LANGUAGES if (one.root, one.namespace) == (root, namespace)]
    for language in found:
        if language.name.endswith(f" {version}"):
            return language
    return found[-1] if found else None


def language_by_root(public_id: int | str, name: str, page: int | None) -> Language | None:
    """The language of a public identifier, or else of the root's name on its page."""
    known = language_of(public_id)
    if known is not None or page is None:
        return known
    roots = (one for one in ROOTS if one.root == name and one.token(page, name) is not None)
    return next(roots, None)


def versioned(language: Language, version: str) -> Language:
    """The language with the same root whose version (a VerDTD) this is; itself if there is none."""
    same = (one for one in LANGUAGES if one.root == language.root)
    return next((one for one in same if one.name.endswith(f" {version}")), language)
