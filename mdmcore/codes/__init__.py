"""Result codes that devices, consoles and logs show: what they mean, and what to look for."""

from __future__ import annotations

from mdmcore.codes.names import alert_name, code_words, fault_entry, status_name
from mdmcore.codes.reading import Reading, read_code
from mdmcore.codes.table import CodeEntry, code_table, key_of
from mdmcore.codes.text import read_codes

__all__ = [
    "CodeEntry",
    "Reading",
    "alert_name",
    "code_table",
    "code_words",
    "fault_entry",
    "key_of",
    "read_code",
    "read_codes",
    "status_name",
]
