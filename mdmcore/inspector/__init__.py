"""Decoding, correlating and judging exchanges: the same code for live traffic and captures."""

from __future__ import annotations

from mdmcore.inspector.artifact import ArtifactReport, inspect_artifact
from mdmcore.inspector.inspect import Inspection, Inspector

__all__ = ["ArtifactReport", "Inspection", "Inspector", "inspect_artifact"]
