"""The search finds a value in every coding and in what is packed, and tells no value."""

from __future__ import annotations

import base64
import gzip
import io
import json
import zipfile
from urllib.parse import quote

import pytest

from mdmcore.capture.redact import search
from mdmcore.capture.redact.kinds import ValueKind
from mdmcore.capture.redact.search import LeakSearch

VALUE = 'grüner "Wald" & Wiese'
SEARCH = LeakSearch([(VALUE, ValueKind.SECRET)])


def zipped(data: bytes, how: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        archive.writestr("inside.txt", data)
    return out.getvalue()


def plain(before: bytes = b"") -> bytes:
    return before + VALUE.encode() + b" and more"


CODED = {
    "plain": plain(),
    "upper": VALUE.upper().encode(),
    "xml": b"<a>gr\xc3\xbcner &quot;Wald&quot; &amp; Wiese</a>",
    "percent": quote(VALUE, safe="").encode(),
    "json": json.dumps({"a": VALUE}).encode(),
    "utf-16-le": VALUE.encode("utf-16-le"),
    "utf-16-be": VALUE.encode("utf-16-be"),
    "hex": VALUE.encode().hex().encode(),
    "base64-0": base64.b64encode(plain()),
    "base64-1": base64.b64encode(plain(b"x")),
    "base64-2": base64.b64encode(plain(b"xy")),
    "base64-twice": base64.b64encode(b"z" + base64.b64encode(plain(b"xy"))),
    "base64-utf-16": base64.b64encode(b"x" + VALUE.encode("utf-16-le")),
    "gzip": b"before" + gzip.compress(plain(), mtime=0) + b"behind",
    "zip": zipped(plain()),
    "zip-in-zip": zipped(zipped(plain()), zipfile.ZIP_STORED),
    "gzip-in-zip": zipped(gzip.compress(plain(), mtime=0)),
}


@pytest.mark.parametrize("name", CODED)
def test_it_is_found_in_every_coding(name: str) -> None:
    leaks = SEARCH.in_bytes(CODED[name], "out")
    assert leaks
    assert leaks[0].place.startswith("out")
    assert "Wald" not in "".join(map(str, leaks))


def test_nothing_is_found_where_it_is_not() -> None:
    assert SEARCH.in_bytes(b"nothing of that here" * 100, "out") == []


def test_it_is_found_across_the_pieces_in_which_a_file_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(search, "_CHUNK", 4096)
    (leak,) = SEARCH.in_bytes(b"." * 8187 + VALUE.encode(), "out")
    assert leak.place == "out offset 8187"


def test_it_is_found_in_a_packed_file_that_is_too_big_to_be_held(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(search, "_MAX_PACKED", 10)
    (leak,) = SEARCH.in_bytes(zipped(b"." * 100 + VALUE.encode()), "out")
    assert leak.place == "out/inside.txt offset 100"


def test_a_short_value_inside_a_longer_word_does_not_count() -> None:
    short = LeakSearch([("anna12", ValueKind.USER)])
    assert short.in_bytes(b"xxanna12yy", "out") == []
    assert len(short.in_bytes(b"user=anna12;", "out")) == 1
