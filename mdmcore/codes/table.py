"""The table of result codes, read once from ``codes.toml`` beside this module.

Keys: ``kind`` (``hresult``, ``win32`` for WinINet/WinHTTP numbers, ``http``, ``syncml``,
``alert``, ``portal``, ``sign-in``), ``code``, ``name`` of the constant where one is public,
``meaning``, ``rules`` (ids, most likely first), ``look`` (what else to look at), ``source`` and
``confidence`` (``documented``, or ``field reports`` where only people's reports say so). How codes
are found in text belongs to ``reading``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeEntry:
    """One code for people; ``rules`` are ids of the catalogue."""

    kind: str
    code: str
    meaning: str
    name: str = ""
    rules: tuple[str, ...] = ()
    look: str = ""
    source: str = ""
    confidence: str = "documented"


@cache
def code_table() -> Mapping[tuple[str, int | str], CodeEntry]:
    """All entries by kind and number; the few codes that are no number stand by their text."""
    text = resources.files("mdmcore.codes").joinpath("codes.toml").read_text(encoding="utf-8")
    table: dict[tuple[str, int | str], CodeEntry] = {}
    for row in tomllib.loads(text)["code"]:
        entry = CodeEntry(**row | {"rules": tuple(row.get("rules", ()))})
        table[entry.kind, _key(entry.code)] = entry
    return MappingProxyType(table)


def _key(code: str) -> int | str:
    if code.startswith("0x"):
        return int(code, 16)
    return int(code) if code.isdecimal() else code
