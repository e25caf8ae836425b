"""The token tables, every token of them, held against libwbxml's and the digest's examples."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from mdmcore.syncml.wbxml.languages import LANGUAGES, Language
from mdmcore.syncml.wbxml.pages import DMDDF_TAGS, METINF_TAGS, SYNCML_TAGS
from tests.support.wbxml_tools import wbxml_to_xml
from tests.syncml.wbxml.vectors import wbxml


@pytest.mark.parametrize(
    ("tags", "expected", "last"),
    [
        (SYNCML_TAGS, {0x05: "Add", 0x0F: "Data", 0x2D: "SyncML", 0x31: "VerDTD"}, 0x3C),
        (METINF_TAGS, {0x05: "Anchor", 0x10: "NextNonce", 0x15: "MaxObjSize"}, 0x16),
        (DMDDF_TAGS, {0x20: "MgmtTree", 0x24: "Node", 0x25: "node", 0x39: "xml"}, 0x3C),
    ],
    ids=["syncml", "metinf", "dmddf"],
)
def test_tokens_of_the_digest(tags: dict[int, str], expected: dict[int, str], last: int) -> None:
    assert {token: tags[token] for token in expected} == expected
    assert max(tags) == last
    assert len(set(tags.values())) == len(tags)


def test_0x30_is_reserved() -> None:
    assert 0x30 not in SYNCML_TAGS


KNOWN_TO_LIBWBXML = [
    (language, page)
    for language in LANGUAGES
    for page in language.pages
    if language.root == "MgmtTree" or (language.root in {"SyncML", "DevInf"} and page < 2)
]
"""It has no table for MetInf alone, and reads page 2 in documents of its own only."""
ADDED_IN_12 = {"Field", "Filter", "Record", "FilterType", "TargetParent", "Move", "Correlator"}
NOT_OF_THEIRS = {
    0x0FD1: ADDED_IN_12
    | {"SourceParent", "NumberOfChanges", "MoreData", "MaxObjSize", "FieldLevel"},
    0x0FD2: {"UTC", "SupportNumberOfChanges", "SupportLargeObjs"},
    0x0FD3: ADDED_IN_12 | {"FieldLevel"},
}
"""libwbxml has a table for each version; SyncML only ever added tokens, so ours is the last one."""


@pytest.mark.parametrize(
    ("language", "page"),
    KNOWN_TO_LIBWBXML,
    ids=[f"{language.name} page {page}" for language, page in KNOWN_TO_LIBWBXML],
)
def test_libwbxml_has_the_same_names(language: Language, page: int, tmp_path: Path) -> None:
    others = NOT_OF_THEIRS.get(language.number or 0, set())
    known = language.pages[page].tags
    tokens = [token for token in sorted(known) if known[token] not in others]
    token = language.token(language.home, language.root)
    assert token is not None
    home = b"" if language.home == 0 else bytes([0, language.home])
    switch = b"" if page == language.home else bytes([0, page])
    table = b"" if language.number is not None else language.formal.encode() + b"\x00"
    number = language.number or 0
    public_id = b"\x00\x00" if table else bytes([0x80 | number >> 7, number & 0x7F])
    body = home + bytes([token | 0x40]) + switch + bytes(tokens) + b"\x01"
    xml = wbxml_to_xml(wbxml(body, public_id=public_id, table=table), tmp_path)
    found = etree.fromstring(xml)
    assert [etree.QName(element).localname for element in found] == [known[t] for t in tokens]
