"""Public identifiers, roots and versions."""

from __future__ import annotations

import pytest

from mdmcore.namespaces import DEVINF, SYNCML_10, SYNCML_11, SYNCML_12
from mdmcore.syncml.wbxml.languages import (
    LANGUAGES,
    language_by_root,
    language_for,
    language_of,
    versioned,
)


@pytest.mark.parametrize(
    ("number", "formal", "root", "namespace"),
    [
        (0x0FD1, "-//SYNCML//DTD SyncML 1.0//EN", "SyncML", SYNCML_10),
        (0x0FD2, "-//SYNCML//DTD DevInf 1.0//EN", "DevInf", DEVINF),
        (0x0FD3, "-//SYNCML//DTD SyncML 1.1//EN", "SyncML", SYNCML_11),
        (0x0FD4, "-//SYNCML//DTD DevInf 1.1//EN", "DevInf", DEVINF),
        (0x1201, "-//SYNCML//DTD SyncML 1.2//EN", "SyncML", SYNCML_12),
        (0x1202, "-//SYNCML//DTD MetInf 1.2//EN", "MetInf", "syncml:metinf"),
        (0x1203, "-//SYNCML//DTD DevInf 1.2//EN", "DevInf", DEVINF),
        (None, "-//SYNCML//DTD MetInf 1.1//EN", "MetInf", "syncml:metinf"),
        (None, "-//OMA//DTD-DM-DDF 1.2//EN", "MgmtTree", "syncml:dmddf1.2"),
    ],
)
def test_the_identifiers_of_the_digest(
    number: int | None, formal: str, root: str, namespace: str
) -> None:
    for public_id in (number, formal, formal.upper()):
        if public_id is not None:
            language = language_of(public_id)
            assert language is not None
            assert (language.root, language.namespace) == (root, namespace)
            assert language.token(language.home, root) is not None


@pytest.mark.parametrize("public_id", [0, 1, 0x04, "", "-//SYNCML//DTD SyncML 1.3//EN"])
def test_others_are_not_known(public_id: int | str) -> None:
    assert language_of(public_id) is None


def test_the_root_tells_where_the_identifier_does_not() -> None:
    for name, page in (("SyncML", 0), ("DevInf", 0), ("MetInf", 0), ("MetInf", 1), ("MgmtTree", 2)):
        language = language_by_root(1, name, page)
        assert language is not None
        assert language.root == name
    assert language_by_root(1, "SyncML", None) is None
    assert language_by_root(1, "Add", 0) is None


def test_verdtd_tells_the_version() -> None:
    found = language_for("DevInf", DEVINF, "1.1")
    assert found is not None
    assert found.number == 0x0FD4
    assert versioned(found, "1.2").number == 0x1203
    assert versioned(found, "7") is found
    assert language_for("DevInf", "urn:other", "1.1") is None


def test_no_two_languages_share_an_identifier() -> None:
    numbers = [one.number for one in LANGUAGES if one.number is not None]
    assert len(set(numbers)) == len(numbers)
    assert len({one.formal for one in LANGUAGES}) == len(LANGUAGES)
