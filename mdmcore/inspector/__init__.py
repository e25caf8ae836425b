"""Decoding, correlating and judging exchanges: the same code for live traffic and captures."""

from __future__ import annotations

from mdmcore.inspector.artifact import (
    ArtifactPart,
    ArtifactReport,
    ArtifactSettings,
    ReadProblem,
    inspect_artifact,
    subjects_of,
)
from mdmcore.inspector.inspect import Inspection, Inspector

__all__ = [
    "ArtifactPart",
    "ArtifactReport",
    "ArtifactSettings",
    "Inspection",
    "Inspector",
    "ReadProblem",
    "inspect_artifact",
    "subjects_of",
]
