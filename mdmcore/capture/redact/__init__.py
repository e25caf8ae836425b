"""Redacting captures: consistent pseudonyms instead of secrets and persons, the same findings."""

from __future__ import annotations

from mdmcore.capture.redact.keys import KeySource
from mdmcore.capture.redact.pseudonyms import MIN_KEY_BYTES
from mdmcore.capture.redact.redactor import Redactor
from mdmcore.capture.redact.search import Leak, LeakSearch
from mdmcore.capture.redact.tally import LeftOut, Tally

__all__ = ["MIN_KEY_BYTES", "KeySource", "Leak", "LeakSearch", "LeftOut", "Redactor", "Tally"]
