"""Judging loose files: everything of the enrolment half that people pass around by hand."""

from __future__ import annotations

from mdmcore.inspector.artifact.inspect import inspect_artifact
from mdmcore.inspector.artifact.subjects import subjects_of
from mdmcore.inspector.artifact.values import (
    ArtifactPart,
    ArtifactReport,
    ArtifactSettings,
    ReadProblem,
)

__all__ = [
    "ArtifactPart",
    "ArtifactReport",
    "ArtifactSettings",
    "ReadProblem",
    "inspect_artifact",
    "subjects_of",
]
