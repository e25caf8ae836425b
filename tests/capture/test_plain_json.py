"""Tables of any origin become JSON that every format keeps."""

from __future__ import annotations

import json
from typing import Any

import pytest
from mitmproxy.io import tnetstring

from mdmcore.capture.plain_json import plain_table, plain_text


@pytest.mark.parametrize(
    ("table", "plain"),
    [
        ({"a": [1, 2.5, None, True, "x"]}, {"a": [1, 2.5, None, True, "x"]}),
        ({"a": (1, {"b": ()})}, {"a": [1, {"b": []}]}),
        ({"a": b"bytes", 1: "one", "b": {1}}, {}),
        ({"a": [b"x", 1]}, {"a": [1]}),
        ({"a": float("nan"), "b": float("inf"), "c": 2**70}, {}),
        ({"a\udc80": "\udc80"}, {"a?": "?"}),
    ],
)
def test_what_is_kept(table: dict[Any, Any], plain: dict[str, Any]) -> None:
    assert plain_table(table) == plain


def test_what_is_nested_too_deeply_is_left_out() -> None:
    nested: dict[str, Any] = {}
    for _ in range(100_000):
        nested = {"a": nested}
    found = plain_table(nested)
    json.dumps(found)
    tnetstring.dumps(found)


def test_text_without_surrogates_stays() -> None:
    assert plain_text("Größe \U0001f534") == "Größe \U0001f534"
