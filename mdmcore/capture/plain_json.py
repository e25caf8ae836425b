"""Tables of whatever origin as plain JSON that any format can keep.

Metadata of a flow may be anything that a script of somebody's put there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

_MAX_DEPTH = 20
_MAX_NUMBER = 2**63


def plain_table(table: Mapping[Any, Any]) -> dict[str, Any]:
    """The table with text, numbers, truth values, lists and tables alone, none nested deeper than
    20; what is no JSON is left out, and lone surrogates become question marks."""
    result: dict[str, Any] = {}
    _fill(result, table, 0)
    return result


def plain_text(text: str) -> str:
    """The text without lone surrogates, which strict readers refuse."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _fill(result: dict[str, Any], table: Mapping[Any, Any], depth: int) -> None:
    for name, value in table.items():
        if isinstance(name, str) and _is_plain(value, depth):
            result[plain_text(name)] = _plain(value, depth)


def _is_plain(value: object, depth: int) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, int):
        return abs(value) < _MAX_NUMBER
    if isinstance(value, Mapping | list | tuple):
        return depth < _MAX_DEPTH
    return value is None or isinstance(value, str)


def _plain(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, Mapping):
        result: dict[str, Any] = {}
        _fill(result, value, depth + 1)
        return result
    if isinstance(value, list | tuple):
        return [_plain(each, depth + 1) for each in value if _is_plain(each, depth + 1)]
    return value
