"""Defaults of the settings: nothing is forced, shown or compared."""

from __future__ import annotations

from mdmcore.inspector.artifact.values import ArtifactReport, ArtifactSettings


def test_nothing_is_asked_for_by_default() -> None:
    settings = ArtifactSettings()
    assert (settings.profile, settings.now, settings.aetx) == ("auto", None, None)
    assert not settings.is_shown
    assert not settings.mask.show_secrets


def test_a_report_needs_a_name_a_kind_and_a_summary() -> None:
    report = ArtifactReport(name="x", kind="csr", summary="s")
    assert (report.findings, report.parts, report.problem) == ((), (), None)
