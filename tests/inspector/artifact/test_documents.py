"""The provisioning documents in loose files of every form."""

from __future__ import annotations

import base64

import pytest

from mdmcore.inspector.artifact.documents import documents_of
from tests.support.artifacts import aetx, rst, rstrc
from tests.support.story import document


@pytest.mark.parametrize(
    "data",
    [
        document(),
        base64.b64encode(document()),
        rstrc(),
        b"HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\n\r\n" + rstrc(),
        document().replace(b"<", b"&lt;").replace(b">", b"&gt;"),
    ],
    ids=["document", "base64", "rstrc", "http", "escaped"],
)
def test_a_document_is_found_in_whatever_it_is_wrapped(data: bytes) -> None:
    (found,) = documents_of(data, name="file")
    assert found.part is not None
    assert found.part.account is not None
    assert [each.key for each in found.part.registry_schedules] == [
        r"HKLM\Software\Microsoft\Enrollment\OmaDmRetry"
    ]
    assert found.report.profile == "wp8"


@pytest.mark.parametrize("data", [rst(), b"", b"\x00\x01", b"hello"])
def test_what_has_no_document_has_a_report_all_the_same(data: bytes) -> None:
    (found,) = documents_of(data, name="file")
    assert found.part is None


def test_each_object_of_a_file_stands_beside_its_document() -> None:
    found = documents_of(aetx() + b"\n" + rst() + b"\n" + rstrc(), name="file")
    assert [each.report.kind for each in found] == ["aetx", "rst", "rstrc"]
    assert [each.part is not None for each in found] == [False, False, True]
