"""The ways of comparing a value that was written with the one read back (``compare``)."""

from __future__ import annotations

from enum import StrEnum


class Compare(StrEnum):
    """How two values are compared; ``auto`` goes by what the node holds."""

    AUTO = "auto"
    RAW = "raw"
    TRIMMED = "trimmed"
    XML = "xml"
    NUMBER = "number"
