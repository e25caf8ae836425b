"""Rules on the parts of a download: ranges, validators, bytes, types (RFC 9110 14)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from mdmcore.block_digests import blocks_of
from mdmcore.http import Headers, Request, Response
from mdmcore.inspector import Inspection
from mdmcore.passed_body import PassedBody
from tests.support.story import STORE_URL, Story, rules_of

SIZE = 300_000
PACKAGE = b"".join(n.to_bytes(4, "big") for n in range(SIZE // 4))
ETAG = '"1"'


class Download:
    """A server that answers as told, and an inspector that watches."""

    def __init__(self, profile: str = "wp8") -> None:
        self._story = Story(profile)

    def ask(
        self,
        range_: str,
        *,
        status: int = 206,
        body: bytes | None = b"",
        asked: Mapping[str, str] | None = None,
        told: Mapping[str, str] | None = None,
        passed: PassedBody | None = None,
        error: str | None = None,
    ) -> Inspection:
        headers = {"Range": range_, **(asked or {})} if range_ else dict(asked or {})
        return self._story.tell(
            Request(method="GET", url=STORE_URL, headers=Headers(headers.items())),
            Response(
                status=status, headers=Headers((told or {}).items()), body=body, passed=passed
            ),
            error=error,
        )

    def part(self, first: int, length: int, fields: Mapping[str, str] | None = None) -> Inspection:
        """A right part, but for what is given."""
        last = first + length - 1
        told = {"Content-Range": f"bytes {first}-{last}/{SIZE}", "ETag": ETAG, **dict(fields or {})}
        return self.ask(f"bytes={first}-{last}", body=PACKAGE[first : last + 1], told=told)


def test_right_parts_and_the_whole() -> None:
    download = Download()
    for first in (0, 100_000, 200_000):
        assert download.part(first, 100_000).findings == ()
    whole = download.ask("", status=200, body=PACKAGE, told={"ETag": ETAG})
    assert whole.findings == ()


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("bytes=0-", f"bytes 0-99/{SIZE}"),
        ("bytes=0-999", f"bytes 0-99/{SIZE}"),  # less than was asked
        ("bytes=0-99", "bytes 0-99/*"),
        ("bytes=-100", f"bytes {SIZE - 100}-{SIZE - 1}/{SIZE}"),
        ("bytes=0-99", f"Bytes  0-99/{SIZE}"),
    ],
)
def test_ranges_that_are_right(asked: str, text: str) -> None:
    assert Download().ask(asked, body=b"x" * 100, told={"Content-Range": text}).findings == ()


@pytest.mark.parametrize(
    ("asked", "text", "said"),
    [
        ("bytes=0-99", f"bytes 1-100/{SIZE}", "is not what was asked for"),
        ("bytes=0-98", f"bytes 0-99/{SIZE}", "is not what was asked for"),
        ("bytes=-100", f"bytes 0-99/{SIZE}", "is not what was asked for"),
        ("bytes=0-99", "bytes 0-99/99", "ends behind the package's end"),
        ("bytes=0-99", f"bytes 9-0/{SIZE}", "ends before it begins"),
        ("bytes=0-999", f"bytes 0-100/{SIZE}", "names 101 bytes, 100 came"),
        ("bytes=0-99", "0-99", "names no range of bytes"),
        ("bytes=0-99", f"bytes */{SIZE}", "names no range of bytes"),
        ("bytes=0-99", f"bytes 0-{'9' * 30}/{SIZE}", "names no range of bytes"),
        ("", f"bytes 0-98/{SIZE}", "names 99 bytes, 100 came"),
    ],
)
def test_a_content_range_that_does_not_fit(asked: str, text: str, said: str) -> None:
    found = Download().ask(asked or "bytes=0-", body=b"x" * 100, told={"Content-Range": text})
    assert rules_of(found.findings) == {"hub-content-range-wrong"}
    assert said in found.findings[0].message
    assert found.findings[0].places[0].where["header"] == "Content-Range"


def test_a_body_that_was_not_recorded_counts_as_announced() -> None:
    download = Download()
    fields = {"Content-Range": f"bytes 0-99/{SIZE}"}
    assert (
        download.ask("bytes=0-99", body=None, told={"Content-Length": "100", **fields}).findings
        == ()
    )
    found = download.ask("bytes=0-99", body=None, told={"Content-Length": "99", **fields})
    assert rules_of(found.findings) == {"hub-content-range-wrong"}


def test_a_body_that_passed_counts_as_it_came() -> None:
    fields = {"Content-Range": f"bytes 0-99/{SIZE}", "Transfer-Encoding": "chunked"}
    for length, message in ((100, []), (99, ["Content-Range names 100 bytes, 99 came"])):
        passed = PassedBody(length=length)
        found = Download().ask("bytes=0-99", body=None, told=fields, passed=passed)
        assert [finding.message for finding in found.findings] == message


def test_what_was_broken_off_is_no_wrong_range() -> None:
    passed = PassedBody(length=50, is_whole=False)
    fields = {"Content-Range": f"bytes 0-99/{SIZE}", "Content-Length": "100"}
    error = "Client disconnected."
    found = Download().ask("bytes=0-99", body=None, told=fields, passed=passed, error=error)
    assert found.findings == ()


def test_a_range_of_a_coded_package_is_one_of_the_coded_bytes() -> None:
    fields = {"Content-Range": "bytes 0-99/900", "Content-Encoding": "gzip"}
    for length, rules in (("100", set()), ("99", {"hub-content-range-wrong"})):
        told = {**fields, "Content-Length": length}
        found = Download().ask("bytes=0-99", body=b"decoded" * 100, told=told)
        assert rules_of(found.findings) == rules


def test_several_parts_for_one_range() -> None:
    kind = "multipart/byteranges; boundary=x"
    found = Download().ask("bytes=0-99", body=b"--x", told={"Content-Type": kind})
    assert rules_of(found.findings) == {"hub-206-multipart"}
    assert (
        Download().ask("bytes=0-9,50-59", body=b"--x", told={"Content-Type": kind}).findings == ()
    )


def test_416_for_what_is_behind_the_end_is_right() -> None:
    found = Download().ask("bytes=300000-", status=416, told={"Content-Range": f"bytes */{SIZE}"})
    assert found.findings == ()


@pytest.mark.parametrize("fields", [{}, {"Content-Range": "bytes */*"}, {"Content-Range": "x"}])
def test_416_without_the_length(fields: dict[str, str]) -> None:
    found = Download().ask("bytes=300000-", status=416, told=fields)
    assert rules_of(found.findings) == {"hub-416-wrong"}
    assert "does not say how long" in found.findings[0].message


def test_416_for_a_range_that_is_there() -> None:
    found = Download().ask("bytes=100-", status=416, told={"Content-Range": f"bytes */{SIZE}"})
    assert "byte 100 was asked for, the package has 300000" in found.findings[0].message
    download = Download()
    download.part(0, 100)
    assert "the package has" in download.ask("bytes=100-", status=416).findings[0].message


@pytest.mark.parametrize(
    ("first", "later", "header"),
    [
        ({"ETag": '"1"'}, {"ETag": '"2"'}, "ETag"),
        (
            {"Last-Modified": "Mon, 02 Nov 2026 00:00:00 GMT"},
            {"Last-Modified": "Tue, 03 Nov 2026 00:00:00 GMT"},
            "Last-Modified",
        ),
        ({}, {"Content-Range": f"bytes 100000-199999/{SIZE - 1}"}, "Content-Range"),
    ],
)
def test_another_package_in_the_middle(
    first: dict[str, str], later: dict[str, str], header: str
) -> None:
    download = Download()
    assert download.part(0, 100_000, first).findings == ()
    found = download.part(100_000, 100_000, later)
    assert rules_of(found.findings) == {"hub-package-changed"}
    assert found.findings[0].places[0].where["header"] == header


def test_a_new_version_from_its_beginning_is_a_new_download() -> None:
    download = Download()
    download.part(0, 100_000)
    assert download.part(0, 100_000, {"ETag": '"2"'}).findings == ()
    assert download.part(100_000, 100_000, {"ETag": '"2"'}).findings == ()


@pytest.mark.parametrize(
    ("wanted", "etag", "is_found"),
    [
        ('"1"', '"1"', False),
        ('"2"', '"1"', True),
        ('W/"1"', '"1"', True),
        ("Mon, 02 Nov 2026 00:00:00 GMT", '"1"', False),
        ('"1"', "", False),
    ],
)
def test_if_range(wanted: str, etag: str, is_found: bool) -> None:
    found = Download().ask(
        "bytes=100-199",
        body=b"x" * 100,
        asked={"If-Range": wanted},
        told={
            "Content-Range": f"bytes 100-199/{SIZE}",
            **({"ETag": etag} if etag else {}),
        },
    )
    assert rules_of(found.findings) == ({"hub-if-range-ignored"} if is_found else set())


@pytest.mark.parametrize("order", ["part first", "whole first"])
def test_other_bytes_than_before(order: str) -> None:
    damaged = bytearray(PACKAGE)
    damaged[150_000] ^= 1
    download = Download()
    if order == "part first":
        download.part(100_001, 99_999)
        found = download.ask("", status=200, body=bytes(damaged), told={"ETag": ETAG})
    else:
        download.ask("", status=200, body=bytes(damaged), told={"ETag": ETAG})
        found = download.part(100_001, 99_999)
    assert rules_of(found.findings) == {"hub-bytes-differ"}
    assert found.findings[0].places[0].where["offset"] == str(150_000 // 4096 * 4096)


def test_other_bytes_of_a_part_that_was_not_kept() -> None:
    download = Download()
    download.part(0, 100_000)
    damaged = PACKAGE[:50_000] + b"?" + PACKAGE[50_001:]
    passed = PassedBody(length=SIZE, blocks=blocks_of(damaged))
    found = download.ask("", status=200, body=None, told={"ETag": ETAG}, passed=passed)
    assert rules_of(found.findings) == {"hub-bytes-differ"}
    assert found.findings[0].places[0].where["offset"] == str(50_000 // 4096 * 4096)


def test_other_bytes_of_another_version_are_right() -> None:
    download = Download()
    download.ask("", status=200, body=PACKAGE, told={"ETag": ETAG})
    assert download.ask("", status=200, body=PACKAGE[::-1], told={"ETag": '"2"'}).findings == ()


def test_the_whole_instead_of_the_rest() -> None:
    found = Download().ask("bytes=100-", status=200, body=PACKAGE)
    assert rules_of(found.findings) == {"hub-range-ignored"}
    assert found.findings[0].severity == "info"
    assert Download().ask("bytes=0-99", status=200, body=PACKAGE).findings == ()
    changed = Download().ask("bytes=9-", status=200, body=PACKAGE, asked={"If-Range": '"0"'})
    assert changed.findings == ()


@pytest.mark.parametrize(
    ("kind", "is_found"),
    [
        ("text/html; charset=utf-8", True),
        ("text/plain", True),
        ("application/octet-stream", False),
        ("application/x-silverlight-app", False),
        ("", False),
    ],
)
def test_a_package_as_text(kind: str, is_found: bool) -> None:
    fields = {"Content-Type": kind} if kind else {}
    found = Download().part(0, 100, fields)
    assert rules_of(found.findings) == ({"hub-content-type-wrong"} if is_found else set())


PAGE = b"\xef\xbb\xbf\r\n<!DOCTYPE html><html>Sign in</html>"


@pytest.mark.parametrize("is_kept", [True, False])
@pytest.mark.parametrize(
    ("status", "first", "body", "is_found"),
    [
        (200, 0, PAGE, True),
        (206, 0, PAGE, True),
        (206, 100, PAGE, False),  # in the middle of a package anything may stand
        (200, 0, b"PK\x03\x04", False),
        (200, 0, b"", False),
    ],
)
def test_a_page_in_the_place_of_the_package(
    status: int, first: int, body: bytes, is_found: bool, is_kept: bool
) -> None:
    last = first + len(body) - 1
    fields = {"Content-Type": "application/x-silverlight-app"}
    if status == 206:
        fields["Content-Range"] = f"bytes {first}-{last}/{SIZE}"
    found = Download().ask(
        f"bytes={first}-{last}" if status == 206 else "",
        status=status,
        body=body if is_kept else None,
        told=fields,
        passed=None if is_kept else PassedBody(length=len(body), beginning=body),
    )
    assert rules_of(found.findings) == ({"hub-content-type-wrong"} if is_found else set())


def test_a_body_of_which_nothing_is_known_is_no_page() -> None:
    assert Download().ask("", status=200, body=None).findings == ()
