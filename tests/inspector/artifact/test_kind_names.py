"""The names of kinds are part of the JSON report."""

from __future__ import annotations

import re

from mdmcore.inspector.artifact.kind_names import ArtifactKind


def test_names_are_in_kebab_case() -> None:
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", kind) for kind in ArtifactKind)


def test_names_that_others_rely_on() -> None:
    assert (ArtifactKind.CSR, ArtifactKind.CERTIFICATE) == ("csr", "certificate")
