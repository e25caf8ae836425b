"""The table of result codes, read once from ``codes.toml`` beside this module.

Keys: ``kind`` (``hresult``, ``win32`` for WinINet/WinHTTP numbers, ``http``, ``syncml``,
``alert``, ``portal``, ``event``, ``registry``, ``sign-in``), ``code``, ``name`` of the constant
(or the specification's phrase) where one is public, ``aliases`` for its other spellings,
``meaning``, ``reports`` (what people's reports add), ``phase`` of the device's life, ``rules``
(ids, most likely first), ``look`` (what else to look at), ``device`` (what only the device can
tell, before what it can tell in that phase), ``conflict`` (where public lists disagree),
``source`` and ``confidence`` (``documented``, or ``field reports`` where only people's reports say
so). How codes are found in text belongs to ``reading`` and ``text``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

type CodeKey = tuple[str, int | str]
"""Kind and number; the few codes that are no number stand by their text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeEntry:
    """One code for people; ``rules`` are ids of the catalogue. All texts are plain."""

    kind: str
    code: str
    meaning: str
    phase: str
    name: str = ""
    aliases: tuple[str, ...] = ()
    reports: str = ""
    rules: tuple[str, ...] = ()
    look: str = ""
    device: str = ""
    conflict: str = ""
    source: str = ""
    confidence: str = "documented"


@cache
def code_table() -> Mapping[CodeKey, CodeEntry]:
    """All entries by kind and number."""
    text = resources.files("mdmcore.codes").joinpath("codes.toml").read_text(encoding="utf-8")
    document = tomllib.loads(text)
    entries = (_entry(row, document["device"]) for row in document["code"])
    return MappingProxyType({(entry.kind, key_of(entry.code)): entry for entry in entries})


def key_of(code: str) -> int | str:
    """The number that a code of the table is, or its text."""
    if code.startswith("0x"):
        return int(code, 16)
    return int(code) if code.isdecimal() else code


def _entry(row: Mapping[str, Any], by_phase: Mapping[str, str]) -> CodeEntry:
    lists = {name: tuple(row.get(name, ())) for name in ("aliases", "rules")}
    device = "; ".join(text for text in (row.get("device"), by_phase.get(row["phase"])) if text)
    return CodeEntry(**{**row, **lists, "device": device})
