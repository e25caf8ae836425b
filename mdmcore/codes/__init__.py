"""Result codes that devices, consoles and logs show: what they mean, and what to look for."""

from __future__ import annotations

from mdmcore.codes.reading import Reading, read_code, read_codes
from mdmcore.codes.table import CodeEntry, code_table

__all__ = ["CodeEntry", "Reading", "code_table", "read_code", "read_codes"]
