"""Reports: the analysis of captures, as JSON, as text, and as a timeline."""

from mdmcore.report.analysis import Analysis, Row, analyze
from mdmcore.report.artifact_text import write_artifacts_text
from mdmcore.report.exit_code import exit_code
from mdmcore.report.json import AnalysisWriter, write_artifacts_json, write_json
from mdmcore.report.text import TextReport, write_text, write_text_summary
from mdmcore.report.timeline import timeline_line

__all__ = [
    "Analysis",
    "AnalysisWriter",
    "Row",
    "TextReport",
    "analyze",
    "exit_code",
    "timeline_line",
    "write_artifacts_json",
    "write_artifacts_text",
    "write_json",
    "write_text",
    "write_text_summary",
]
