"""Mistakes of a server of packages that no nginx makes, over the wire through ``mdmproxy inspect``.

Each mistake is made with parts that the inspector keeps, and with parts that stream through it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from mitmproxy import http

from tests.support.inspecting import check_recording, inspecting, noted, read_flows, rules_on
from tests.support.raw_origin import exchange, raw_origin

pytestmark = pytest.mark.e2e

PACKAGE = b"PK\x03\x04" + b"".join(
    hashlib.sha256(str(n).encode()).digest() for n in range(2 * 1024 * 1024 // 16)
)
"""4 MB; no two blocks are alike."""
KEPT, STREAMED = 50_001, 2_000_003
"""Lengths of a part; no multiples of a block."""
XAP = {"Content-Type": "application/x-silverlight-app"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A request's headers, the answer as it is sent, and the rules that are to find something.
    ``said`` stands in the message."""

    asked: Mapping[str, str]
    sent: bytes
    rules: tuple[str, ...] = ()
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What a right server sends of a package of two parts of ``n`` bytes, unless told otherwise."""

    n: int
    package: bytes = field(repr=False)

    def part(
        self,
        first: int,
        last: int,
        *rules: str,
        told: Mapping[str, str] | None = None,
        asked: Mapping[str, str] | None = None,
        body: bytes | None = None,
        said: str = "",
    ) -> Turn:
        """A range that is asked and comes."""
        head = {
            **XAP,
            "ETag": '"1"',
            "Content-Range": f"bytes {first}-{last}/{2 * self.n}",
            **(told or {}),
        }
        return Turn(
            asked={"Range": f"bytes={first}-{last}", **(asked or {})},
            sent=answer("206 Partial Content", head, body or self.package[first : last + 1]),
            rules=rules,
            said=said,
        )

    def whole(
        self,
        *rules: str,
        told: Mapping[str, str] | None = None,
        asked: Mapping[str, str] | None = None,
        body: bytes | None = None,
        said: str = "",
    ) -> Turn:
        """All of it."""
        head = {**XAP, "ETag": '"1"', **(told or {})}
        sent = answer("200 OK", head, body or self.package)
        return Turn(asked=asked or {}, sent=sent, rules=rules, said=said)


def answer(status: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """The bytes of an answer; without a Content-Length of its own it has the right one."""
    fields = {"Content-Length": str(len(body)), **headers}
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def damaged(data: bytes, at: int) -> bytes:
    """The same with one bit turned."""
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


type Case = Callable[[Served], list[Turn]]
CASES: dict[str, Case] = {}


def case(function: Case) -> Case:
    """A case; its name is that of its path, too."""
    CASES[function.__name__] = function
    return function


@case
def right_parts_and_the_whole(of: Served) -> list[Turn]:
    n = of.n
    return [
        of.part(0, n - 1),
        of.part(n, 2 * n - 1),
        of.part(n // 2, n // 2 + n - 1),  # what both have, asked anew
        of.whole(),
        of.part(n, 2 * n - 1, asked={"If-Range": '"1"'}),
    ]


@case
def right_parts_in_chunks(of: Served) -> list[Turn]:
    def chunked(turn: Turn) -> Turn:
        head, _, body = turn.sent.partition(b"\r\n\r\n")
        head = re.sub(rb"Content-Length: \d+", b"Transfer-Encoding: chunked", head)
        parts = [body[at : at + 70_000] for at in range(0, len(body), 70_000)]
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
        return Turn(asked=turn.asked, sent=head + b"\r\n\r\n" + chunks + b"0\r\n\r\n")

    return [chunked(turn) for turn in (of.part(0, of.n - 1), of.part(of.n, 2 * of.n - 1))]


@case
def another_range_than_asked(of: Served) -> list[Turn]:
    told = {"Content-Range": f"bytes 1-{of.n}/{2 * of.n}"}
    rule = "hub-content-range-wrong"
    return [of.part(0, of.n - 1, rule, told=told, said="is not what was asked for")]


@case
def a_range_behind_the_end(of: Served) -> list[Turn]:
    told = {"Content-Range": f"bytes 0-{of.n - 1}/{of.n - 1}"}
    rule = "hub-content-range-wrong"
    return [of.part(0, of.n - 1, rule, told=told, said="ends behind the package's end")]


@case
def a_range_without_unit(of: Served) -> list[Turn]:
    rule = "hub-content-range-wrong"
    return [of.part(0, of.n - 1, rule, told={"Content-Range": f"0-{of.n - 1}"})]


@case
def fewer_bytes_than_the_range(of: Served) -> list[Turn]:
    body = of.package[: of.n - 1]
    said = f"names {of.n} bytes, {of.n - 1} came"
    return [of.part(0, of.n - 1, "hub-content-range-wrong", body=body, said=said)]


@case
def more_bytes_than_the_range(of: Served) -> list[Turn]:
    body = of.package[: of.n + 1]
    return [of.part(0, of.n - 1, "hub-content-range-wrong", body=body)]


@case
def a_part_that_is_cut(of: Served) -> list[Turn]:
    told = {"Content-Length": str(of.n)}
    cut = of.part(0, of.n - 1, "answer-truncated", told=told, body=of.package[: of.n - 9])
    return [cut, of.part(0, of.n - 1)]


@case
def parts_that_overlap(of: Served) -> list[Turn]:
    n = of.n
    told = {"Content-Range": f"bytes {n - 1000}-{2 * n - 1}/{2 * n}"}
    body = of.package[n - 1000 :]
    rule = "hub-content-range-wrong"
    overlapping = of.part(n, 2 * n - 1, rule, told=told, body=body)
    return [of.part(0, n - 1), overlapping]


@case
def several_parts_for_one_range(of: Served) -> list[Turn]:
    told = {"Content-Type": "multipart/byteranges; boundary=THIS"}
    head = f"--THIS\r\nContent-Range: bytes 0-{of.n - 1}/{2 * of.n}\r\n\r\n"
    body = head.encode() + of.package[: of.n] + b"\r\n--THIS--\r\n"
    turn = of.part(0, of.n - 1, "hub-206-multipart", told=told, body=body)
    return [Turn(asked=turn.asked, sent=without(turn.sent, "Content-Range"), rules=turn.rules)]


@case
def a_206_without_content_range(of: Served) -> list[Turn]:
    turn = of.part(0, of.n - 1)
    bare = without(turn.sent, "Content-Range")
    return [Turn(asked=turn.asked, sent=bare, rules=("hub-206-no-content-range",))]


@case
def a_range_that_is_refused(of: Served) -> list[Turn]:
    total = {"Content-Range": f"bytes */{2 * of.n}"}
    refused = "416 Range Not Satisfiable"
    rules = ("hub-416-wrong",)
    behind = {"Range": f"bytes={2 * of.n}-"}
    return [
        Turn(asked=behind, sent=answer(refused, total, b"")),
        Turn(asked=behind, sent=answer(refused, {}, b""), rules=rules, said="does not say"),
        Turn(
            asked={"Range": f"bytes={of.n}-"},
            sent=answer(refused, total, b""),
            rules=rules,
            said=f"byte {of.n} was asked for, the package has {2 * of.n}",
        ),
    ]


@case
def another_etag_in_the_middle(of: Served) -> list[Turn]:
    rule = "hub-package-changed"
    return [of.part(0, of.n - 1), of.part(of.n, 2 * of.n - 1, rule, told={"ETag": '"2"'})]


@case
def another_length_in_the_middle(of: Served) -> list[Turn]:
    told = {"Content-Range": f"bytes {of.n}-{2 * of.n - 1}/{3 * of.n}"}
    rule = "hub-package-changed"
    return [of.part(0, of.n - 1), of.part(of.n, 2 * of.n - 1, rule, told=told)]


@case
def if_range_is_ignored(of: Served) -> list[Turn]:
    asked = {"If-Range": '"0"'}
    rest = of.part(of.n, 2 * of.n - 1, "hub-if-range-ignored", asked=asked)
    return [rest, of.whole(asked={**rest.asked})]  # as it should be


@case
def wrong_bytes_in_a_part(of: Served) -> list[Turn]:
    at = of.n // 2
    body = damaged(of.package[of.n :], at)
    said = f"block at byte {(of.n + at) // 4096 * 4096} "
    rule = "hub-bytes-differ"
    wrong = of.part(of.n, 2 * of.n - 1, rule, body=body, said=said)
    return [of.whole(), of.part(0, of.n - 1), wrong]


@case
def wrong_bytes_in_the_whole(of: Served) -> list[Turn]:
    parts = [of.part(0, of.n - 1), of.part(of.n, 2 * of.n - 1)]
    body = damaged(of.package, of.n // 2)
    said = f"block at byte {of.n // 2 // 4096 * 4096} "
    return [*parts, of.whole("hub-bytes-differ", body=body, said=said)]


@case
def wrong_bytes_in_a_small_part(of: Served) -> list[Turn]:
    """Of what streams whole, a part that is kept."""
    body = damaged(of.package[of.n : of.n + 20_000], 10_000)
    return [of.whole(), of.part(of.n, of.n + 19_999, "hub-bytes-differ", body=body)]


@case
def a_part_of_another_version(of: Served) -> list[Turn]:
    """Other bytes under another ETag, from the beginning, are no mistake."""
    told = {"ETag": '"2"'}
    return [of.whole(), of.part(0, of.n - 1, told=told, body=of.package[: of.n][::-1])]


@case
def the_whole_for_a_range(of: Served) -> list[Turn]:
    return [of.whole("hub-range-ignored", asked={"Range": f"bytes={of.n}-"})]


@case
def a_package_as_text(of: Served) -> list[Turn]:
    told = {"Content-Type": "text/plain"}
    rule = "hub-content-type-wrong"
    return [of.whole(rule, told=told), of.part(0, of.n - 1, rule, told=told)]


@case
def a_page_in_its_place(of: Served) -> list[Turn]:
    page = b"\r\n<!DOCTYPE html><html><body>Sign in" + b" " * 2 * of.n + b"</body></html>"
    return [of.whole("hub-content-type-wrong", body=page, said="a web page")]


def without(sent: bytes, name: str) -> bytes:
    """The answer without that header."""
    head, blank, body = sent.partition(b"\r\n\r\n")
    return re.sub(rb"\r\n" + name.encode() + rb":[^\r]*", b"", head) + blank + body


@pytest.fixture(scope="module", params=[KEPT, STREAMED], ids=["kept", "streamed"])
def served(request: pytest.FixtureRequest) -> Served:
    return Served(n=request.param, package=PACKAGE[: 2 * request.param])


@pytest.fixture(scope="module")
def recorded(
    served: Served, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, list[http.HTTPFlow]]]:
    """All cases played through one inspector: the recording, and the flows of each case."""
    folder = tmp_path_factory.mktemp("wire")
    with (
        raw_origin() as origin,
        inspecting(folder, "--upstream", f"http://127.0.0.1:{origin.port}") as proxy,
    ):
        for name, turns in CASES.items():
            path = f"/{name}/hub.xap"
            for turn in turns(served):
                origin.answers[path.encode()] = turn.sent
                asked = {"Host": "hub.example.test", **turn.asked, "Connection": "close"}
                lines = [f"GET {path} HTTP/1.1", *(f"{key}: {asked[key]}" for key in asked)]
                exchange(proxy.port, "\r\n".join([*lines, "", ""]).encode())
    flows: dict[str, list[http.HTTPFlow]] = {name: [] for name in CASES}
    for flow in read_flows(proxy.record):
        flows[flow.request.path.split("/")[1]].append(flow)
    return proxy.record, flows


@pytest.mark.parametrize("name", CASES)
def test_exactly_what_is_wrong_is_found(
    served: Served, recorded: tuple[Path, dict[str, list[http.HTTPFlow]]], name: str
) -> None:
    turns, flows = CASES[name](served), recorded[1][name]
    assert [tuple(rules_on(flow)) for flow in flows] == [turn.rules for turn in turns]
    for turn, flow in zip(turns, flows, strict=True):
        assert all(turn.said in finding["message"] for finding in noted(flow))


def test_what_is_large_was_not_kept(
    served: Served, recorded: tuple[Path, dict[str, list[http.HTTPFlow]]]
) -> None:
    for flow in recorded[1]["right_parts_and_the_whole"] + recorded[1]["right_parts_in_chunks"]:
        assert flow.response is not None
        is_kept = flow.response.raw_content is not None
        assert is_kept == (served.n == KEPT)
        assert ("passed" in flow.metadata["mdmproxy"]) is not is_kept


def test_the_recording_tells_the_same(
    recorded: tuple[Path, dict[str, list[http.HTTPFlow]]],
) -> None:
    check_recording(recorded[0])
